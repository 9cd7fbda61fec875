"""Partners as the service knows them: who they are, which keys are held for them, and their first token."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select, update

from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners import credentials
from chain_service.partners.actors import COMMAND_LINE, DEFAULT_RIGHTS, Actor
from chain_service.partners.models import Partner, PartnerKey
from chain_service.partners.roles import Role


def admit(connection: Connection, did: str, name: dict[str, str], roles: Role) -> None:
    """Enters a partner, or changes its name and roles."""
    known = connection.execute(select(Partner.did).where(Partner.did == did)).scalar()
    if known:
        connection.execute(update(Partner).where(Partner.did == did).values(name=name, roles=int(roles)))
    else:
        connection.execute(insert(Partner).values(did=did, name=name, roles=int(roles), created_at=clock.now_ms()))


def hold_key(connection: Connection, did: str, address: str, keystore: str, since: int = 0) -> None:
    """Notes that the operator holds this key for a partner; the same again changes nothing.

    `since`: when the key begins to be good, Unix milliseconds, where that lies ahead: until then it does not sign.
    """
    table = PartnerKey.__table__
    known = connection.execute(select(table).where(PartnerKey.address == address)).one_or_none()
    if known is None:
        begins = max(since, clock.now_ms())
        values = {"address": address, "partner": did, "keystore": keystore, "created_at": begins}
        connection.execute(insert(PartnerKey).values(values))
    elif known.keystore is None:  # it signed for its partner before
        connection.execute(update(PartnerKey).where(PartnerKey.address == address).values(keystore=keystore))


def issue_token(
    connection: Connection,
    did: str,
    *,
    name: str = "",
    rights: Iterable[str] = DEFAULT_RIGHTS,
    days: float = credentials.DAYS,
    by: Actor = COMMAND_LINE,
) -> str:
    """A new bearer token of a partner. It is returned this once; its hash is kept."""
    return credentials.issue(connection, did, name, rights, by, days).token


def no_token(detail: str = "") -> Problem:
    """The refusal of a request without a good token; `detail` says more than what to send."""
    send = "Send the header 'Authorization: Bearer <token>' with a token of your organisation."
    detail = f"{detail} {send}" if detail else send
    return Problem(401, "unauthorized", "This needs a token", detail, headers={"WWW-Authenticate": "Bearer"})


def name_of(connection: Connection, did: str) -> dict[str, str]:
    """A partner's name by language, empty where it is unknown."""
    return connection.execute(select(Partner.name).where(Partner.did == did)).scalar() or {}
