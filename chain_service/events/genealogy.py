"""Which events belong to an item's journey: its own, those of its containers, its lot, and what it is made of."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from chain_service.events import records
from chain_service.events.models import Event, EventItem
from chain_service.events.visibility import visible_to
from chain_service.partners.vault import Vault

MAX_STEPS = 400  # and as many error declarations, which are counted apart
MAX_DEPTH = 12
MAX_VISITS = 1000
_ALWAYS = 2**62  # later than any time in milliseconds
_EXAMINING = frozenset(f"https://ref.gs1.org/cbv/BizStep-{word}" for word in ("inspecting", "sampling", "holding"))
_EXAMINING_DISPOSITIONS = frozenset(
    f"https://ref.gs1.org/cbv/Disp-{word}" for word in ("recalled", "destroyed", "expired")
)
_Declaration = aliased(Event)
# Of declarations too: what was said in error, and the repetition of it, leads nowhere.
_ERRONEOUS = exists().where(
    _Declaration.partner == Event.partner,
    _Declaration.event_id == Event.event_id,
    _Declaration.declaration.is_(True),
)
_ERASED = "erased"  # the role in which an erased event still names its items


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a journey. `relation` is self, container, lot or ingredient; `of` names the item it came through.

    `shown`: it is for who reads. `time` is the event's own, but that of its record where it is not shown, or erased.
    """

    event: int
    time: int
    relation: str
    of: str
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps of an item in order of time; `truncated` where there may be more than these."""

    steps: list[Step]
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Visit:
    """An item to look at: what befell it within this time belongs to the journey."""

    name: str
    relation: str
    since: int = 0
    until: int = _ALWAYS


class _Visits:
    """Visits by item and relation; of one within another only the wider counts."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], list[_Visit]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[_Visit]:
        return (visit for visits in self._of.values() for visit in visits)

    def cover(self, visit: _Visit) -> bool:
        """Whether one of these sees all that a visit would see."""
        return any(
            known.since <= visit.since and visit.until <= known.until
            for known in self._of.get((visit.name, visit.relation), ())
        )

    def add(self, visit: _Visit) -> None:
        known = self._of.get((visit.name, visit.relation), [])
        left = [each for each in known if not (visit.since <= each.since and each.until <= visit.until)]
        self._of[visit.name, visit.relation] = [*left, visit]
        self._count += 1 + len(left) - len(known)


@dataclass
class _Search:
    connection: Connection
    vault: Vault
    reader: str | None
    steps: dict[int, Step] = field(default_factory=dict)
    plain: int = 0  # how many of the steps are no declarations
    declarations: int = 0
    truncated: bool = False
    visits: int = 0
    seen: _Visits = field(default_factory=_Visits)
    followed: set[int] = field(default_factory=set)  # transformations whose inputs are noted
    left_lot: int = (
        _ALWAYS  # when the instance got its own name: what befell the rest of the lot later is not its story
    )

    def note_step(self, row: Row[Any], visit: _Visit) -> None:
        if row.id in self.steps:
            return
        if (self.declarations if row.declaration else self.plain) >= MAX_STEPS:
            self.truncated = True
            return
        time = row.event_time if row.shown and row.role != _ERASED else row.record_time
        self.steps[row.id] = Step(row.id, time, visit.relation, visit.name, bool(row.shown))
        if row.declaration:
            self.declarations += 1
        else:
            self.plain += 1


def journey(connection: Connection, vault: Vault, name: str, reader: str | None = None) -> Journey:
    """The journey of an item by its canonical name, as an organisation (its DID), or everybody, may see it.

    A step that is not for the reader is counted, and leads to no other item.

    At most 400 steps, beside error declarations: the nearest relations first, of one item what was recorded last.
    """
    search = _Search(connection, vault, reader)
    wave = [_Visit(name, "self")]
    for _ in range(MAX_DEPTH):
        following = _Visits()
        for visit in wave:
            if search.seen.cover(visit):
                continue
            if search.plain >= MAX_STEPS or search.visits >= MAX_VISITS:
                search.truncated = True
                break
            search.seen.add(visit)
            search.visits += 1
            for found in _visit(search, visit):
                if search.seen.cover(found) or following.cover(found):
                    continue
                if len(following) >= MAX_VISITS:  # what else is found is not followed, but its event is noted
                    search.truncated = True
                    continue
                following.add(found)
        wave = list(following)
    search.truncated |= any(not search.seen.cover(visit) for visit in wave)
    return Journey(sorted(search.steps.values(), key=lambda step: (step.time, step.event)), search.truncated)


def _visit(search: _Search, visit: _Visit) -> Iterator[_Visit]:
    """Notes the events of one item within a time, and yields the items that they lead to."""
    rows = _events_of(search, visit)
    contents = records.read(search.connection, search.vault, [row.id for row in rows if _leads_on(row, visit)])
    for row in rows:
        if row.role == _ERASED:
            search.note_step(row, visit)
            continue
        if not _concerns(row, visit) or (
            visit.relation == "lot" and row.event_time > search.left_lot and not _examines(search.vault, row)
        ):
            continue
        search.note_step(row, visit)
        if not row.shown or row.id not in contents:
            continue
        if row.type == "TransformationEvent" and row.role == "output" and not row.erroneous:
            yield from _ingredients(search, row, contents[row.id])
        if row.role == "epc" and visit.relation == "self" and (lot := _lot_of(contents[row.id], visit.name)):
            yield _Visit(lot, "lot")
            search.left_lot = row.event_time
    for container, start, end in _containers(search, rows, contents, visit.until):
        inside = visit.relation if visit.relation == "ingredient" else "container"
        yield _Visit(container, inside, max(start, visit.since), end)


