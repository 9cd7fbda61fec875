"""Who may post which steps about a brand's products. A brand that says nothing leaves it to the roles."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import JSON, Connection, ForeignKey, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base
from chain_service.partners.models import Partner

ANY_STEP = "*"
MOST = 500  # partners in one brand's rules
MOST_STEPS = 100  # of one partner
_IN_CHUNK = 500
Rules = Mapping[str, Mapping[str, Collection[str]]]  # by brand, then by partner: full URIs of steps, or '*'


class UnknownPartner(ValueError):
    """A rule names a partner that is not here; `pointer` says which rule."""

    def __init__(self, pointer: str, partner: str) -> None:
        super().__init__(f"{partner[:255]} is no partner here")
        self.pointer = pointer


class PostingRules(Base):
    """A brand's rules: [{"partner": did, "steps": […]}]. Without a row, whoever has the role may post."""

    __tablename__ = "posting_rules"

    brand: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


def rules_of(connection: Connection, brands: Iterable[str]) -> Rules:
    """The rules of those of these brands that have some."""
    wanted = sorted(brands)
    found: dict[str, dict[str, Collection[str]]] = {}
    for start in range(0, len(wanted), _IN_CHUNK):
        chunk = select(PostingRules.__table__).where(PostingRules.brand.in_(wanted[start : start + _IN_CHUNK]))
        for row in connection.execute(chunk):
            found[row.brand] = {rule["partner"]: frozenset(rule["steps"]) for rule in row.rules}
    return found


def refusing(rules: Rules, partner: str, brands: Iterable[str], step: str) -> str | None:
    """The brand, among those of an event's items, that does not let a partner post this step (full URI, or empty);
    None where all do. A brand may always post about its own."""
    for brand in sorted(set(brands) - {partner}):
        if brand in rules:
            steps = rules[brand].get(partner, ())
            if step not in steps and ANY_STEP not in steps:
                return brand
    return None


def read(connection: Connection, brand: str) -> list[dict[str, Any]] | None:
    """A brand's rules as it set them."""
    rules = connection.execute(select(PostingRules.rules).where(PostingRules.brand == brand)).scalar()
    return None if rules is None else list(rules)


def replace(connection: Connection, brand: str, rules: list[dict[str, Any]] | None) -> None:
    """Sets a brand's rules anew. Raises UnknownPartner."""
    asked = sorted({rule["partner"] for rule in rules or [] if "\0" not in rule["partner"]})
    known = set(connection.execute(select(Partner.did).where(Partner.did.in_(asked))).scalars())
    for number, rule in enumerate(rules or []):
        if rule["partner"] not in known:
            raise UnknownPartner(f"/rules/{number}/partner", rule["partner"])
    # Waits for who is posting under the rules of before, as those do for it (disclosure.hold).
    connection.execute(select(Partner.did).where(Partner.did == brand).with_for_update(key_share=True))
    connection.execute(delete(PostingRules).where(PostingRules.brand == brand))
    if rules is not None:
        connection.execute(insert(PostingRules).values(brand=brand, rules=rules))
