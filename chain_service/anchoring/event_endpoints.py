"""What a reporter may still do with an event that it stated: narrow who sees it, or erase it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from chain_service.anchoring import erasure, examples
from chain_service.db import writing
from chain_service.errors import Problem
from chain_service.events import addresses, service
from chain_service.events.visibility import Visibility
from chain_service.partners import audit
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.models import Partner
from chain_service.partners.people.forms import documented_body, sent
from chain_service.partners.roles import Role

router = APIRouter(prefix="/v1/events", tags=["Statements"])
_PREFIX = "/v1/events/"


class Narrowed(BaseModel):
    """Who may see an event."""

    model_config = ConfigDict(extra="forbid")

    visibility: Annotated[
        str, Field(pattern="^(public|partners|own)$", description="public, partners or own", examples=["partners"])
    ]


_NARROWED_BODY = documented_body(Narrowed, {"visibility": "partners"})


@router.put("/{event_id:path}/visibility", responses=examples.NARROWED, openapi_extra=_NARROWED_BODY)
def narrow(
    request: Request,
    actor: Acting,
    partner: ActingPartner,
    event_id: str,
    wanted: Annotated[Narrowed, Depends(sent(Narrowed))],
) -> dict[str, Any]:
    """Narrow who may see an event that your organisation stated, or take the narrowing back.

    The answer says who may see it now: the brand's default counts where it is narrower. Copies that others made are
    out of reach.
    """
    event_id = addresses.named_by(request, _PREFIX).removesuffix("/visibility")
    state = request.app.state
    with writing(state.engine) as connection:
        _refuse_closed_day(connection, partner, event_id)
        narrowed = Visibility.named(wanted.visibility)
        visibility = service.narrow(connection, state.vault, partner.did, event_id, narrowed)
        if visibility is None:
            raise _not_yours()
        audit.record(connection, actor, "event.narrowed", partner.did, {"visibility": wanted.visibility})
    return {"eventID": event_id, "visibility": Visibility(visibility).word}


@router.delete("/{event_id:path}", status_code=204, response_class=Response, responses=examples.ERASED)
def erase(request: Request, actor: Acting, partner: ActingPartner, event_id: str) -> Response:
    """Erase an event that your organisation stated, and its error declaration: for good, in backups too.

    Event, salt, statement, signature, event hash and eventID are destroyed. Leaf hash, position and a notice who erased
    it when remain. Copies that others made are out of reach.
    """
    event_id = addresses.named_by(request, _PREFIX)
    state = request.app.state
    with writing(state.engine) as connection:
        _refuse_closed_day(connection, partner, event_id)
        leaves = erasure.erase(connection, state.vault, partner.did, event_id)
        if not leaves:
            raise _not_yours()
        audit.record(connection, actor, "event.erased", partner.did, {"leafHashes": leaves})
    erasure.try_to_finish(state.engine, state.vault)  # the record is emptied: the same request again would find none
    return Response(status_code=204)


def _refuse_closed_day(connection: Connection, partner: Partner, event_id: str) -> None:
    """Raises Problem 409 for what closes a day of the audit log: who is watched by it can't take it back."""
    if partner.roles & Role.OPERATOR and audit.is_stated_by(connection, event_id):
        detail = "This event closes a day of the audit log: it stays, for everybody to see."
        raise Problem(409, "closes-audit-day", "This event can't be taken back", detail)


def _not_yours() -> Problem:
    detail = "Your organisation stated no event of this eventID here."
    return Problem(404, "no-such-event", "No such event of yours", detail)
