"""The people of a partner: who they are, what they may do, how they are invited, changed and erased.

Each function works inside its caller's transaction. Only ids of people leave this room's tables: no log, no audit and
no chain ever learns an email or a name.
"""

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners import audit
from chain_service.partners.actors import COMMAND_LINE, RIGHTS, Actor, effective, in_order
from chain_service.partners.models import Partner
from chain_service.partners.people.models import Invitation, Person, Session

INVITATION_MS = 72 * 3_600_000
_ID = re.compile(r"[0-9a-f-]{36}")
PERSON = Person.__table__


def note(connection: Connection, actor: Actor, action: str, partner: str, person: str, **what: Any) -> None:
    """Tells the audit log of a change; `what` holds ids and rights, never an email or a name."""
    audit.record(connection, actor, action, partner, {"person": person, **what})


def email_of(text: str) -> str:
    """The one form in which an email is kept and compared."""
    return text.strip().lower()


def token_hash(token: str) -> str:
    """What is kept of a secret that a browser or an invitation carries; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def listed(connection: Connection, did: str) -> list[dict[str, Any]]:
    """The people of a partner, oldest first, as the API shows them."""
    invited = select(Invitation.person).where(Invitation.expires_at > clock.now_ms())
    open_to = set(connection.execute(invited).scalars())
    rows = connection.execute(select(PERSON).where(Person.partner == did).order_by(Person.created_at, Person.id))
    return [shown(row, row.id in open_to) for row in rows]


def shown(row: Row[Any], invited: bool) -> dict[str, Any]:
    """A person as the API shows them to whoever manages their organisation."""
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "rights": row.rights,
        "createdAt": clock.iso(row.created_at),
        "disabledAt": clock.iso(row.disabled_at) if row.disabled_at else None,
        "invited": invited,
    }


def invite(
    connection: Connection, actor: Actor, did: str, email: str, name: str, rights: Iterable[str]
) -> tuple[str, str, int]:
    """A new person of a partner: id, the token of the invitation (returned this once), and when that ends.

    Raises Problem 403 for rights that the actor lacks, 404 for an unknown partner, 409 for a known email, 422 for
    rights that the partner's roles do not permit.
    """
    wanted = _grantable(connection, actor, did, rights)
    email = email_of(email)
    if connection.execute(select(Person.id).where(Person.email == email)).scalar() is not None:
        raise Problem(409, "email-taken", "Somebody has this email already", "Each email belongs to one person.")
    person = str(uuid.uuid4())
    values = {"id": person, "partner": did, "email": email, "name": name, "rights": wanted, "failures": 0}
    connection.execute(insert(Person).values(**values, created_at=clock.now_ms()))
    note(connection, actor, "person.added", did, person, rights=wanted)
    return (person, *_invitation(connection, actor, did, person))


def invite_again(connection: Connection, actor: Actor, person: str) -> tuple[str, int]:
    """A new link for a person, who chooses a new password with it; the token and when it ends.

    Whoever has the link becomes that person, so it needs every right that the person has. Raises Problem 403, 404, and
    409 for who is disabled.
    """
    row = _subject(connection, actor, person)
    if row.disabled_at is not None:
        raise Problem(
            409, "person-disabled", "This person is disabled", "Enable them first; the link would open nothing."
        )
    return _invitation(connection, actor, row.partner, person)


def invite_anyhow(
    connection: Connection, did: str, email: str, name: str | None = None, rights: Iterable[str] | None = None
) -> tuple[str, int]:
    """For the operator's own machine: invites a new person, or anew one that is there, with what is given.

    A new person needs a name and has, unless told otherwise, all rights that the partner's roles permit. Returns the
    token and when it ends. Raises Problem 404, 409, 422 as `invite` does, ValueError without a name.
    """
    known = connection.execute(select(PERSON).where(Person.email == email_of(email))).one_or_none()
    if known is None:
        if name is None:
            raise ValueError("this person is new: give a name (--person-name)")
        if rights is None:
            roles = connection.execute(select(Partner.roles).where(Partner.did == did)).scalar()
            rights = effective(RIGHTS, roles or 0)
        _, token, expires_at = invite(connection, COMMAND_LINE, did, email, name, rights)
        return token, expires_at
    if known.partner != did:
        raise Problem(409, "email-taken", "Somebody has this email already", "They belong to another partner.")
    change(connection, COMMAND_LINE, known.id, name=name, rights=rights, disabled=False)
    return invite_again(connection, COMMAND_LINE, known.id)


def _invitation(connection: Connection, actor: Actor, did: str, person: str) -> tuple[str, int]:
    token, expires_at = secrets.token_urlsafe(32), clock.now_ms() + INVITATION_MS
    connection.execute(delete(Invitation).where(Invitation.person == person))
    values = {"token_sha256": token_hash(token), "person": person, "expires_at": expires_at}
    connection.execute(insert(Invitation).values(values))
    note(connection, actor, "person.invited", did, person)
    return token, expires_at


def change(
    connection: Connection,
    actor: Actor,
    person: str,
    *,
    name: str | None = None,
    rights: Iterable[str] | None = None,
    disabled: bool | None = None,
) -> dict[str, Any]:
    """Changes what is given and returns the person as shown; who is disabled is signed out everywhere at once.

    Raises Problem 403, 404, 409 where nobody would be left who manages the organisation, 422.
    """
    row = _subject(connection, actor, person)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = name
    if rights is not None:
        values["rights"] = _grantable(connection, actor, row.partner, rights)
    if disabled is not None and disabled != (row.disabled_at is not None):
        values["disabled_at"] = clock.now_ms() if disabled else None
    if "manage" not in values.get("rights", ["manage"]) or values.get("disabled_at"):
        _keep_a_manager(connection, actor, row)
    if values:
        connection.execute(update(Person).where(Person.id == person).values(values))
    if values.get("disabled_at"):
        for table in (Session, Invitation):
            connection.execute(delete(table).where(table.person == person))
    if "rights" in values:
        note(connection, actor, "person.rights-changed", row.partner, person, rights=values["rights"])
    if "disabled_at" in values:
        note(connection, actor, "person.disabled" if disabled else "person.enabled", row.partner, person)
    if "name" in values:
        note(connection, actor, "person.renamed", row.partner, person)
    invited = select(Invitation.person).where(Invitation.person == person, Invitation.expires_at > clock.now_ms())
    found = connection.execute(select(PERSON).where(Person.id == person)).one()
    return shown(found, connection.execute(invited).scalar() is not None)


def erase(connection: Connection, actor: Actor, person: str) -> None:
    """Erases a person and all that hangs on them. Raises Problem 403, 404, 409 as `change` does."""
    row = _subject(connection, actor, person)
    _keep_a_manager(connection, actor, row)
    for table in (Session, Invitation):
        connection.execute(delete(table).where(table.person == person))
    connection.execute(delete(Person).where(Person.id == person))
    note(connection, actor, "person.erased", row.partner, person)


def _subject(connection: Connection, actor: Actor, person: str) -> Row[Any]:
    """The person that is acted on, of the actor's own organisation unless the actor administers the network.

    Nobody acts on a person with more rights than their own: a new link would hand these over.
    """
    found = select(PERSON).where(Person.id == person)
    row = connection.execute(found).one_or_none() if _ID.fullmatch(person) else None
    own = row is not None and actor.partner is not None and row.partner == actor.partner.did
    if row is None or not (own or "administer" in actor.rights):
        raise _unknown()
    # One change of an organisation's people after another: else two who manage it could remove each other at once.
    connection.execute(select(Partner.did).where(Partner.did == row.partner).with_for_update())
    row = connection.execute(found.with_for_update()).one_or_none()  # nor does anybody sign in as them meanwhile
    if row is None:
        raise _unknown()
    _refuse_more_than(actor, row.rights)
    return row


def _unknown() -> Problem:
    return Problem(404, "unknown-person", "Nobody here has this id", "Your organisation has no such person.")


def _grantable(connection: Connection, actor: Actor, did: str, rights: Iterable[str]) -> list[str]:
    """The rights in their usual order, once the actor has them all and the partner's roles permit them."""
    wanted = set(rights)
    roles = connection.execute(select(Partner.roles).where(Partner.did == did)).scalar()
    if roles is None:
        raise Problem(404, "unknown-partner", "This partner is not known here", f"{did} is not admitted here.")
    _refuse_more_than(actor, wanted)
    if unfit := wanted - effective(wanted, roles):
        detail = f"Only people of a partner with the role operator can have the right {', '.join(sorted(unfit))}."
        raise Problem(422, "right-not-possible", "This organisation can't have this right", detail)
    return in_order(wanted)


def _refuse_more_than(actor: Actor, rights: Iterable[str]) -> None:
    if lacking := set(rights) - actor.rights:
        detail = f"Nobody grants, or acts on, more rights than their own; you lack {', '.join(sorted(lacking))}."
        raise Problem(403, "right-missing", "You lack a right", detail)


def _keep_a_manager(connection: Connection, actor: Actor, leaving: Row[Any]) -> None:
    """Raises Problem 409 where the organisation has nobody else who manages it and can sign in."""
    of_others = actor.partner is None or actor.partner.did != leaving.partner  # the network's administration may
    if of_others or "manage" not in leaving.rights or leaving.disabled_at is not None:
        return
    others = select(Person.rights).where(
        Person.partner == leaving.partner,
        Person.id != leaving.id,
        Person.disabled_at.is_(None),
        Person.password_hash.is_not(None) | Person.oidc_subject.is_not(None),
    )
    if not any("manage" in rights for rights in connection.execute(others).scalars()):
        detail = "Give the right manage to somebody who has signed in before; an organisation keeps one such person."
        raise Problem(409, "last-manager", "Nobody else manages this organisation", detail)
