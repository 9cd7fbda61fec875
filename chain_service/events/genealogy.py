"""Which events belong to an item's journey: its own, those of its containers, its lot, and what it is made of."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, select

from chain_service.events.models import Event, EventItem

MAX_STEPS = 400
MAX_DEPTH = 12
_ALWAYS = 2**62  # later than any time in milliseconds
_EXAMINING = frozenset(f"https://ref.gs1.org/cbv/BizStep-{word}" for word in ("inspecting", "sampling", "holding"))
_EXAMINING_DISPOSITIONS = frozenset(
    f"https://ref.gs1.org/cbv/Disp-{word}" for word in ("recalled", "destroyed", "expired")
)


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a journey. `relation` is self, container, lot or ingredient; `of` names the item it came through."""

    event: int
    time: int
    relation: str
    of: str


@dataclass
class _Search:
    connection: Connection
    steps: dict[int, Step] = field(default_factory=dict)
    seen: set[tuple[str, str, int, int]] = field(default_factory=set)
    left_lot: int = (
        _ALWAYS  # when the instance got its own name: what befell the rest of the lot later is not its story
    )


def journey(connection: Connection, name: str) -> list[Step]:
    """The steps of an item by its canonical name, in order of time; at most 400, the nearest relations first."""
    search = _Search(connection)
    wave: list[tuple[str, str, int, int]] = [(name, "self", 0, _ALWAYS)]
    for _ in range(MAX_DEPTH):
        following: list[tuple[str, str, int, int]] = []
        for visit in wave:
            if visit not in search.seen and len(search.steps) < MAX_STEPS:
                search.seen.add(visit)
                following += _visit(search, *visit)
        wave = following
    return sorted(search.steps.values(), key=lambda step: (step.time, step.event))


def _visit(search: _Search, name: str, relation: str, since: int, until: int) -> Iterator[tuple[str, str, int, int]]:
    """Notes the events of one item within a time, and yields the items that they lead to."""
    rows = [row for row in _events_of(search.connection, name) if since <= row.event_time <= until]
    for row in rows:
        if not _concerns(row, relation, until) or (
            relation == "lot" and row.event_time > search.left_lot and not _examines(row)
        ):
            continue
        if len(search.steps) < MAX_STEPS:
            search.steps.setdefault(row.id, Step(row.id, row.event_time, relation, name))
        if row.type == "TransformationEvent" and row.role == "output":
            for source in _names(search.connection, row.id, "input"):
                yield source, "ingredient", 0, row.event_time
        if row.role == "epc" and relation == "self" and (lot := _lot_of(name, row)):
            yield lot, "lot", 0, _ALWAYS
            search.left_lot = row.event_time
    for container, start, end in _containers(search.connection, rows, until):
        inside = relation if relation == "ingredient" else "container"
        yield container, inside, max(start, since), end


def _events_of(connection: Connection, name: str) -> list[Row[Any]]:
    query = (
        select(Event.id, Event.type, Event.action, Event.event_time, Event.step, Event.disposition, EventItem.role)
        .add_columns(Event.document)
        .join(EventItem, EventItem.event == Event.id)
        .where(EventItem.name == name)
        .order_by(Event.event_time, Event.id)
        .limit(MAX_STEPS)
    )
    return list(connection.execute(query).all())


def _concerns(row: Row[Any], relation: str, until: int) -> bool:
    if relation == "self":
        return True
    if relation == "container":  # what else was packed into it is not our item's story
        return bool(row.role != "parent" or row.type == "AssociationEvent")
    # The event that led here is noted already.
    return not (row.type == "TransformationEvent" and row.role == "input" and row.event_time >= until)


def _names(connection: Connection, event: int, role: str) -> list[str]:
    query = select(EventItem.name).where(EventItem.event == event, EventItem.role == role).limit(MAX_STEPS)
    return list(connection.execute(query).scalars())


def _containers(connection: Connection, rows: list[Row[Any]], until: int) -> Iterator[tuple[str, int, int]]:
    """Each parent that the item was packed into, from when, until when it was taken out."""
    packed: dict[str, int] = {}
    for row in rows:
        if row.role != "child" or row.type not in ("AggregationEvent", "AssociationEvent"):
            continue
        for parent in _names(connection, row.id, "parent"):
            if row.action == "ADD":
                packed.setdefault(parent, row.event_time)
            elif row.action == "DELETE" and parent in packed:
                yield parent, packed.pop(parent), row.event_time
    for parent, start in packed.items():
        yield parent, start, min(until, _emptied(connection, parent, start))


def _emptied(connection: Connection, parent: str, start: int) -> int:
    """When a container was unpacked without naming its children, which takes out all of them (EPCIS 2.0 7.4.3)."""
    for row in _events_of(connection, parent):
        ends = row.event_time >= start and row.role == "parent" and row.action == "DELETE"
        if ends and not _names(connection, row.id, "child"):
            return int(row.event_time)
    return _ALWAYS


def _lot_of(name: str, row: Row[Any]) -> str | None:
    """The lot that the commissioning of an instance names in its master data (CBV 2.0 section 9.2, lotNumber)."""
    if row.action != "ADD" or "/21/" not in name or b"lotNumber" not in row.document:
        return None
    details = json.loads(row.document).get("ilmd")
    lot = (
        next(
            (value for key, value in details.items() if key.rpartition(":")[2].rpartition("/")[2] == "lotNumber"), None
        )
        if isinstance(details, dict)
        else None
    )
    return f"{name.partition('/21/')[0]}/10/{quote(lot, safe='-._~')}" if isinstance(lot, str) else None


def _examines(row: Row[Any]) -> bool:
    return row.step in _EXAMINING or row.disposition in _EXAMINING_DISPOSITIONS
