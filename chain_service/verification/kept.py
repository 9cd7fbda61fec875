"""Passports as bytes, kept for a second: many scans cost one reading, and nothing altered stays hidden for longer."""

import asyncio
import json
import time
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_service.errors import Problem
from chain_service.items.resolver import item_of
from chain_service.kit.content_coding import CODINGS, best, encoded
from chain_service.kit.digital_link import Item
from chain_service.verification import passport

PREFIX = "/v1/passports"
Encodings = dict[str, bytes]  # by content coding: identity, gzip, br


class Passports:
    """What was made within the last second, by the path it was asked for."""

    SECONDS = 1.0

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[float, Encodings]] = {}  # the oldest first
        self._making: dict[bytes, asyncio.Task[Encodings]] = {}

    def fresh(self, path: bytes) -> Encodings | None:
        """The kept passport, unless it is older than a second."""
        found = self._kept.get(path)
        return found[1] if found and time.monotonic() - found[0] < self.SECONDS else None

    async def make(self, request: Request, reader: str | None) -> Encodings:
        """The passport made anew: for everybody once for all who ask at the same time, else for `reader` (a DID) alone.

        Raises Problem 400 for a malformed link, 404 for an item never issued.
        """
        if reader is not None:
            return await run_in_threadpool(_encoded, request.app.state, item_of(request, PREFIX), reader)
        path = request.scope["raw_path"]
        if path not in self._making:
            self._making[path] = asyncio.create_task(self._made(request))
            self._making[path].add_done_callback(lambda _: self._making.pop(path))
        return await asyncio.shield(self._making[path])

    async def _made(self, request: Request) -> Encodings:
        began = time.monotonic()
        made = await run_in_threadpool(_encoded, request.app.state, item_of(request, PREFIX))
        for path in [path for path, (since, _) in self._kept.items() if began - since >= self.SECONDS]:
            del self._kept[path]
        self._kept.pop(request.scope["raw_path"], None)
        self._kept[request.scope["raw_path"]] = (began, made)
        return made


class Answering:
    """Middleware that answers for a passport that is kept; finding the route would cost more than the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(PREFIX):
            headers = Headers(scope=scope)
            nobody = "authorization" not in headers and "cookie" not in headers
            made = scope["app"].state.passports.fresh(scope["raw_path"]) if nobody else None
            if made is not None:
                await response(made, headers.get("accept-encoding", ""))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def response(made: Encodings, accepted: str, shared: bool = True) -> Response:
    """The answer for a client whose Accept-Encoding is `accepted`; `shared` where it is the same for everybody."""
    encoding = best(accepted)
    caching = "no-cache" if shared else "private, no-store"
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding, Authorization, Cookie"}
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    return Response(made[encoding], headers=headers, media_type="application/json")


def _encoded(state: Any, item: Item, reader: str | None = None) -> Encodings:
    content = passport.assemble(state.engine, state.vault, state.network, item, reader)
    if content is None:
        raise Problem(404, "never-issued", "This code was never issued", "Nothing is known here of this item.")
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return {coding: encoded(plain, coding, once=True) for coding in CODINGS}
