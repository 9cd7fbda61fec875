"""Reading what is proven: receipts, passports, and the network that a page checks them against."""

import gzip
import re
import time
from collections import OrderedDict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from chain_service.chain import rpc
from chain_service.db import reading
from chain_service.errors import Problem
from chain_service.items.resolver import item_of
from chain_service.kit import canonical
from chain_service.kit.digital_link import Item
from chain_service.partners import service as partners
from chain_service.verification import examples, passport, repository

router = APIRouter(tags=["Verification"])
_DIGEST = re.compile(r"0x[0-9a-f]{64}")
RETRY_SECONDS = 1


@router.get("/v1/receipts/{key:path}", responses=examples.RECEIPT)
def receipt(
    request: Request,
    key: str,
    declaration: Annotated[int, Query(ge=0, le=1, description="1: of the declaration of an error")] = 0,
) -> Response:
    """The receipt of a statement, by its eventID (percent-encoded) or its digest. `202` while it waits for its seal."""
    state = request.app.state
    with reading(state.engine) as connection:
        row = repository.by_digest(connection, key) if _DIGEST.fullmatch(key) else None
        row = row or repository.by_event_id(connection, key, bool(declaration))
    if row is None:
        raise Problem(
            404, "no-such-receipt", "No such receipt", "No statement of this eventID or digest is known here."
        )
    body = canonical.dumps(repository.assemble(state.engine, state.network, row))
    headers = {} if row.sealed else {"Retry-After": str(RETRY_SECONDS)}
    return Response(body, 200 if row.sealed else 202, headers, "application/json")


@router.get("/v1/passports/{digital_link_path:path}", responses=examples.PASSPORT)
async def passports(request: Request) -> Response:
    """The passport of the item that a Digital Link path names, such as 01/09521234543213/21/A1."""
    kept: Passports = request.app.state.passports
    plain, compressed = kept.fresh(request) or await kept.make(request)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/json")
    return Response(plain, headers=headers, media_type="application/json")


class Passports:
    """Passports as bytes, kept for a second: many scans cost one reading, and nothing altered stays hidden."""

    SECONDS = 1.0
    MOST = 1000

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, tuple[float, tuple[bytes, bytes]]] = OrderedDict()

    def fresh(self, request: Request) -> tuple[bytes, bytes] | None:
        """The kept bytes, plain and compressed, unless they are older than a second."""
        found = self._kept.get(request.scope["raw_path"])
        return found[1] if found and time.monotonic() - found[0] < self.SECONDS else None

    async def make(self, request: Request) -> tuple[bytes, bytes]:
        """The passport made anew. Raises Problem 400 for a malformed link, 404 for an item never issued."""
        both = await run_in_threadpool(self._make, request.app.state, item_of(request, "/v1/passports"))
        self._kept[request.scope["raw_path"]] = (time.monotonic(), both)
        self._kept.move_to_end(request.scope["raw_path"])
        while len(self._kept) > self.MOST:
            self._kept.popitem(last=False)
        return both

    @staticmethod
    def _make(state: Any, item: Item) -> tuple[bytes, bytes]:
        with reading(state.engine) as connection:
            content = passport.assemble(state.engine, connection, state.network, item)
        if content is None:
            raise Problem(404, "never-issued", "This code was never issued", "Nothing is known here of this item.")
        plain = canonical.dumps(content)
        return plain, gzip.compress(plain, 6)


@router.get("/v1/network", responses=examples.NETWORK)
def network(request: Request) -> dict[str, Any]:
    """The network this service belongs to: what a page compares receipts with, and where it reads the chain."""
    state = request.app.state
    settings = state.settings
    with reading(state.engine) as connection:
        operator = partners.name_of(connection, settings.operator)
    return {
        "network": state.network.network,
        "chainId": state.network.chainId,
        "contracts": state.network.contracts,
        "rpc": [*settings.public_nodes, "/rpc"],
        "operator": {"partner": settings.operator, "name": operator, "address": state.operator},
        "members": settings.members,
    }


@router.post("/rpc", responses=examples.RPC)
async def json_rpc(request: Request) -> Response:
    """A few read methods of the chain's node, for pages: JSON-RPC 2.0, single or in batches."""
    return JSONResponse(await rpc.answer(request))