def _leads_on(row: Row[Any], visit: _Visit) -> bool:
    """Whether what an event says may lead to another item."""
    if row.role == "child":  # also where it is not shown: taking out ends what a packing began
        return row.type in ("AggregationEvent", "AssociationEvent")
    if not row.shown:
        return False
    named = row.role == "epc" and visit.relation == "self" and row.action == "ADD" and "/21/" in visit.name
    return named or (row.role == "output" and row.type == "TransformationEvent")


def _ingredients(search: _Search, row: Row[Any], content: records.Content) -> Iterator[_Visit]:
    """The inputs of a transformation, once: they are the same whichever output led to it."""
    if row.id not in search.followed:
        search.followed.add(row.id)
        for source in _names(content, "input"):
            yield _Visit(source, "ingredient", 0, row.event_time)


def _events_of(search: _Search, visit: _Visit) -> list[Row[Any]]:
    """The events of an item within a time, in order of time; of too many those recorded last, declarations apart."""
    query = (
        select(Event.id, Event.type, Event.action, Event.event_time, Event.step, Event.disposition, Event.declaration)
        .add_columns(Event.record_time, EventItem.role, _ERRONEOUS.label("erroneous"))
        .add_columns(visible_to(search.reader).label("shown"))
        .join(EventItem, EventItem.event == Event.id)
        .where(EventItem.name == search.vault.fingerprint(visit.name), _within(visit))
        .where(*_worth_reading(search, visit))
        .order_by(Event.id.desc())
        .limit(MAX_STEPS + 1)
    )
    found: list[Row[Any]] = []
    for declaration in (False, True):
        rows = search.connection.execute(query.where(Event.declaration.is_(declaration))).all()
        search.truncated |= len(rows) > MAX_STEPS
        found += rows[:MAX_STEPS]
    return sorted(found, key=lambda row: (row.event_time or row.record_time, row.id))


def _within(visit: _Visit) -> ColumnElement[bool]:
    """Of an erased event the time is gone: it is shown where it named the very item."""
    during = and_(Event.event_time >= visit.since, Event.event_time <= visit.until)
    return or_(during, Event.erased_at.is_not(None)) if visit.relation == "self" else during


def _worth_reading(search: _Search, visit: _Visit) -> list[ColumnElement[bool]]:
    """What need not be read, so that it takes no other event's place: see _concerns and _examines."""
    if visit.relation == "container":
        return [or_(EventItem.role != "parent", Event.type == "AssociationEvent")]
    if visit.relation == "lot":
        examining = (
            Event.step.in_([search.vault.fingerprint(step) for step in _EXAMINING]),
            Event.disposition.in_([search.vault.fingerprint(word) for word in _EXAMINING_DISPOSITIONS]),
        )
        return [or_(Event.event_time <= search.left_lot, EventItem.role == "child", *examining)]
    return []


def _concerns(row: Row[Any], visit: _Visit) -> bool:
    if visit.relation == "self":
        return True
    if visit.relation == "container":  # what else was packed into it is not our item's story
        return bool(row.role != "parent" or row.type == "AssociationEvent")
    # The event that led here is noted already.
    return not (row.type == "TransformationEvent" and row.role == "input" and row.event_time >= visit.until)


def _names(content: records.Content, role: str) -> list[str]:
    return [name for of, name in content.items if of == role][:MAX_STEPS]


def _containers(
    search: _Search, rows: list[Row[Any]], contents: dict[int, records.Content], until: int
) -> Iterator[tuple[str, int, int]]:
    """Each parent that the item was packed into, from when, until when it was taken out."""
    packed: dict[str, int] = {}
    for row in rows:
        if row.role != "child" or row.id not in contents or row.erroneous:
            continue
        for parent in _names(contents[row.id], "parent"):
            if row.action == "ADD" and row.shown:
                packed.setdefault(parent, row.event_time)
            elif row.action == "DELETE" and parent in packed:
                yield parent, packed.pop(parent), row.event_time
    for parent, start in packed.items():
        yield parent, start, min(until, _emptied(search, parent, start))


def _emptied(search: _Search, parent: str, start: int) -> int:
    """When a container was unpacked without naming its children, which takes out all of them (EPCIS 2.0 7.4.3)."""
    child = aliased(EventItem)
    query = (
        select(func.min(Event.event_time))
        .join(EventItem, EventItem.event == Event.id)
        .where(EventItem.name == search.vault.fingerprint(parent), EventItem.role == "parent")
        .where(Event.action == "DELETE", Event.event_time >= start, ~_ERRONEOUS)
        .where(~exists().where(child.event == Event.id, child.role == "child"))
    )
    ended = search.connection.execute(query).scalar()
    return _ALWAYS if ended is None else int(ended)


def _lot_of(content: records.Content, name: str) -> str | None:
    """The lot that the commissioning of an instance names in its master data (CBV 2.0 section 9.2, lotNumber)."""
    if b"lotNumber" not in content.document:
        return None
    details = json.loads(content.document).get("ilmd")
    lot = (
        next(
            (value for key, value in details.items() if key.rpartition(":")[2].rpartition("/")[2] == "lotNumber"), None
        )
        if isinstance(details, dict)
        else None
    )
    return f"{name.partition('/21/')[0]}/10/{quote(lot, safe='-._~')}" if isinstance(lot, str) else None


def _examines(vault: Vault, row: Row[Any]) -> bool:
    steps = {vault.fingerprint(step) for step in _EXAMINING}
    return row.step in steps or row.disposition in {vault.fingerprint(word) for word in _EXAMINING_DISPOSITIONS}
