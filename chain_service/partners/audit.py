"""The audit log: who changed what. Each UTC day's entries hang under one Merkle root, which the operator states.

An entry is written in the transaction of the change that it tells of. Once a day is sealed nothing is added to it: a
writer that finds its clock in a sealed day (it was set back) enters at the start of the next day that is open, and the
entry keeps the clock's own time as `clockAt`.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, select

from chain_service.kit import canonical, clock, merkle
from chain_service.kit.digests import to_hex
from chain_service.partners.actors import Actor
from chain_service.partners.models import AuditDay, AuditEntry

SALT_BYTES = 16
DAY_MS = 86_400_000
_LOCK = 0x617564697400  # PostgreSQL's advisory lock: those who write share it, who seals has it alone


def record(connection: Connection, actor: Actor, action: str, partner: str | None, what: Mapping[str, Any]) -> None:
    """Enters one action, such as `credential.issued`, about an organisation (its DID; None where it is not known).

    `what`: JSON of ids, rights and times; never content of events, eventIDs, names or addresses of people. Call it in
    the writing transaction of the change itself.
    """
    _lock(connection, alone=False)
    at = clock.now_ms()
    said = {**what, "partner": partner} if partner else dict(what)
    last = _last_sealed(connection)
    if last is not None and day_of(at) <= last:
        said["clockAt"] = at
        at = _end(last)
    entry = {
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_partner": actor.partner.did if actor.partner else None,
        "action": action,
        "subject": partner,
        "what": said,
        "salt": os.urandom(SALT_BYTES),
    }
    connection.execute(insert(AuditEntry).values(entry))


def as_json(row: Row[Any]) -> dict[str, Any]:
    """An entry as it is shown; its RFC 8785 bytes are the leaf data of its day's tree."""
    return {
        "id": row.id,
        "at": row.at,
        "actor": {"kind": row.actor_kind, "id": row.actor_id, "partner": row.actor_partner},
        "action": row.action,
        "what": row.what,
        "salt": to_hex(row.salt),
    }


def page(
    connection: Connection, partner: str | None, day: str | None, after: int | None, limit: int
) -> tuple[list[Row[Any]], int | None]:
    """Entries, newest first, and after which id the next page begins, if there is one.

    `partner`: only what this organisation did or what concerns it; `day`: only of a UTC day; `after`: only older than
    the entry of this id.
    """
    wanted = _entries(day)
    if partner is not None:
        wanted = wanted.where((AuditEntry.subject == partner) | (AuditEntry.actor_partner == partner))
    if after is not None:
        wanted = wanted.where(AuditEntry.id < after)
    rows = list(connection.execute(wanted.order_by(AuditEntry.id.desc()).limit(limit + 1)).all())
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def day_root(connection: Connection, day: str) -> bytes:
    """The RFC 6962 root over a day's entries in the order of their ids."""
    return _tree(connection, day)[1]


def days(connection: Connection, most: int) -> list[dict[str, Any]]:
    """The newest days that have entries, newest first: sealed ones with their root, the others with none yet."""
    sealed = connection.execute(select(AuditDay.__table__).order_by(AuditDay.day.desc()).limit(most)).all()
    last = sealed[0].day if sealed else None
    unsealed = [
        {"day": day, "count": count, "root": None, "eventID": None, "sealed": False}
        for day, count in _unsealed(connection, last, None)
    ]
    shown = [
        {"day": row.day, "count": row.count, "root": to_hex(row.root), "eventID": row.event_id, "sealed": True}
        for row in sealed
    ]
    return [*reversed(unsealed), *shown][:most]


def days_to_seal(connection: Connection, today: str) -> list[tuple[str, int, bytes]]:
    """Day, number of entries and root of each day before `today` that has entries and is not sealed, oldest first.

    In a writing transaction: entries wait until it ends, so that none comes between the root and note_sealed().
    """
    _lock(connection, alone=True)
    found = _unsealed(connection, _last_sealed(connection), today)
    return [(day, *_tree(connection, day)) for day, _ in found]


def note_sealed(connection: Connection, day: str, count: int, root: bytes, event_id: str | None = None) -> None:
    """Closes a day for ever. `event_id`: of the event that states the root.

    Raises ValueError where the day is not the oldest of days_to_seal(), or its entries are not those of the root.
    """
    _lock(connection, alone=True)
    unsealed = _unsealed(connection, _last_sealed(connection), day_of(clock.now_ms()))
    if not unsealed or unsealed[0][0] != day:
        raise ValueError(f"{day} is not the next day to seal")
    if _tree(connection, day) != (count, root):
        raise ValueError(f"the entries of {day} are not those of this root")
    connection.execute(insert(AuditDay).values(day=day, count=count, root=root, event_id=event_id))


def is_stated_by(connection: Connection, event_id: str) -> bool:
    """Whether this eventID is that of the event which states a day's root."""
    known = select(AuditDay.day).where(AuditDay.event_id == event_id).limit(1)
    return "\0" not in event_id and connection.execute(known).scalar() is not None


def day_of(milliseconds: int) -> str:
    """The UTC day of Unix milliseconds, such as 2026-11-01."""
    return clock.iso(milliseconds)[:10]


def is_day(text: str) -> bool:
    """Whether a text names a day as day_of() does."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d") == text and text >= "1970-01-01"
    except ValueError:
        return False


def _entries(day: str | None) -> Select[Any]:
    wanted = select(AuditEntry.__table__)
    return wanted if day is None else wanted.where(and_(AuditEntry.at >= _start(day), AuditEntry.at < _end(day)))


def _tree(connection: Connection, day: str) -> tuple[int, bytes]:
    rows = connection.execute(_entries(day).order_by(AuditEntry.id))
    leaves = [merkle.leaf_hash(canonical.dumps(as_json(row))) for row in rows]
    return len(leaves), merkle.root(leaves)


def _last_sealed(connection: Connection) -> str | None:
    return connection.execute(select(func.max(AuditDay.day))).scalar()


def _unsealed(connection: Connection, last: str | None, before: str | None) -> list[tuple[str, int]]:
    """Each day after the last sealed one, and before another, with the number of its entries; oldest first."""
    number = (AuditEntry.at // DAY_MS).label("number")
    wanted = select(number, func.count()).group_by(number).order_by(number)
    if last is not None:
        wanted = wanted.where(AuditEntry.at >= _end(last))
    if before is not None:
        wanted = wanted.where(AuditEntry.at < _start(before))
    return [(day_of(day * DAY_MS), count) for day, count in connection.execute(wanted)]


def _start(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000


def _end(day: str) -> int:
    return _start(day) + DAY_MS


def _lock(connection: Connection, alone: bool) -> None:
    """Keeps writers and the one who seals apart until the transaction ends; SQLite's writers are so by themselves."""
    if connection.dialect.name == "postgresql":
        locks = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        connection.execute(select(locks(_LOCK)))
