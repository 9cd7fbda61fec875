"""Who may see an event: everybody, the partners of its journey, or its reporter's organisation alone.

The brand of the items sets the default for each step, and the reporter may narrow it. A partner of the journey is the
brand of an item, or whoever stated something about one of the same items and is one of those whom the reporter or the
brand shares with: stating something about an item is not enough to be let in.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Annotated, Literal

from fastapi import Query
from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from chain_service.events.models import Event, EventBrand, EventItem
from chain_service.items.service import describers
from chain_service.partners.disclosure import ANY_STEP, Defaults, Sharing, defaults_of
from chain_service.partners.vault import Vault

_PRODUCT = "https://id.gs1.org/01/"
_LOGISTIC_UNIT = "https://id.gs1.org/00/"
_GTIN_DIGITS = 14
_IN_CHUNK = 500
_Corrected = aliased(Event)
_IS_CORRECTED = and_(  # by the event at hand, a declaration
    _Corrected.partner == Event.partner, _Corrected.event_id == Event.event_id, _Corrected.declaration.is_(False)
)
_CORRECTS = and_(Event.declaration.is_(True), exists().where(_IS_CORRECTED))

Narrowing = Annotated[
    Literal["public", "partners", "own"],
    Query(description="who may see it: everybody, the partners of its journey, or your organisation alone"),
]


class Visibility(IntEnum):
    """From the widest to the narrowest; of two the greater counts."""

    PUBLIC = 0
    PARTNERS = 1
    OWN = 2

    @classmethod
    def named(cls, word: str) -> "Visibility":
        """By its word: public, partners or own. Raises KeyError for another."""
        return cls[word.upper()]

    @property
    def word(self) -> str:
        """public, partners or own."""
        return self.name.lower()


def visible_to(reader: str | None) -> ColumnElement[bool]:
    """The condition under which an organisation (its DID), or everybody, may see an event."""
    public = Event.visibility == Visibility.PUBLIC
    if reader is None:
        return public
    shared = and_(
        Event.visibility == Visibility.PARTNERS, or_(_is_brand(reader), and_(_shared(reader), _took_part(reader)))
    )
    return or_(public, Event.partner == reader, shared)


def _is_brand(reader: str) -> ColumnElement[bool]:
    return exists().where(EventBrand.event == Event.id, EventBrand.brand == reader)


def _shared(reader: str) -> ColumnElement[bool]:
    brands = select(EventBrand.brand).where(EventBrand.event == Event.id).scalar_subquery()
    owner = or_(Sharing.partner == Event.partner, Sharing.partner.in_(brands))
    return exists().where(Sharing.other == reader, owner)


def _took_part(reader: str) -> ColumnElement[bool]:
    of_this, of_that, that = aliased(EventItem), aliased(EventItem), aliased(Event)
    return exists().where(
        of_this.event == Event.id, of_that.name == of_this.name, that.id == of_that.event, that.partner == reader
    )


def brands_of(connection: Connection, vault: Vault, items: Sequence[Iterable[str]]) -> list[set[str]]:
    """The brands of each event's items, given by their canonical names: who describes the product that an item is an
    instance or a lot of, and the brands of what was packed into it before."""
    products = {name: name[: len(_PRODUCT) + _GTIN_DIGITS] for names in items for name in names if _is_product(name)}
    describing = describers(connection, set(products.values()))
    others = {name for names in items for name in names} - products.keys()
    known = {name: {describing[product]} for name, product in products.items() if product in describing}
    known.update(_packed_into(connection, vault, others))
    return [set().union(*(known.get(name, set()) for name in names)) for names in items]


def _is_product(name: str) -> bool:
    return name.startswith(_PRODUCT)


def _packed_into(connection: Connection, vault: Vault, containers: set[str]) -> dict[str, set[str]]:
    """The brands of what was packed into each logistic unit, as the first packing of it says.

    Later packings count for nothing here: else whoever states that something of its own is in it would see, and decide
    who sees, what befalls it.
    """
    by_fingerprint = {vault.fingerprint(name): name for name in containers if name.startswith(_LOGISTIC_UNIT)}
    found: dict[str, set[str]] = {}
    wanted = sorted(by_fingerprint)
    for start in range(0, len(wanted), _IN_CHUNK):
        first = (
            select(EventItem.name, func.min(EventItem.event).label("event"))
            .join(Event, Event.id == EventItem.event)
            .where(EventItem.role == "parent", EventItem.name.in_(wanted[start : start + _IN_CHUNK]))
            .where(Event.action == "ADD", Event.declaration.is_(False))
            .group_by(EventItem.name)
            .subquery()
        )
        query = select(first.c.name, EventBrand.brand).join(EventBrand, EventBrand.event == first.c.event)
        for row in connection.execute(query):
            found.setdefault(by_fingerprint[row.name], set()).add(row.brand)
    return found


def effective(narrowed: int, brands: Iterable[str], step: str, defaults: Defaults) -> int:
    """Who may see an event of this step (its full URI, or empty), of what its reporter and its brands want."""
    wanted = (defaults.get((brand, step), defaults.get((brand, ANY_STEP), 0)) for brand in brands)
    return max((narrowed, *wanted))


def apply_defaults(connection: Connection, vault: Vault, brand: str) -> None:
    """Brings what is stored about a brand's products to its defaults of now; declarations go with what they correct."""
    of_brand = select(EventBrand.event).where(EventBrand.brand == brand)
    stored = select(Event.id, Event.step, Event.narrowed, Event.visibility).where(
        Event.id.in_(of_brand), Event.erased_at.is_(None), ~_CORRECTS
    )
    rows = connection.execute(stored).all()
    brands: dict[int, set[str]] = {}
    named = select(EventBrand.event, EventBrand.brand).where(EventBrand.event.in_(of_brand))
    for event, other in connection.execute(named):
        brands.setdefault(event, set()).add(other)
    known = defaults_of(connection, set().union(*brands.values()))
    steps = {vault.fingerprint(step): step for _, step in known}
    changed: dict[int, list[int]] = {}
    for row in rows:
        visibility = effective(row.narrowed, brands[row.id], steps.get(row.step, ""), known)
        if visibility != row.visibility:
            changed.setdefault(visibility, []).append(row.id)
    for visibility, events in changed.items():
        for start in range(0, len(events), _IN_CHUNK):
            chunk = update(Event).where(Event.id.in_(events[start : start + _IN_CHUNK]))
            connection.execute(chunk.values(visibility=visibility))
    corrected = select(_Corrected.visibility).where(_IS_CORRECTED).correlate(Event).scalar_subquery()
    about_brand = exists().where(_IS_CORRECTED, _Corrected.id.in_(of_brand))
    connection.execute(update(Event).where(Event.declaration.is_(True), about_brand).values(visibility=corrected))
