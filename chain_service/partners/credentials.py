"""Credentials of partners' systems: bearer tokens with a name, rights and an end. A token is shown once.

A token reads `cs_<id>_<secret>`: the id is public, the secret has 256 random bits, and only the SHA-256 of the whole is
kept. Tokens issued before they had this form go on working; they too are found by their SHA-256.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from chain_service.db import reading, write_unless_busy
from chain_service.kit import clock
from chain_service.partners import audit
from chain_service.partners.actors import Actor, effective, in_order
from chain_service.partners.models import Credential, Partner

DAYS = 365
MOST_DAYS = 730
ID_LENGTH = 10
USED_MS = 60_000  # so seldom the last use is noted
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32, lower case
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Issued:
    """A new credential, with the token that is shown this once. `expires_at`: Unix milliseconds."""

    id: str
    token: str
    expires_at: int


def issue(
    connection: Connection, partner: str, name: str, rights: Iterable[str], by: Actor, days: float = DAYS
) -> Issued:
    """A new credential of a partner. Whether `by` may grant these rights is for the caller to ask."""
    public = "".join(secrets.choice(_LETTERS) for _ in range(ID_LENGTH))
    token = f"cs_{public}_{secrets.token_urlsafe(32)}"
    now = clock.now_ms()
    expires_at = now + int(days * _DAY_MS)
    listed = in_order(rights)
    values = {
        "id": public,
        "token_sha256": _hash(token),
        "partner": partner,
        "name": name,
        "rights": listed,
        "created_at": now,
        "created_by": by.id or None,
        "expires_at": expires_at,
    }
    connection.execute(insert(Credential).values(values))
    what = {"credential": public, "rights": listed, "expiresAt": expires_at}
    audit.record(connection, by, "credential.issued", partner, what)
    return Issued(public, token, expires_at)


def revoke(connection: Connection, partner: str, public: str, by: Actor) -> bool:
    """Ends a partner's credential at once; the same again changes nothing. False where the partner has none such."""
    own = (Credential.id == public, Credential.partner == partner)
    ended = connection.execute(
        update(Credential).where(*own, Credential.revoked_at.is_(None)).values(revoked_at=clock.now_ms())
    )
    if ended.rowcount:
        audit.record(connection, by, "credential.revoked", partner, {"credential": public})
        return True
    return connection.execute(select(Credential.id).where(*own)).scalar() is not None


def listed(connection: Connection, partner: str) -> list[dict[str, Any]]:
    """A partner's credentials as they are shown, newest first; no token is among it."""
    own = select(Credential.__table__).where(Credential.partner == partner)
    rows = connection.execute(own.order_by(Credential.created_at.desc(), Credential.id)).all()
    return [
        {
            "id": row.id,
            "name": row.name,
            "rights": row.rights,
            "createdAt": clock.iso(row.created_at),
            "createdBy": row.created_by,
            "expiresAt": clock.iso(row.expires_at),
            "revokedAt": _time(row.revoked_at),
            "lastUsedAt": _time(row.last_used_at),
        }
        for row in rows
    ]


class BadToken(Exception):
    """A token that opens nothing; the message says why to who holds that very token."""


def bearer(engine: Engine, token: str) -> Actor:
    """The credential of a token, in one query. Raises BadToken where it is unknown, expired or revoked."""
    query = _WITH_PARTNER.where(Credential.token_sha256 == _hash(token))
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    now = clock.now_ms()
    if row is None:
        raise BadToken("This token is not known here.")
    if row.revoked_at is not None:
        raise BadToken("This token was revoked.")
    if row.expires_at <= now:
        raise BadToken("This token has expired.")
    if row.last_used_at is None or not 0 <= now - row.last_used_at < USED_MS:
        used = update(Credential).where(Credential.id == row.credential).values(last_used_at=now)
        write_unless_busy(engine, used)
    partner = Partner(**{name: row._mapping[name] for name in _PARTNER})
    return Actor("credential", row.credential, partner, effective(row.rights, partner.roles))


_PARTNER = Partner.__table__.columns.keys()
_WITH_PARTNER = select(
    Partner.__table__,
    Credential.id.label("credential"),
    Credential.rights,
    Credential.expires_at,
    Credential.revoked_at,
    Credential.last_used_at,
).join(Credential, Credential.partner == Partner.did)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else clock.iso(milliseconds)
