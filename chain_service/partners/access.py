"""Who may do what: one table of every address of the service, asked before any endpoint runs.

An address without a rule is refused: forgetting one closes a door instead of opening it.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from chain_service.partners.models import Partner
from chain_service.partners.service import authenticated, no_token

_BEARER = HTTPBearer(auto_error=False, description="A token of your organisation")  # for OpenAPI; read elsewhere


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `kind`: anyone, credential or person; `id`: the public id of the credential or person."""

    kind: str = "anyone"
    id: str = ""
    partner: Partner | None = None
    rights: frozenset[str] = frozenset()

    @property
    def reads_as(self) -> str | None:
        """The DID of the organisation with whose eyes the actor reads; None reads what is public."""
        return self.partner.did if self.partner is not None and "read" in self.rights else None


def allowed(request: Request, _: Annotated[Any, Depends(_BEARER)] = None) -> Actor:
    """FastAPI dependency of the whole app: who asks, once the rule of the address allows it. 401 or 403 otherwise."""
    if "authorization" not in request.headers:
        from chain_service.partners import sessions  # not above: sessions are built on Actor

        is_open = request.url.path.startswith(("/v1/session", "/v1/invitations/", "/rpc"))
        return Actor() if is_open else sessions.actor_of(request) or Actor()
    return Actor("credential", "", authenticated(request), frozenset({"state", "describe", "read", "manage"}))


Acting = Annotated[Actor, Depends(allowed)]


def partner_of(actor: Acting) -> Partner:
    """FastAPI dependency: the organisation that acts. 401 where nobody known does."""
    if actor.partner is None:
        raise no_token()
    return actor.partner


ActingPartner = Annotated[Partner, Depends(partner_of)]
