"""Sessions of people: the cookie, what it stands for, and the proof that a request comes from our own pages.

The cookie is SameSite=Strict; a page of a neighbouring domain is still of the same site, so that every changing request
also carries a token that only our pages can read, and an Origin, where one is sent, that is ours.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Connection, delete, insert, select, update

from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.actors import Actor, effective
from chain_service.partners.models import Partner
from chain_service.partners.people.models import Person, Session
from chain_service.partners.people.service import PERSON, token_hash
from chain_service.settings import Settings

SESSION_MS = 12 * 3_600_000
IDLE_MS = 2 * 3_600_000
SEEN_EVERY_MS = 60_000
CSRF_HEADER = "X-CSRF-Token"
_HARMLESS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A good session: `token` is the cookie's value; times in Unix milliseconds."""

    token: str
    expires_at: int
    seen_at: int
    person: str
    email: str
    name: str
    rights: frozenset[str]
    partner: Partner

    @property
    def csrf(self) -> str:
        """The token that a changing request carries; who knows it knows nothing of the cookie."""
        digest = hmac.digest(self.token.encode(), b"csrf", hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @property
    def actor(self) -> Actor:
        """The person as who asks."""
        return Actor("person", self.person, self.partner, self.rights)


def actor_of(request: Request) -> Actor | None:
    """The person whose session a request carries; None where it carries none that is good, or a bearer token.

    A stale cookie is as good as none: what is public stays readable with it, and the rest is refused as without one.
    Raises Problem 403 for a changing request without the proof that it comes from our pages.
    """
    if has_token(request):
        return None
    session = current(request)
    if session is None:
        return None
    if request.method not in _HARMLESS:
        require_proof(request, session)
    return session.actor


def has_token(request: Request) -> bool:
    """Whether a request carries a bearer token, which then acts; a proxy's own scheme is none."""
    return request.headers.get("authorization", "").partition(" ")[0].lower() == "bearer"


def current(request: Request) -> SignedIn | None:
    """The good session of the request's cookie, whoever may have sent it along."""
    token = request.cookies.get(cookie_name(request.app.state.settings))
    if not token:
        return None
    now = clock.now_ms()
    with reading(request.app.state.engine) as connection:
        session = _read(connection, token, now)
    if session is not None and session.seen_at <= now - SEEN_EVERY_MS:
        with writing(request.app.state.engine) as connection:
            connection.execute(update(Session).where(Session.token_sha256 == token_hash(token)).values(seen_at=now))
    return session


def _read(connection: Connection, token: str, now: int) -> SignedIn | None:
    good = (
        select(PERSON, Session.expires_at, Session.seen_at)
        .join(Session, Session.person == Person.id)
        .where(Session.token_sha256 == token_hash(token), Session.expires_at > now, Session.seen_at > now - IDLE_MS)
        .where(Person.disabled_at.is_(None))
    )
    row = connection.execute(good).one_or_none()
    if row is None:
        return None
    partner = connection.execute(select(Partner.__table__).where(Partner.did == row.partner)).one()
    rights = effective(row.rights, partner.roles)  # roles may have ended since the rights were given
    known = Partner(**partner._mapping)
    return SignedIn(token, row.expires_at, row.seen_at, row.id, row.email, row.name, rights, known)


def begin(connection: Connection, person: str, replaced: str | None = None) -> SignedIn:
    """A new session with a token of its own; the browser's earlier one (`replaced`, a cookie's value) ends."""
    now = clock.now_ms()
    connection.execute(delete(Session).where((Session.expires_at <= now) | (Session.seen_at <= now - IDLE_MS)))
    if replaced:
        end(connection, replaced)
    token = secrets.token_urlsafe(32)
    times = {"created_at": now, "expires_at": now + SESSION_MS, "seen_at": now}
    connection.execute(insert(Session).values(token_sha256=token_hash(token), person=person, **times))
    session = _read(connection, token, now)
    if session is None:  # disabled between the check and here
        raise Problem(401, "wrong-login", "This does not sign you in")
    return session


def end(connection: Connection, token: str) -> None:
    """Ends the session of a cookie's value."""
    connection.execute(delete(Session).where(Session.token_sha256 == token_hash(token)))


def end_all(connection: Connection, person: str) -> None:
    """Ends every session of a person."""
    connection.execute(delete(Session).where(Session.person == person))


def require_proof(request: Request, session: SignedIn) -> None:
    """Raises Problem 403 where a changing request does not prove that it comes from our pages."""
    if not _is_proven(request, session):
        raise no_proof()


def require_own_origin(request: Request) -> None:
    """Raises Problem 403 where another origin's page sends the request: nobody is signed in from elsewhere."""
    if not _is_own_origin(request):
        raise no_proof()


def no_proof() -> Problem:
    """The refusal of a changing request that may come from another site's page."""
    detail = f"A request by cookie comes from this service's own pages and carries the header {CSRF_HEADER}."
    return Problem(403, "csrf", "This request may come from another site", detail)


def _is_proven(request: Request, session: SignedIn) -> bool:
    sent = request.headers.get(CSRF_HEADER, "")
    return hmac.compare_digest(sent.encode(), session.csrf.encode()) and _is_own_origin(request)


def _is_own_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return True
    public = urlsplit(request.app.state.settings.public_url)
    if origin.lower() == f"{public.scheme}://{public.netloc}".lower():
        return True
    # Tried out on a machine with several names, the service is itself under each; with TLS it has one.
    return public.scheme == "http" and origin == f"http://{request.headers.get('host', '')}"


def is_secure(settings: Settings) -> bool:
    """Whether the public reaches this service by https, so that cookies may insist on it."""
    return settings.public_url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """The session cookie's name; the prefix has browsers refuse what a neighbouring domain sets."""
    return "__Host-session" if is_secure(settings) else "session"


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Hands the session to the browser."""
    response.set_cookie(
        cookie_name(settings), token, max_age=SESSION_MS // 1000, path="/",
        secure=is_secure(settings), httponly=True, samesite="strict",
    )  # fmt: skip


def drop_cookie(response: Response, settings: Settings) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="strict"
    )
