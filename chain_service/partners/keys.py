"""The standing of a key: whose it is, with which roles, and whether it is good now. The chain is the source of truth.

What the chain said is remembered: fresh for a minute where the key is good, and usable for an hour where the chain
can't be reached. Only keys of partners known here are remembered, so that nobody fills the table.
"""

from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from chain_service.chain.client import Chain, ChainError
from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.kit.digests import keccak256
from chain_service.partners.models import PartnerKey

FRESH_MS = 60_000
USABLE_MS = 3_600_000
UNKNOWN, GOOD, NOT_YET_VALID, ENDED, SUSPENDED, COMPROMISED = range(6)  # IPartnerRegistry.statusAt
CUSTODY = {1: "partner", 2: "operator"}
_NOT_GOOD = {
    UNKNOWN: ("unknown-key", "is no key in PartnerRegistry"),
    NOT_YET_VALID: ("key-not-yet-valid", "is not valid yet"),
    ENDED: ("key-ended", "has ended; sign with the key that follows it"),
    SUSPENDED: ("partner-suspended", "belongs to a partner that is suspended"),
    COMPROMISED: ("key-compromised", "is reported compromised"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A good key of the partner that was asked about. `roles`: bits; `custody`: partner or operator."""

    roles: int
    custody: str


def standing(engine: Engine, chain: Chain, partner: str, address: str, pointer: str) -> Standing:
    """The standing of a key that is good now and this partner's; `pointer` names what it signed.

    Raises Problem 403, of a type for each way in which a key is not that, and 503 where it can't be known now.
    """
    remembered, age = _remembered(engine, partner, address)
    if remembered is None or remembered[2] != GOOD or not 0 <= age < FRESH_MS:
        try:
            remembered = _asked(engine, chain, partner, address, pointer)
        except ChainError:
            if remembered is None or not 0 <= age < USABLE_MS:
                detail = "Whether this key may sign stands on the chain, which can't be read now; nothing was stored."
                raise Problem(
                    503, "chain-unreachable", "The key can't be checked now", detail, headers={"Retry-After": "10"}
                ) from None
    roles, custody, status = remembered
    if status == GOOD:
        return Standing(roles, CUSTODY.get(custody, "operator"))
    raise not_good(address, status, pointer)


def not_good(address: str, status: int, pointer: str | None = None) -> Problem:
    """The refusal of a key with this status; `pointer` names what it signed, if that was sent."""
    kind, what = _NOT_GOOD.get(status, ("key-not-good", f"has the status {status}"))
    return _refused(kind, f"The key {address} {what}.", pointer)


def _asked(engine: Engine, chain: Chain, partner: str, address: str, pointer: str) -> tuple[int, int, int]:
    """Roles, custody and status as the chain says them now. Raises Problem where the key is not this partner's."""
    chain.check()
    # A chain's clock may run ahead of ours: what its newest block made valid is valid.
    found = chain.status_at(address, max(clock.now_s(), chain.head().time))
    if found.status == UNKNOWN:
        detail = (
            f"The signature leads to the address {address}, which is no key in PartnerRegistry: it was made with a key "
            "that was not admitted, for another network, or over another statement than this one."
        )
        raise _refused("unknown-key", detail, pointer)
    if found.partner != keccak256(partner.encode()):
        raise _refused("not-your-key", f"The key {address} belongs to another partner than your token.", pointer)
    said = (found.roles, found.custody, found.status)
    _remember(engine, partner, address, said)
    return said


def _refused(kind: str, detail: str, pointer: str | None) -> Problem:
    errors = [] if pointer is None else [{"pointer": pointer, "detail": detail}]
    return Problem(403, kind, "This key may not sign here", detail, errors)


def _remembered(engine: Engine, partner: str, address: str) -> tuple[tuple[int, int, int] | None, int]:
    """Roles, custody and status as last asked, and their age in milliseconds."""
    known = select(PartnerKey.roles, PartnerKey.custody, PartnerKey.status, PartnerKey.checked_at).where(
        PartnerKey.address == address, PartnerKey.partner == partner
    )
    with reading(engine) as connection:
        row = connection.execute(known).one_or_none()
    if row is None or row.checked_at is None or row.roles is None or row.custody is None or row.status is None:
        return None, 0
    return (row.roles, row.custody, row.status), clock.now_ms() - row.checked_at


def _remember(engine: Engine, partner: str, address: str, said: tuple[int, int, int]) -> None:
    now = clock.now_ms()
    values = {**dict(zip(("roles", "custody", "status"), said, strict=True)), "checked_at": now}
    of_key = PartnerKey.address == address
    try:
        with writing(engine) as connection:
            if connection.execute(select(PartnerKey.address).where(of_key)).scalar() is not None:
                connection.execute(update(PartnerKey).where(of_key, PartnerKey.partner == partner).values(values))
            else:
                new = {"address": address, "partner": partner, "keystore": None, "created_at": now}
                connection.execute(insert(PartnerKey).values({**new, **values}))
    except IntegrityError:  # another process has just entered it
        return
