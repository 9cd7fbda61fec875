"""What an organisation posted, newest first, as its own people look for it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from chain_service.events import records
from chain_service.events.milestones.building import NOTE
from chain_service.events.milestones.places import Places
from chain_service.events.milestones.steps import STEPS, word_of
from chain_service.events.models import Event, EventItem
from chain_service.kit import clock, scanned
from chain_service.kit.gs1 import InvalidKey
from chain_service.partners import sites
from chain_service.partners.vault import Vault

MOST = 100
MOST_ITEMS = 100  # shown of one milestone
LONGEST_QUESTION = 1024

Sealed = Callable[[Connection, Sequence[int]], set[int]]  # which of these events' statements are sealed


def page(
    connection: Connection, vault: Vault, partner: str, question: str, after: int | None, limit: int, sealed: Sealed
) -> tuple[list[dict[str, Any]], int | None]:
    """Milestones of an organisation (its DID), and after which the next page begins, if there is one.

    `question`: a code of an item, the name of a site or place, a step, or an eventID; empty for all. Erased ones are
    left out.
    """
    wanted = select(Event.id, Event.event_id, Event.record_time).where(
        Event.partner == partner, Event.declaration.is_(False), Event.erased_at.is_(None)
    )
    if question:
        wanted = wanted.where(_asked(connection, vault, partner, question))
    if after is not None:
        wanted = wanted.where(Event.id < after)
    rows = list(connection.execute(wanted.order_by(Event.id.desc()).limit(limit + 1)))
    shown = rows[:limit]
    contents = records.read(connection, vault, [row.id for row in shown])
    declared = _declared(connection, vault, partner, [row.event_id for row in shown])
    at_places = sites.at(connection, {content.read_point for content in contents.values()})
    done = sealed(connection, [row.id for row in shown])
    listed = [
        {
            **_as_json(contents[row.id], row.record_time),
            "site": getattr(at_places.get((partner, contents[row.id].read_point)), "name", None),
            "sealed": row.id in done,
            "declared": declared.get(row.event_id),
        }
        for row in shown
        if row.id in contents
    ]
    return listed, shown[-1].id if len(rows) > limit else None


def _as_json(content: records.Content, record_time: int) -> dict[str, Any]:
    event = json.loads(content.document)
    names = list(dict.fromkeys(name for _, name in content.items))
    return {
        "eventID": event["eventID"],
        "step": word_of(event),
        "items": names[:MOST_ITEMS],
        "itemCount": len(names),
        "place": content.read_point or content.biz_location or None,
        "time": event["eventTime"],
        "recordedAt": clock.iso(record_time),
        "note": event.get(NOTE),
    }


def _declared(
    connection: Connection, vault: Vault, partner: str, event_ids: Sequence[bytes]
) -> Mapping[bytes, dict[str, Any]]:
    """What declares these events erroneous, by the fingerprint of the eventID."""
    wanted = select(Event.id, Event.event_id).where(
        Event.partner == partner, Event.declaration.is_(True), Event.event_id.in_(event_ids)
    )
    rows = {row.id: row.event_id for row in connection.execute(wanted)}
    found = {}
    for row, content in records.read(connection, vault, rows).items():
        said = json.loads(content.document)["errorDeclaration"]
        reason = str(said.get("reason", "")).rpartition("/")[2].rpartition(":")[2].removeprefix("ER-")
        found[rows[row]] = {
            "reason": reason or None,
            "at": said["declarationTime"],
            "correctedBy": said.get("correctiveEventIDs", []),
        }
    return found


def _asked(connection: Connection, vault: Vault, partner: str, question: str) -> ColumnElement[bool]:
    """The condition of a question; each way of reading it counts."""
    ways: list[ColumnElement[bool]] = [Event.event_id == vault.fingerprint(question)]
    try:
        named = select(EventItem.event).where(EventItem.name == vault.fingerprint(scanned.item(question).name))
        ways.append(Event.id.in_(named))
    except InvalidKey:
        pass
    place = Places(connection, partner).named(question)
    if place:
        ways.append(Event.read_point == vault.fingerprint(place))
    folded = question.strip().casefold()
    steps = {step.uri for step in STEPS.values() if folded in (step.word, step.en.casefold(), step.zh)}
    ways += [Event.step == vault.fingerprint(step) for step in steps]
    return or_(*ways)
