"""The body of a request, never longer than it may be and never parsed before its sender is known."""

from fastapi import Request

from chain_service.errors import Problem


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
