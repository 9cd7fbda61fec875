"""Statements that partners sign with keys of their own: what to sign, and handing it in."""

import os
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import IntegrityError

from chain_service import body
from chain_service.anchoring import examples, signed
from chain_service.anchoring.statement import from_facts
from chain_service.db import writing
from chain_service.errors import Problem, epcis
from chain_service.events.document import check_event
from chain_service.events.visibility import Narrowing, Visibility
from chain_service.kit import canonical
from chain_service.kit.digests import SALT_BYTES, from_hex, sha256, to_hex
from chain_service.kit.eip712 import statement_digest
from chain_service.kit.typed_data import typed_data
from chain_service.partners import keys
from chain_service.partners.access import ActingPartner
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.models import Partner

router = APIRouter(prefix="/v1/statements", tags=["Statements"])


@router.post("/prepare", responses=examples.PREPARED, openapi_extra=examples.PREPARE_BODY)
async def prepare(request: Request, _: ActingPartner) -> Response:
    """What to sign for one event: event as stated, salt, statement, its digest and the typed data for a wallet.

    Nothing is stored. Sign only what you rebuilt from the event yourself: a service may lie.
    """
    return await run_in_threadpool(_prepare, request, await _content(request))


def _prepare(request: Request, content: Any) -> Response:
    errors = signed.members_errors(content, ("event",), ("salt",), "")
    if not errors and "salt" in content and (wrong := signed.salt_error(content["salt"], "/salt")):
        errors = [wrong]
    if errors:
        raise Problem(422, "invalid-body", "The body is not what is due", errors=errors)
    stated, invalid = check_event(content["event"], "/event")
    if stated is None:
        raise epcis(400, "ValidationException", "The event is not valid.", invalid)
    salt = from_hex(content["salt"]) if "salt" in content else os.urandom(SALT_BYTES)
    statement = from_facts(stated.facts, sha256(salt + stated.document))
    network = request.app.state.network.network
    answer = {
        "event": stated.event,
        "salt": to_hex(salt),
        "statement": statement.as_json(),
        "digest": to_hex(statement_digest(statement, network)),
        "typedData": typed_data(statement, network),
    }
    return Response(canonical.dumps(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post("", status_code=202, responses=examples.STATED, openapi_extra=examples.STATE_BODY)
async def state(request: Request, partner: ActingPartner, visibility: Narrowing = "public") -> Response:
    """State events under signatures of your own: `{"event", "salt", "statement", "signature"}`, or up to 1,000 of them.

    `visibility` narrows who may see them: `public`, `partners` (of the journey) or `own` (your organisation).
    All or nothing is stored. What was stated before is harmless and keeps its first salt; `promise` speaks of the new
    statements, and is null where none is new.
    """
    narrowed = Visibility.named(visibility)
    return await run_in_threadpool(_state, request, partner, await _content(request), narrowed)


def _state(request: Request, partner: Partner, content: Any, narrowed: int) -> Response:
    state = request.app.state
    given = signed.read(content, state.network.network)
    known = signed.standings(
        given, lambda address, place: keys.standing(state.engine, state.chain, partner.did, address, place)
    )
    try:
        try:
            answer = _store(request, partner, given, known, narrowed)
        except IntegrityError:  # another process stored one of these events at the same moment
            answer = _store(request, partner, given, known, narrowed)
    except KeyUnavailable:
        detail = "The key that signs the promise cannot be used now; nothing was stored."
        raise Problem(503, "no-key", "Nothing can be promised now", detail, headers={"Retry-After": "60"}) from None
    return JSONResponse(answer, 202)


def _store(
    request: Request, partner: Partner, given: list[signed.Signed], known: dict[str, keys.Standing], narrowed: int
) -> dict[str, Any]:
    with writing(request.app.state.engine) as connection:
        vault = request.app.state.vault
        event_ids, digests = signed.store(connection, vault, partner.did, given, known, narrowed)
        return {"eventIDs": event_ids, "promise": request.app.state.stating.promise(digests) if digests else None}


async def _content(request: Request) -> Any:
    """The body's JSON, read strictly. Raises Problem 400, 413 or 415."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, "unsupported-media-type", "Send application/json")
    data = await body.read(request, request.app.state.settings.max_document_bytes)
    try:
        return await run_in_threadpool(canonical.parse, data)
    except canonical.InvalidJson as error:
        place = {"pointer" if error.place.startswith("/") else "place": error.place} if error.place else {}
        errors = [{**place, "detail": error.reason}]
        raise Problem(400, "invalid-json", "Not the JSON that is accepted here", str(error), errors) from None
