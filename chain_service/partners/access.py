"""Who may do what, asked before any endpoint runs: rules.py holds the table, here it is applied.

An address without a rule is refused: forgetting one closes a door instead of opening it.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from chain_service.errors import Problem
from chain_service.partners import credentials
from chain_service.partners.actors import ANYONE, Actor
from chain_service.partners.models import Partner
from chain_service.partners.people import sessions
from chain_service.partners.roles import to_names
from chain_service.partners.rules import RULES, Rule, rule_of
from chain_service.partners.service import no_token

__all__ = ["RULES", "Acting", "ActingPartner", "Actor", "allowed", "partner_of", "require"]


async def allowed(request: Request) -> Actor:
    """FastAPI dependency of the whole app: who asks, once the rule of the address allows it.

    Raises Problem 401, 403 or 429.
    """
    rule = rule_of(request.method, request.scope["route"].path)
    if rule is None:
        raise Problem(403, "no-rule", "Nobody may do this", "This address has no rule of who may ask it.")
    actor = ANYONE if rule.who == "open" else await _known(request)
    if rule.who == "known":
        _require(actor, rule)
    request.state.actor = actor
    return actor


async def _known(request: Request) -> Actor:
    """Who asks, by token or else by session; anyone where neither is sent. A session that has ended is as none."""
    token = _token(request)
    if token is not None:
        try:
            actor = await run_in_threadpool(credentials.bearer, request.app.state.engine, token)
        except credentials.BadToken as bad:
            address = request.client.host if request.client else ""
            _limit(request, "failed_tokens", address)
            raise no_token(str(bad)) from None
    elif "cookie" in request.headers:
        person: Actor | None = await run_in_threadpool(sessions.actor_of, request)
        actor = person or ANYONE
    else:
        return ANYONE
    if actor.partner is not None:
        _limit(request, "calls", f"{actor.kind} {actor.id}")
    return actor


def _token(request: Request) -> str | None:
    """The bearer token; None where the header is missing or of another scheme, such as a proxy's own."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _limit(request: Request, name: str, caller: str) -> None:
    limit = getattr(request.app.state, name)
    if not limit.take(caller, 1):
        raise too_many(limit.seconds_for_one)


def too_many(seconds: int) -> Problem:
    """The refusal of who asks too often; after so many seconds it may ask again."""
    detail = f"Ask again in {seconds} second{'' if seconds == 1 else 's'}."
    return Problem(429, "too-many-calls", "Too many calls", detail, headers={"Retry-After": str(seconds)})


def _require(actor: Actor, rule: Rule) -> None:
    """Raises Problem 401 or 403 where the rule does not allow the actor."""
    if actor.partner is None:
        raise no_token()
    if rule.rights and actor.rights.isdisjoint(rule.rights):
        raise right_missing(*rule.rights)
    if rule.roles and not actor.partner.roles & rule.roles:
        raise role_missing(to_names(rule.roles))


def require(actor: Actor, right: str) -> None:
    """For endpoints of which one use needs a right more than their rule says. Raises Problem 403."""
    if right not in actor.rights:
        raise right_missing(right)


def right_missing(*rights: str) -> Problem:
    """The refusal of who lacks every one of these rights."""
    return Problem(403, "right-missing", "You lack the right to do this", f"This needs the right {_or(rights)}.")


def role_missing(roles: list[str]) -> Problem:
    """The refusal of who belongs to a partner with none of these roles."""
    detail = f"This is for organisations with the role {_or(roles)}."
    return Problem(403, "role-missing", "Your organisation lacks the role for this", detail)


def _or(names: list[str] | tuple[str, ...]) -> str:
    *most, last = [f"'{name}'" for name in names]
    return f"{', '.join(most)} or {last}" if most else last


Acting = Annotated[Actor, Depends(allowed)]


async def partner_of(actor: Acting) -> Partner:
    """FastAPI dependency: the organisation that acts. 401 where nobody known does."""
    if actor.partner is None:
        raise no_token()
    return actor.partner


ActingPartner = Annotated[Partner, Depends(partner_of)]
