"""Storing captured events: once each, whole, each with its statement, or not at all."""

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from chain_service.db import insert_rows
from chain_service.events.event_hash import event_hash
from chain_service.events.facts import Facts, facts
from chain_service.events.models import Event, EventItem
from chain_service.kit import canonical, clock
from chain_service.kit.digests import SALT_BYTES, sha256

_IN_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Stated:
    """An event as its reporter states it, ready to be stored."""

    place: str  # JSON pointer inside the document it came in
    event: Mapping[str, Any]
    document: bytes  # its RFC 8785 form
    facts: Facts
    salt: bytes | None = None  # 32 bytes where the reporter chose it and signed over it

    @property
    def event_id(self) -> str:
        return str(self.event["eventID"])

    @property
    def declaration(self) -> bool:
        return "errorDeclaration" in self.event


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored event, for the statement about it."""

    row: int
    stated: Stated
    salt: bytes


State = Callable[[Connection, str, Sequence[Stored]], list[str]]  # makes statements, returns their digests


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one event was not stored; `kind` is conflict or not-the-reporter."""

    place: str
    event_id: str
    kind: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.place, "eventID": self.event_id, "type": self.kind, "detail": self.detail}


def as_stated(event: Mapping[str, Any], context: Any, place: str) -> Stated:
    """The event with its document's @context and an eventID, without recordTime (DESIGN section 4).

    `context` is the document's @context, to which the event's own is appended; None where the event brings its own.
    An eventID is made from the content where there is none, so that the same event captured twice stays one event, and
    so that the error declaration of an event without eventID finds it.
    """
    stated = {name: value for name, value in event.items() if name != "recordTime"}
    if context is not None:
        stated["@context"] = [*_listed(context), *_listed(event["@context"])] if "@context" in event else context
    if "eventID" not in stated:
        content = {name: value for name, value in stated.items() if name != "errorDeclaration"}
        stated["eventID"] = _uuid(sha256(canonical.dumps(content)))
    return Stated(place, stated, canonical.dumps(stated), facts(stated))


def _uuid(digest: bytes) -> str:
    """A version 8 UUID (RFC 9562 section 5.8) from the first bytes of a digest."""
    made = bytearray(digest[:16])
    made[6] = 0x80 | made[6] & 0x0F
    made[8] = 0x80 | made[8] & 0x3F
    return uuid.UUID(bytes=bytes(made)).urn


def _listed(context: Any) -> list[Any]:
    return context if isinstance(context, list) else [context]


def store(
    connection: Connection, partner: str, events: Sequence[Stated], state: State
) -> tuple[list[Stored], list[Refusal], list[str]]:
    """Stores what is new, in the caller's transaction; the same event again is harmless and keeps its first salt.

    Returns the stored events, the refused ones with the reason, and the digests of the new statements.
    """
    new, refused = _sort_out(connection, partner, events)
    if not new:
        return [], refused, []
    now = clock.now_ms()
    rows = [
        {
            "partner": partner,
            "event_id": stated.event_id,
            "declaration": stated.declaration,
            "type": stated.event["type"],
            "action": stated.event.get("action", ""),
            "event_time": stated.facts.event_time,
            "record_time": now,
            "step": stated.facts.step,
            "disposition": stated.facts.disposition,
            "read_point": stated.facts.read_point,
            "biz_location": stated.facts.biz_location,
            "document": stated.document,
            "salt": stated.salt or os.urandom(SALT_BYTES),
            "event_hash": event_hash(stated.event),
        }
        for stated in new
    ]
    ids = _insert(connection, partner, rows)
    stored = [
        Stored(ids[stated.event_id, stated.declaration], stated, row["salt"])
        for stated, row in zip(new, rows, strict=True)
    ]
    items = [
        {"event": event.row, "role": role, "name": name}
        for event in stored
        for role, name in dict.fromkeys(event.stated.facts.items)
    ]
    insert_rows(connection, EventItem, items)
    return stored, refused, state(connection, partner, stored)


def _insert(connection: Connection, partner: str, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, bool], int]:
    """Inserts events and returns their row ids; asking for these afterwards is cheaper than RETURNING row by row."""
    before = connection.execute(select(func.max(Event.id))).scalar() or 0
    insert_rows(connection, Event, rows)
    made = select(Event.id, Event.event_id, Event.declaration).where(Event.id > before, Event.partner == partner)
    return {(row.event_id, row.declaration): row.id for row in connection.execute(made)}


def _sort_out(connection: Connection, partner: str, events: Sequence[Stated]) -> tuple[list[Stated], list[Refusal]]:
    """What is new, and what may not be stored; what is known already with the same content is dropped."""
    known = _known(connection, partner, {stated.event_id for stated in events})
    others = _stated_by_others(connection, partner, [s.event_id for s in events if s.declaration])
    new: list[Stated] = []
    refused: list[Refusal] = []
    for stated in events:
        key = (stated.event_id, stated.declaration)
        if stated.declaration and stated.event_id in others and (stated.event_id, False) not in known:
            detail = "another partner stated this event; only who stated an event may declare it erroneous"
            refused.append(Refusal(stated.place, stated.event_id, "not-the-reporter", detail))
        elif key not in known:
            known[key] = stated.document
            new.append(stated)
        elif known[key] != stated.document:
            what = "an error declaration" if stated.declaration else "an event"
            detail = f"{what} with this eventID is captured already and its content is another"
            refused.append(Refusal(stated.place, stated.event_id, "conflict", detail))
    return new, refused


def _known(connection: Connection, partner: str, event_ids: set[str]) -> dict[tuple[str, bool], bytes]:
    found: dict[tuple[str, bool], bytes] = {}
    wanted = sorted(event_ids)
    for start in range(0, len(wanted), _IN_CHUNK):
        query = select(Event.event_id, Event.declaration, Event.document).where(
            Event.partner == partner, Event.event_id.in_(wanted[start : start + _IN_CHUNK])
        )
        found.update({(row.event_id, row.declaration): row.document for row in connection.execute(query)})
    return found


def _stated_by_others(connection: Connection, partner: str, event_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(event_ids), _IN_CHUNK):
        query = select(Event.event_id).where(
            Event.partner != partner,
            Event.declaration.is_(False),
            Event.event_id.in_(event_ids[start : start + _IN_CHUNK]),
        )
        found.update(connection.execute(query).scalars())
    return found
