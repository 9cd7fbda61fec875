"""Partners as the service knows them: who they are, and whose token a request carries."""

import hashlib
import secrets

from fastapi import Request
from sqlalchemy import Connection, insert, select, update

from chain_service.db import reading
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.models import Credential, Partner, PartnerKey
from chain_service.partners.roles import Role


def admit(connection: Connection, did: str, name: dict[str, str], roles: Role) -> None:
    """Enters a partner, or changes its name and roles."""
    known = connection.execute(select(Partner.did).where(Partner.did == did)).scalar()
    if known:
        connection.execute(update(Partner).where(Partner.did == did).values(name=name, roles=int(roles)))
    else:
        connection.execute(insert(Partner).values(did=did, name=name, roles=int(roles), created_at=clock.now_ms()))


def hold_key(connection: Connection, did: str, address: str, keystore: str) -> None:
    """Notes that the operator holds this key for a partner; the same again changes nothing."""
    table = PartnerKey.__table__
    known = connection.execute(select(table).where(PartnerKey.address == address)).one_or_none()
    if known is None:
        values = {"address": address, "partner": did, "keystore": keystore, "created_at": clock.now_ms()}
        connection.execute(insert(PartnerKey).values(values))
    elif known.keystore is None:  # it signed for its partner before
        connection.execute(update(PartnerKey).where(PartnerKey.address == address).values(keystore=keystore))


def is_held(connection: Connection, did: str) -> bool:
    """Whether the operator holds a key that signs for a partner."""
    held = select(PartnerKey.address).where(PartnerKey.partner == did, PartnerKey.keystore.is_not(None))
    return connection.execute(held.limit(1)).scalar() is not None


def issue_token(connection: Connection, did: str) -> str:
    """A new bearer token of a partner. It is returned this once; its hash is kept."""
    token = secrets.token_urlsafe(32)
    values = {"token_sha256": _hash(token), "partner": did, "created_at": clock.now_ms()}
    connection.execute(insert(Credential).values(values))
    return token


def authenticated(request: Request) -> Partner:
    """The partner whose bearer token the request carries. 401 without a good one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        query = select(Partner.__table__).join(Credential, Credential.partner == Partner.did)
        with reading(request.app.state.engine) as connection:
            row = connection.execute(query.where(Credential.token_sha256 == _hash(token.strip()))).one_or_none()
        if row is not None:
            return Partner(**row._mapping)
    raise no_token()


def no_token() -> Problem:
    """The refusal of a request without a good token."""
    detail = "Send the header 'Authorization: Bearer <token>' with a token of your organisation."
    return Problem(401, "unauthorized", "Writing needs a token", detail, headers={"WWW-Authenticate": "Bearer"})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def name_of(connection: Connection, did: str) -> dict[str, str]:
    """A partner's name by language, empty where it is unknown."""
    return connection.execute(select(Partner.name).where(Partner.did == did)).scalar() or {}
