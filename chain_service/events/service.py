"""Storing captured events: once each, whole, each with its statement, or not at all."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from chain_service.db import insert_rows
from chain_service.events import jobs, records
from chain_service.events.event_hash import event_hash
from chain_service.events.facts import Facts, facts
from chain_service.events.imports import service as imports
from chain_service.events.milestones import documents
from chain_service.events.models import Event, EventBrand, EventItem
from chain_service.events.visibility import brands_of, effective, visible_to
from chain_service.kit import canonical, clock
from chain_service.kit.digests import SALT_BYTES, sha256, uuid_of
from chain_service.partners import posting
from chain_service.partners.disclosure import defaults_of, hold
from chain_service.partners.vault import DataKey, Vault

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
    key: DataKey  # of its record


State = Callable[[Connection, str, Sequence[Stored]], list[str]]  # makes statements, returns their digests


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one event was not stored; `kind` is conflict, not-the-reporter or not-permitted."""

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
        stated["eventID"] = uuid_of(sha256(canonical.dumps(content)))
    return Stated(place, stated, canonical.dumps(stated), facts(stated))


def _listed(context: Any) -> list[Any]:
    return context if isinstance(context, list) else [context]


def store(
    connection: Connection, vault: Vault, partner: str, events: Sequence[Stated], state: State, narrowed: int = 0
) -> tuple[list[Stored], list[Refusal], list[str]]:
    """Stores what is new, in the caller's transaction; the same event again is harmless and keeps its first salt.

    `narrowed`: the least public that its reporter asks for (visibility.py). Returns the stored events, the refused ones
    with the reason, and the digests of the new statements.
    """
    new, refused = _sort_out(connection, vault, partner, events)
    seen_by = _seen_by(connection, vault, partner, new, narrowed) if new else []
    new, seen_by, forbidden = _permitted(connection, vault, partner, new, seen_by)
    refused += forbidden
    if not new:
        return [], refused, []
    salts = [stated.salt or os.urandom(SALT_BYTES) for stated in new]
    keys = vault.new_keys(len(new))
    rows = [
        _row(vault, partner, stated, salt, key, (narrowed, visibility))
        for stated, salt, key, (_, visibility) in zip(new, salts, keys, seen_by, strict=True)
    ]
    ids = _insert(connection, partner, rows)
    stored = [
        Stored(ids[row["event_id"], row["declaration"]], stated, salt, key)
        for row, stated, salt, key in zip(rows, new, salts, keys, strict=True)
    ]
    items = [
        {"event": event.row, "role": role, "name": vault.fingerprint(name)}
        for event in stored
        for role, name in dict.fromkeys(event.stated.facts.items)
    ]
    insert_rows(connection, EventItem, items)
    brands = [
        {"event": event.row, "brand": brand}
        for event, (of_event, _) in zip(stored, seen_by, strict=True)
        for brand in of_event
    ]
    insert_rows(connection, EventBrand, brands)
    documents.note(connection, vault, {event.row: event.stated.event for event in stored})
    return stored, refused, state(connection, partner, stored)


def _row(
    vault: Vault, partner: str, stated: Stated, salt: bytes, key: DataKey, seen_by: tuple[int, int]
) -> dict[str, Any]:
    known = stated.facts
    items = tuple(dict.fromkeys(known.items))
    said = records.Content(stated.document, salt, event_hash(stated.event), items, known.read_point, known.biz_location)
    return {
        "partner": partner,
        "key": key.id,
        "content": said.encrypted(key),
        "event_id": vault.fingerprint(stated.event_id),
        "declaration": stated.declaration,
        "type": stated.event["type"],
        "action": stated.event.get("action", ""),
        "event_time": known.event_time,
        "record_time": clock.now_ms(),
        "step": vault.fingerprint(known.step),
        "disposition": vault.fingerprint(known.disposition),
        "read_point": vault.fingerprint(known.read_point),
        "biz_location": vault.fingerprint(known.biz_location),
        "narrowed": seen_by[0],
        "visibility": seen_by[1],
    }


