"""Sign-ins by the OpenID provider: begun here, answered there, and finished by the browser that began them."""

import secrets
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, insert, select, update

from chain_service.db import writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.people import sessions
from chain_service.partners.people.models import Invitation, Login, Person
from chain_service.partners.people.oidc import Identity, Provider
from chain_service.partners.people.service import PERSON, email_of, note, token_hash
from chain_service.partners.people.sessions import SignedIn

LOGIN_MS = 10 * 60_000
MOST_LOGINS = 10_000  # under way at once; who floods the table drops the oldest


def begin(engine: Engine, provider: Provider) -> tuple[str, str]:
    """Where to send the browser, and the secret that its cookie keeps meanwhile. Raises Problem."""
    state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
    verifier = secrets.token_urlsafe(64)
    url = provider.authorization_url(state, nonce, verifier)
    now = clock.now_ms()
    values = {"state_sha256": token_hash(state), "browser_sha256": token_hash(browser), "nonce": nonce}
    with writing(engine) as connection:
        connection.execute(delete(Login).where(Login.expires_at <= now))
        oldest = select(Login.expires_at).order_by(Login.expires_at.desc()).offset(MOST_LOGINS).limit(1)
        if (bound := connection.execute(oldest).scalar()) is not None:
            connection.execute(delete(Login).where(Login.expires_at <= bound))
        connection.execute(insert(Login).values(**values, verifier=verifier, expires_at=now + LOGIN_MS))
    return url, browser


def finish(
    engine: Engine, provider: Provider, answer: dict[str, str], browser: str | None, replaced: str | None
) -> SignedIn:
    """The session of the person whom the provider signed in; `answer`: the query of the address it sent the browser to.

    Raises Problem.
    """
    nonce, verifier = _login(engine, answer.get("state", ""), browser or "")
    provider.require_answer_of_this_provider(answer.get("iss"))
    if not answer.get("code"):
        detail = "You were not signed in there, or did not agree. Begin again, or use a password."
        raise Problem(401, "oidc-refused", "The OpenID provider did not sign you in", detail)
    identity = provider.identity(answer["code"], verifier, nonce)
    with writing(engine) as connection:
        person = _person(connection, identity)
        session = sessions.begin(connection, person, replaced)
        note(connection, session.actor, "session.begun", session.partner.did, person)
        return session


def _login(engine: Engine, state: str, browser: str) -> tuple[str, str]:
    """Nonce and verifier of a sign-in under way, which is spent by asking. Raises Problem 400."""
    by_state = Login.state_sha256 == token_hash(state)
    with writing(engine) as connection:
        row = connection.execute(select(Login.__table__).where(by_state)).one_or_none()
        spent = connection.execute(delete(Login).where(by_state)).rowcount
    if row is None or not spent or row.expires_at <= clock.now_ms() or row.browser_sha256 != token_hash(browser):
        detail = "It was begun by another browser, was used before, or took more than ten minutes. Begin again."
        raise Problem(400, "oidc-state", "This sign-in was not begun here", detail)
    return row.nonce, row.verifier


def _person(connection: Connection, identity: Identity) -> str:
    """The person of an identity: known by issuer and subject, or invited by an email that the provider verified."""
    known = select(PERSON).where(Person.oidc_issuer == identity.issuer, Person.oidc_subject == identity.subject)
    row = connection.execute(known).one_or_none()
    if row is None:
        row = connection.execute(_invited(identity)).one_or_none()
        if row is not None:
            bound = {"oidc_issuer": identity.issuer, "oidc_subject": identity.subject}
            connection.execute(update(Person).where(Person.id == row.id).values(bound))
            connection.execute(delete(Invitation).where(Invitation.person == row.id))
            sessions.end_all(connection, row.id)
    if row is None or row.disabled_at is not None:
        raise _unknown(identity)
    return str(row.id)


def _invited(identity: Identity) -> Select[Any]:
    """Who was invited by a verified email and has no identity yet."""
    # Without an open invitation an email is not enough: a provider gives an address again when somebody leaves.
    return (
        select(PERSON)
        .join(Invitation, Invitation.person == Person.id)
        .where(Person.email == email_of(identity.email or ""), Person.oidc_subject.is_(None))
        .where(Invitation.expires_at > clock.now_ms())
    )


def _unknown(identity: Identity) -> Problem:
    if identity.email is None:
        detail = "The provider does not say that your email is verified, so that your invitation can't be found by it."
        return Problem(403, "oidc-unverified-email", "Your email is not verified", detail)
    detail = "Nobody with this identity was invited here, or the invitation has ended. Ask your administrator for one."
    return Problem(403, "oidc-unknown-person", "You are not known here", detail)
