"""The body of a request, never longer than it may be and never parsed before its sender is known."""

from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from chain_service.errors import Problem
from chain_service.kit import canonical


class TooLong(Problem):
    """More bytes than a request of its kind may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, "too-large", "The request is too large", f"At most {limit} bytes are taken here.")


async def read(request: Request, limit: int) -> bytes:
    """The whole body. Raises TooLong as soon as more than `limit` bytes have come."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise TooLong(limit)
    return bytes(data)


async def json(request: Request, limit: int) -> Any:
    """The whole body, which is sent as JSON, read strictly. Raises Problem 400, 413 or 415.

    Only JSON: the forms of other sites' pages can't send it without asking first.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        detail = "Send JSON, with the header 'Content-Type: application/json'."
        raise Problem(415, "unsupported-media-type", "The body is not JSON", detail)
    return await run_in_threadpool(parsed, await read(request, limit))


def parsed(data: bytes) -> Any:
    """JSON, read strictly. Raises Problem 400 with the place of what is wrong."""
    try:
        return canonical.parse(data)
    except canonical.InvalidJson as error:
        place = {"pointer" if error.place.startswith("/") else "place": error.place} if error.place else {}
        errors = [{**place, "detail": error.reason}]
        raise Problem(400, "not-json", "The body is not the JSON that is due", error.reason, errors) from None