def _seen_by(
    connection: Connection, vault: Vault, partner: str, new: Sequence[Stated], narrowed: int
) -> list[tuple[set[str], int]]:
    """The brands of each event's items, and who may see it. A declaration is seen by who may see what it corrects."""
    brands = brands_of(connection, vault, [{name for _, name in stated.facts.items} for stated in new])
    hold(connection, set().union(*brands))
    defaults = defaults_of(connection, set().union(*brands))
    corrected = _visibilities(connection, partner, [vault.fingerprint(s.event_id) for s in new if s.declaration])
    wanted = [effective(narrowed, of_event, s.facts.step, defaults) for s, of_event in zip(new, brands, strict=True)]
    for stated, visibility in zip(new, wanted, strict=True):
        if not stated.declaration:  # both may be new
            corrected[vault.fingerprint(stated.event_id)] = visibility
    return [
        (of_event, corrected.get(vault.fingerprint(stated.event_id), visibility))
        for stated, of_event, visibility in zip(new, brands, wanted, strict=True)
    ]


def _permitted(
    connection: Connection, vault: Vault, partner: str, new: Sequence[Stated], seen_by: Sequence[tuple[set[str], int]]
) -> tuple[list[Stated], list[tuple[set[str], int]], list[Refusal]]:
    """What the brands of its items let this partner post, and what they don't. What a partner stated once it may
    always declare erroneous. Call it once the brands are held (see _seen_by)."""
    others = set[str]().union(*(brands for brands, _ in seen_by)) - {partner}
    rules = posting.rules_of(connection, others) if others else {}
    if not rules:
        return list(new), list(seen_by), []
    declared = _visibilities(connection, partner, [vault.fingerprint(s.event_id) for s in new if s.declaration])
    allowed: list[tuple[Stated, tuple[set[str], int]]] = []
    refused: list[Refusal] = []
    for stated, seen in zip(new, seen_by, strict=True):
        own = stated.declaration and vault.fingerprint(stated.event_id) in declared
        brand = None if own else posting.refusing(rules, partner, seen[0], stated.facts.step)
        if brand is None:
            allowed.append((stated, seen))
        else:
            detail = f"{brand} does not let this partner post {stated.facts.step or 'events without a bizStep'}"
            refused.append(Refusal(stated.place, stated.event_id, "not-permitted", f"{detail} about its products"))
    return [stated for stated, _ in allowed], [seen for _, seen in allowed], refused


def _visibilities(connection: Connection, partner: str, event_ids: Sequence[bytes]) -> dict[bytes, int]:
    if not event_ids:
        return {}
    stated = select(Event.event_id, Event.visibility).where(
        Event.partner == partner, Event.declaration.is_(False), Event.event_id.in_(event_ids)
    )
    return {row.event_id: row.visibility for row in connection.execute(stated)}


def _insert(connection: Connection, partner: str, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[bytes, bool], int]:
    """Inserts events and returns their row ids; asking for these afterwards is cheaper than RETURNING row by row."""
    before = connection.execute(select(func.max(Event.id))).scalar() or 0
    insert_rows(connection, Event, rows)
    made = select(Event.id, Event.event_id, Event.declaration).where(Event.id > before, Event.partner == partner)
    return {(row.event_id, row.declaration): row.id for row in connection.execute(made)}


def _sort_out(
    connection: Connection, vault: Vault, partner: str, events: Sequence[Stated]
) -> tuple[list[Stated], list[Refusal]]:
    """What is new, and what may not be stored; what is known already with the same content is dropped."""
    known = _known(connection, vault, partner, {stated.event_id for stated in events})
    others = _stated_by_others(connection, vault, partner, [s.event_id for s in events if s.declaration])
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


