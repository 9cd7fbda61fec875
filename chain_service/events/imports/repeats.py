"""What rows say that was posted before, from a phone or by another file: as milestones.duplicates asks of one event,
asked of hundreds with few questions."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from chain_service.events import records
from chain_service.events.milestones.duplicates import WITHIN_MS
from chain_service.events.milestones.steps import word_of
from chain_service.events.models import Event, EventItem
from chain_service.events.service import Stated
from chain_service.partners.vault import Vault

_IN_CHUNK = 500
_MOST_NAMED = 20_000  # entries looked at: the newest; products as a whole may have had more events


def posted_before(
    connection: Connection, vault: Vault, partner: str, stated: Sequence[Stated | None]
) -> dict[int, str]:
    """By place in `stated`, the eventID under which the partner said the same within 15 minutes."""
    first = {
        number: min(name for _, name in each.facts.items)
        for number, each in enumerate(stated)
        if each and each.facts.items
    }
    prints = {number: vault.fingerprint(name) for number, name in first.items()}
    near = _near(connection, partner, sorted(set(prints.values())))
    alike: dict[int, list[int]] = {}
    for number, each in enumerate(stated):
        if each is None or number not in prints:
            continue
        step, place = vault.fingerprint(each.facts.step), vault.fingerprint(each.facts.read_point)
        alike[number] = [
            row.id
            for row in near.get(prints[number], ())
            if row.step == step and row.read_point == place and abs(row.event_time - each.facts.event_time) <= WITHIN_MS
        ]
    contents = records.read(connection, vault, sorted({row for rows in alike.values() for row in rows}))
    found = {}
    for number, rows in alike.items():
        each = stated[number]
        for row in rows:
            content = contents.get(row)
            if each is None or content is None or set(content.items) != set(each.facts.items):
                continue
            event = json.loads(content.document)
            if _same(event, each.event):
                found[number] = str(event["eventID"])
                break
    return found


def _near(connection: Connection, partner: str, prints: Sequence[bytes]) -> dict[bytes, list[Row[Any]]]:
    """The partner's events that speak of each item; each question has one condition, which an index answers."""
    events: dict[int, set[bytes]] = defaultdict(set)
    for start in range(0, len(prints), _IN_CHUNK):
        named = select(EventItem.name, EventItem.event).where(EventItem.name.in_(prints[start : start + _IN_CHUNK]))
        for entry in connection.execute(named.order_by(EventItem.event.desc()).limit(_MOST_NAMED)):
            events[entry.event].add(entry.name)
    ids = sorted(events)
    found: dict[bytes, list[Row[Any]]] = defaultdict(list)
    erroneous: set[bytes] = set()
    columns = (
        Event.id,
        Event.partner,
        Event.event_id,
        Event.declaration,
        Event.event_time,
        Event.step,
        Event.read_point,
    )
    for start in range(0, len(ids), _IN_CHUNK):
        rows: list[Row[Any]] = list(
            connection.execute(select(*columns).where(Event.id.in_(ids[start : start + _IN_CHUNK])))
        )
        for row in rows:
            if row.partner != partner or row.event_time is None:
                continue
            if row.declaration:
                erroneous.add(row.event_id)
                continue
            for name in events[row.id]:
                found[name].append(row)
    return {name: [row for row in rows if row.event_id not in erroneous] for name, rows in found.items()}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two events of the same items, step, place and time say the same; two measurements have equal values."""
    if word_of(one) != word_of(other):
        return False
    values = [[part.get("sensorReport") for part in event.get("sensorElementList", [])] for event in (one, other)]
    return word_of(one) != "measured" or values[0] == values[1]
