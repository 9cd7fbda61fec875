"""Reading what is proven: receipts, passports, and the network that a page checks them against."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chain_service.chain import rpc
from chain_service.db import reading
from chain_service.errors import Problem
from chain_service.events import addresses
from chain_service.kit import canonical
from chain_service.partners import service as partners
from chain_service.partners.access import Acting
from chain_service.verification import examples, repository
from chain_service.verification.kept import Passports, response

router = APIRouter(tags=["Verification"])
_DIGEST = re.compile(r"0x[0-9a-f]{64}")
RETRY_SECONDS = 1


@router.get("/v1/receipts/{key:path}", responses=examples.RECEIPT)
def receipt(
    request: Request,
    actor: Acting,
    key: str,
    declaration: Annotated[int, Query(ge=0, le=1, description="1: of the declaration of an error")] = 0,
    partner: Annotated[
        str | None, Query(description="the DID of the partner whose statement is preferred, where several made one")
    ] = None,
) -> Response:
    """The receipt of a statement, by its eventID (percent-encoded) or its digest. `202` while it waits for its seal.

    `404` also for one that is erased, or not for who asks: that it exists is not told either.
    """
    state = request.app.state
    key = addresses.named_by(request, "/v1/receipts/")
    with reading(state.engine) as connection:
        parts = repository.by_digest(connection, state.vault, key, actor.reads_as) if _DIGEST.fullmatch(key) else None
        if parts is None and "\0" not in (partner or ""):  # PostgreSQL refuses it even in a question
            wanted = (key, bool(declaration), actor.reads_as, partner)
            parts = repository.by_event_id(connection, state.vault, *wanted)
    if parts is None:
        raise Problem(
            404, "no-such-receipt", "No such receipt", "No statement of this eventID or digest is known here."
        )
    body = canonical.dumps(repository.assemble(state.engine, state.network, parts))
    headers = {"Cache-Control": "no-store" if actor.reads_as else "no-cache", "Vary": "Authorization, Cookie"}
    if not parts.row.sealed:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return Response(body, 200 if parts.row.sealed else 202, headers, "application/json")


@router.get("/v1/passports/{digital_link_path:path}", responses=examples.PASSPORT)
async def passports(request: Request, actor: Acting, digital_link_path: str) -> Response:
    """The passport of the item that a Digital Link path names, such as 01/09521234543213/21/A1.

    A step that is not for who asks is `undisclosed`, one that its reporter erased is `erased`: of both only the leaf
    hash and its place under a seal are told.
    """
    kept: Passports = request.app.state.passports
    made = await kept.make(request, actor.reads_as)
    return response(made, request.headers.get("accept-encoding", ""), shared=actor.reads_as is None)


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


@router.post("/rpc", responses=examples.RPC, openapi_extra=examples.RPC_BODY)
async def json_rpc(request: Request) -> Response:
    """A few read methods of the chain's node, for pages: JSON-RPC 2.0, single or in batches."""
    return JSONResponse(await rpc.answer(request))
