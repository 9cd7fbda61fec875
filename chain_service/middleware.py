"""What holds for every answer: HEAD where there is GET, reading from other origins, compression, safe headers."""

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_service import body
from chain_service.verification import kept

SMALLEST_COMPRESSED = 1024  # bytes
EXPOSED = ("Link", "Location", "Retry-After")


def install(app: FastAPI) -> None:
    """Adds the middleware; what is added last is outermost.

    Pages of other members read our receipts and our chain, and a GS1-conformant resolver supports CORS. A token is
    sent on purpose and never by the browser, so that any origin may ask.
    """
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED, compresslevel=6)
    app.add_middleware(kept.Answering)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "GS1-Capture-Error-Behaviour", "Idempotency-Key"],
        expose_headers=EXPOSED,
    )
    app.add_middleware(_Outermost)


def _limit(scope: Scope) -> int | None:
    """How many bytes the largest request may have; each endpoint knows its own limit. None where that is not known."""
    if "app" not in scope:
        return None
    settings = scope["app"].state.settings
    most: int = max(settings.import_max_bytes, settings.max_document_bytes)
    return most


class _Outermost:
    """Answers HEAD as GET without the body (RFC 9110 section 9.3.2) and keeps browsers from guessing content types.

    No page of ours may stand in a frame: one could be led to sign there. A page's copy under /static stays inert.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        limit = _limit(scope)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if limit is not None and received > limit:
                raise body.TooLong(limit)
            return message

        async def passed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("X-Content-Type-Options", "nosniff")
                if not any(name in headers for name in EXPOSED):  # the page's forty files pay for every line
                    del headers["Access-Control-Expose-Headers"]
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if head else scope, counted, passed)
