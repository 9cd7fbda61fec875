"""Master data: what its partner says of a product, a lot or a place."""

from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from chain_service.errors import Problem
from chain_service.items.models import Item
from chain_service.items.schemas import Description
from chain_service.kit import clock
from chain_service.partners.roles import ANY_STEP

_IN_CHUNK = 500
_PRODUCT = "https://id.gs1.org/01/"


def known(connection: Connection, name: str) -> bool:
    """Whether somebody described this very item."""
    return connection.execute(select(Item.name).where(Item.name == name)).scalar() is not None


def descriptions(connection: Connection, names: set[str]) -> dict[str, Any]:
    """What is known of each name, with the partner who says it."""
    query = select(Item.name, Item.partner, Item.data).where(Item.name.in_(sorted(names)))
    return {row.name: {"partner": row.partner, **row.data} for row in connection.execute(query)}


def describers(connection: Connection, names: set[str]) -> dict[str, str]:
    """The partner (DID) that describes each name, as far as one does."""
    wanted = sorted(names)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _IN_CHUNK):  # one event may name more than a statement has parameters
        query = select(Item.name, Item.partner).where(Item.name.in_(wanted[start : start + _IN_CHUNK]))
        found.update((row.name, row.partner) for row in connection.execute(query))
    return found


def may_describe(roles: int, name: str, kind: str) -> bool:
    """Whether a partner with these roles may describe an item: a product, whatever it is called, is for brands and
    producers, since who describes it is its brand; a place is for any partner."""
    return bool(roles & ANY_STEP) or (kind == "place" and not name.startswith(_PRODUCT))


def describe(connection: Connection, partner: str, name: str, description: Description) -> bool:
    """Enters or replaces a description; returns whether it is new. Only its own partner may replace one (403)."""
    values = {"data": description.model_dump(exclude_none=True), "updated_at": clock.now_ms()}
    owner = _owner(connection, name)
    if owner is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(Item).values(name=name, partner=partner, **values))
            return True
        except IntegrityError:  # another request described it at the same moment
            owner = _owner(connection, name)
    if owner != partner:
        raise Problem(403, "not-your-item", "Another partner describes this item", f"{name} belongs to {owner}.")
    connection.execute(update(Item).where(Item.name == name).values(values))
    return False


def _owner(connection: Connection, name: str) -> str | None:
    return connection.execute(select(Item.partner).where(Item.name == name).with_for_update()).scalar()
