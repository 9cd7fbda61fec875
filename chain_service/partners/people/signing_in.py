"""Signing in with email and password, accepting an invitation, changing a password."""

import time
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, update

from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.actors import ANYONE
from chain_service.partners.people import passwords, sessions
from chain_service.partners.people.lockout import Attempts, counted
from chain_service.partners.people.models import Invitation, Person
from chain_service.partners.people.service import PERSON, email_of, note, token_hash
from chain_service.partners.people.sessions import SignedIn

_REFUSED_EVERY = 0.25  # seconds


def wrong_login() -> Problem:
    """The one refusal for an unknown email, a wrong password and a disabled person."""
    return Problem(401, "wrong-login", "This does not sign you in", "The email or the password is not right.")


def sign_in(
    engine: Engine, attempts: Attempts, address: str, email: str, password: str, replaced: str | None = None
) -> SignedIn:
    """A new session; `address`: the network address that asks. Raises Problem 401, 429, 503."""
    begun = time.monotonic()
    attempts.begin(address)
    email = email_of(email)
    person = _attempt(engine, attempts, email)
    try:
        good = passwords.matches(person.password_hash if person else None, password)
    except Problem:  # nothing was tried: who comes while many sign in is not locked out for it
        attempts.forgive(address)
        if person is None:
            attempts.forgive_nobody(email)
        else:
            _uncount(engine, person)
        raise
    if person is None or not good or person.disabled_at is not None:
        if person is not None:
            _failed(engine, person.id)
        # What the database did meanwhile differs by a fraction of this between a known and an unknown email.
        time.sleep(_REFUSED_EVERY - (time.monotonic() - begun) % _REFUSED_EVERY)
        raise wrong_login()
    attempts.forgive(address)
    values: dict[str, object] = {"failures": 0, "locked_until": None}
    if passwords.is_outdated(person.password_hash):
        values["password_hash"] = passwords.hashed(password)
    # Changed meanwhile, the password that was checked is good no longer.
    same = (Person.id == person.id) & (Person.password_hash == person.password_hash)
    with writing(engine) as connection:
        if not connection.execute(update(Person).where(same).values(values)).rowcount:
            raise wrong_login()
        return _begun(connection, person.id, replaced)


def change_password(
    engine: Engine, attempts: Attempts, address: str, session: SignedIn, old: str, new: str
) -> SignedIn:
    """A new session with the new password; every other one ends. Raises Problem 401, 422, 429, 503."""
    passwords.refuse_weak(new, session.email, "/new")
    attempts.begin(address)
    person = _attempt(engine, attempts, session.email)
    if person is None or not passwords.matches(person.password_hash, old):
        _failed(engine, session.person)
        raise wrong_login()
    attempts.forgive(address)
    made = passwords.hashed(new)
    with writing(engine) as connection:
        return _with_password(connection, session.person, made, "person.password-changed")


def accept(engine: Engine, token: str, password: str) -> SignedIn:
    """Sets the password of the invited person and signs them in; every other session of theirs ends.

    Raises Problem 404 for a token that is unknown or used, 410 for one that has ended, 422 for a weak password.
    """
    with reading(engine) as connection:
        email = _invited(connection, token).email
    passwords.refuse_weak(password, email, "/password")
    made = passwords.hashed(password)
    with writing(engine) as connection:
        person = str(_invited(connection, token).id)
        used = delete(Invitation).where(Invitation.token_sha256 == token_hash(token))
        if not connection.execute(used).rowcount:
            raise _unknown_invitation()
        return _with_password(connection, person, made, "invitation.accepted")


def _attempt(engine: Engine, attempts: Attempts, email: str) -> Row[Any] | None:
    """Counts an attempt; the person as they are then, None where nobody has this email. Raises Problem 429."""
    now = clock.now_ms()
    with writing(engine) as connection:
        row = connection.execute(select(PERSON).where(Person.email == email).with_for_update()).one_or_none()
        if row is None:
            attempts.of_nobody(email, now)
            return None
        failures, locked_until = counted(row.failures, row.locked_until, now)
        values = {"failures": failures, "locked_until": locked_until}
        connection.execute(update(Person).where(Person.id == row.id).values(values))
    return row


def _uncount(engine: Engine, person: Row[Any]) -> None:
    """Takes an attempt back; `person`: as they were before it."""
    values = {"failures": Person.failures - 1, "locked_until": person.locked_until}
    with writing(engine) as connection:
        connection.execute(update(Person).where(Person.id == person.id, Person.failures > 0).values(values))


def _failed(engine: Engine, person: str) -> None:
    """Notes a failed attempt, and whether it locked the account."""
    with writing(engine) as connection:
        row = connection.execute(select(PERSON).where(Person.id == person)).one_or_none()
        if row is not None:
            note(connection, ANYONE, "session.locked" if row.locked_until else "session.failed", row.partner, person)


def _invited(connection: Connection, token: str) -> Row[Any]:
    """Who is invited by a token, and until when. Raises Problem 404, 410."""
    query = select(PERSON, Invitation.expires_at).join(Invitation, Invitation.person == Person.id)
    found = query.where(Invitation.token_sha256 == token_hash(token), Person.disabled_at.is_(None))
    row = connection.execute(found).one_or_none()
    if row is None:
        raise _unknown_invitation()
    if row.expires_at <= clock.now_ms():
        detail = "An invitation is good for 72 hours. Ask who invited you for a new one."
        raise Problem(410, "invitation-expired", "This invitation has ended", detail)
    return row


def _unknown_invitation() -> Problem:
    detail = "It was used, or a newer one took its place. Ask who invited you for a new one."
    return Problem(404, "unknown-invitation", "This invitation is not known", detail)


def _with_password(connection: Connection, person: str, password_hash: str, action: str) -> SignedIn:
    values = {"password_hash": password_hash, "failures": 0, "locked_until": None}
    connection.execute(update(Person).where(Person.id == person).values(values))
    sessions.end_all(connection, person)
    return _begun(connection, person, None, action)


def _begun(connection: Connection, person: str, replaced: str | None, *actions: str) -> SignedIn:
    session = sessions.begin(connection, person, replaced)
    for action in (*actions, "session.begun"):
        note(connection, session.actor, action, session.partner.did, person)
    return session
