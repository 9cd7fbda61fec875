"""The people of an organisation, under /v1/people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.people import examples as people_examples
from chain_service.partners.people import service as people
from chain_service.partners.people.forms import Change, NewPerson, sent
from chain_service.settings import Settings

router = APIRouter(prefix="/v1/people", tags=["People"])
PersonId = Annotated[str, Path(description="of a person", examples=["0b9f2a56-6a0e-4d0e-9d53-0b6f4f7f2c11"])]


def invitation_link(settings: Settings, token: str) -> str:
    """Where an invitation is accepted; a fragment reaches no server and so no log."""
    return f"{settings.public_url.rstrip('/')}/console/#invite={token}"


@router.get("", responses=people_examples.PEOPLE)
def listed(request: Request, partner: ActingPartner) -> dict[str, Any]:
    """Everybody who signs in for your organisation. Needs the right `manage`."""
    with reading(request.app.state.engine) as connection:
        return {"people": people.listed(connection, partner.did)}


@router.post("", status_code=201, responses=people_examples.INVITED, openapi_extra=people_examples.PERSON_BODY)
def invite(
    request: Request, actor: Acting, partner: ActingPartner, said: Annotated[NewPerson, Depends(sent(NewPerson))]
) -> dict[str, Any]:
    """Invite somebody: hand them the link, which is good for 72 hours and shown this once.

    Nobody grants a right that they lack. Who administers the network may name another organisation's DID as `partner`.
    """
    did = said.partner or partner.did
    if did != partner.did and "administer" not in actor.rights:
        detail = "To invite people of another organisation you need the right administer."
        raise Problem(403, "right-missing", "You lack a right", detail)
    with writing(request.app.state.engine) as connection:
        person, token, expires_at = people.invite(connection, actor, did, said.email, said.name, said.rights)
    return _invited(request, person, token, expires_at)


@router.patch("/{person}", responses=people_examples.CHANGED, openapi_extra=people_examples.CHANGE_BODY)
def change(
    request: Request, person: PersonId, actor: Acting, _: ActingPartner, said: Annotated[Change, Depends(sent(Change))]
) -> dict[str, Any]:
    """Change a person's name or rights, or disable them: their sessions end at once. What is absent stays."""
    with writing(request.app.state.engine) as connection:
        changed = {"name": said.name, "rights": said.rights, "disabled": said.disabled}
        return people.change(connection, actor, person, **changed)  # type: ignore[arg-type]


@router.post("/{person}/invitation", status_code=201, responses=people_examples.INVITED_AGAIN)
def invite_again(request: Request, person: PersonId, actor: Acting, _: ActingPartner) -> dict[str, Any]:
    """A new link for a person, also for a forgotten password. The earlier link is void from now on."""
    with writing(request.app.state.engine) as connection:
        token, expires_at = people.invite_again(connection, actor, person)
    return _invited(request, person, token, expires_at)


@router.delete("/{person}", status_code=204, response_class=Response, responses=people_examples.ERASED)
def erase(request: Request, person: PersonId, actor: Acting, _: ActingPartner) -> Response:
    """Erase a person: email, name, password, sessions. The audit log keeps the id, which means nothing by itself."""
    with writing(request.app.state.engine) as connection:
        people.erase(connection, actor, person)
    return Response(status_code=204)


def _invited(request: Request, person: str, token: str, expires_at: int) -> dict[str, Any]:
    link = invitation_link(request.app.state.settings, token)
    return {"id": person, "invitation": link, "expiresAt": clock.iso(expires_at)}