def _known(
    connection: Connection, vault: Vault, partner: str, event_ids: set[str]
) -> dict[tuple[str, bool], bytes | None]:
    """The documents stored under these eventIDs, by eventID and whether it is a declaration; None: not readable."""
    by_fingerprint = {vault.fingerprint(event_id): event_id for event_id in event_ids}
    wanted = sorted(by_fingerprint)
    rows: list[Row[Any]] = []
    for start in range(0, len(wanted), _IN_CHUNK):
        query = select(Event.id, Event.event_id, Event.declaration).where(
            Event.partner == partner, Event.event_id.in_(wanted[start : start + _IN_CHUNK])
        )
        rows += list(connection.execute(query))
    contents = records.read(connection, vault, [row.id for row in rows])
    return {
        (by_fingerprint[row.event_id], row.declaration): contents[row.id].document if row.id in contents else None
        for row in rows
    }


def _stated_by_others(connection: Connection, vault: Vault, partner: str, event_ids: Sequence[str]) -> set[str]:
    """Those that another partner stated, as far as this one may see: a guess learns nothing."""
    by_fingerprint = {vault.fingerprint(event_id): event_id for event_id in event_ids}
    wanted = sorted(by_fingerprint)
    found: set[str] = set()
    for start in range(0, len(wanted), _IN_CHUNK):
        query = select(Event.event_id).where(
            Event.partner != partner,
            Event.declaration.is_(False),
            visible_to(partner),
            Event.event_id.in_(wanted[start : start + _IN_CHUNK]),
        )
        found.update(by_fingerprint[event_id] for event_id in connection.execute(query).scalars() if event_id)
    return found


def erase(connection: Connection, vault: Vault, partner: str, event_id: str) -> list[int]:
    """Empties the records of a partner's event and its declaration, in the caller's transaction; returns their rows.

    What was erased still names its items by fingerprints, so that their passports can say so.
    """
    named = (Event.partner == partner, Event.event_id == vault.fingerprint(event_id))
    rows = list(connection.execute(select(Event.id).where(*named)).scalars())
    empty(connection, rows)
    if rows:
        jobs.forget_errors(connection, vault, partner, event_id)
        imports.forget(connection, partner, event_id)
    return rows


def empty(connection: Connection, rows: Sequence[int]) -> None:
    """Empties the records of these events, as of now."""
    for row in rows:
        names = connection.execute(select(EventItem.name).where(EventItem.event == row).distinct()).scalars().all()
        connection.execute(delete(EventItem).where(EventItem.event == row))
        insert_rows(connection, EventItem, [{"event": row, "role": "erased", "name": name} for name in names])
    connection.execute(delete(EventBrand).where(EventBrand.event.in_(rows)))
    documents.forget(connection, rows)
    fingerprints = dict.fromkeys(("event_id", "step", "disposition", "read_point", "biz_location"))
    emptied = {"content": None, "type": "", "action": "", "event_time": None, "erased_at": clock.now_ms()}
    connection.execute(update(Event).where(Event.id.in_(rows)).values({**emptied, **fingerprints}))


def narrow(connection: Connection, vault: Vault, partner: str, event_id: str, narrowed: int) -> int | None:
    """Sets the least public that a partner asks for its event, and its declaration; returns who may see it now.

    None where the partner stated no such event.
    """
    named = (Event.partner == partner, Event.event_id == vault.fingerprint(event_id))
    rows = connection.execute(select(Event.id).where(*named).order_by(Event.declaration)).scalars().all()
    if not rows:
        return None
    content = records.read(connection, vault, rows[:1]).get(rows[0])
    step = "" if content is None else facts(json.loads(content.document)).step
    query = select(EventBrand.brand).where(EventBrand.event.in_(rows))
    brands = set(connection.execute(query).scalars())
    hold(connection, brands)
    visibility = effective(narrowed, brands, step, defaults_of(connection, brands))
    connection.execute(update(Event).where(Event.id.in_(rows)).values(narrowed=narrowed, visibility=visibility))
    return visibility
