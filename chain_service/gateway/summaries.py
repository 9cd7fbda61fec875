"""Intervals that are over become events: one for each device and item, and a supplement for readings that came later.

A reading is in exactly one of them: it is marked with its part in the transaction that writes the event.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from chain_service.gateway import events, limits, outbox, store
from chain_service.gateway.config import Config
from chain_service.gateway.devices import Device, load

_AT_ONCE = 200  # groups in one turn
_MOST_EXCURSIONS = 20  # told in one summary


class _Group(NamedTuple):
    interval: int
    device: int
    assignment: int


def close_due(connection: sqlite3.Connection, config: Config, now: int) -> int:
    """Writes the events of all intervals that are over; returns how many. `now`: Unix milliseconds.

    An interval's readings wait until the grace after its end is over and no more of them have come for a while (a
    device that was away sends many at once), but never longer than the grace after the first of them came.
    """
    rows = connection.execute(
        "SELECT interval, device, assignment FROM readings WHERE part IS NULL AND interval <= ? "
        "GROUP BY interval, device, assignment HAVING max(received) <= ? OR min(received) <= ? LIMIT ?",
        (now - config.interval - config.grace, now - config.grace // 6, now - config.grace, _AT_ONCE),
    ).fetchall()
    if not rows:
        return 0
    devices = {device.id: device for device in load(connection, config.folder).values()}
    known = limits.kept(connection)
    for row in rows:
        _close(connection, config, devices, known, _Group(*row), now)
    return len(rows)


def _close(
    connection: sqlite3.Connection,
    config: Config,
    devices: Mapping[int, Device],
    known: Mapping[str, limits.Limits],
    group: _Group,
    now: int,
) -> None:
    device = devices[group.device]
    to = next(each for each in device.assignments if each.id == group.assignment)
    with store.writing(connection):
        rows = connection.execute(
            "SELECT * FROM readings WHERE part IS NULL AND interval = ? AND device = ? AND assignment = ? "
            "ORDER BY kind, at, run, seq",
            group,
        ).fetchall()
        groups: dict[str, Sequence[events.Row]] = {
            kind: list(members) for kind, members in groupby(rows, key=lambda row: str(row["kind"]))
        }
        first, number = _earlier(connection, group)
        name = store.event_id(connection, "summary", *group, number)
        span = (group.interval, group.interval + config.interval)
        allowed = limits.of(known, device.limits, to.item, to.product)
        excursions = {kind: _excursions(connection, group, kind, members) for kind, members in groups.items()}
        supplement = None if first is None else (number, first)
        event, digests = events.summary(name, device.device_id, to, span, groups, allowed, excursions, supplement)
        for kind, members in groups.items():
            values = (group.device, group.assignment, group.interval, kind, number, name, digests[kind], len(members))
            part = connection.execute("INSERT INTO parts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", values).lastrowid
            connection.executemany(
                "UPDATE readings SET part = ? WHERE id = ?", [(part, member["id"]) for member in members]
            )
        outbox.put(connection, name, event, now, urgent=False)


def _earlier(connection: sqlite3.Connection, group: _Group) -> tuple[str | None, int]:
    """The eventID of the first summary of this interval, None where there is none yet, and the next number."""
    rows = connection.execute(
        "SELECT event_id, number FROM parts WHERE interval = ? AND device = ? AND assignment = ? ORDER BY number", group
    ).fetchall()
    return (rows[0]["event_id"], rows[-1]["number"] + 1) if rows else (None, 0)


def _excursions(
    connection: sqlite3.Connection, group: _Group, kind: str, members: Sequence[events.Row]
) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT * FROM excursions WHERE device = ? AND assignment = ? AND kind = ? AND since <= ? "
        "AND (until IS NULL OR until >= ?) ORDER BY since LIMIT ?",
        (group.device, group.assignment, kind, members[-1]["at"], members[0]["at"], _MOST_EXCURSIONS),
    ).fetchall()


def forget_old(connection: sqlite3.Connection, config: Config, now: int) -> int:
    """Deletes raw readings and refused messages whose time is over, where their event is stored at the service.

    Their digest and number stay, in `parts` and in the event. Returns how many readings went.
    """
    before = now - config.retention
    with store.writing(connection):
        gone = connection.execute(
            "DELETE FROM readings WHERE id IN (SELECT r.id FROM readings r JOIN parts p ON p.id = r.part "
            "JOIN outbox o ON o.event_id = p.event_id WHERE p.interval < ? AND o.state = 'posted' LIMIT 20000)",
            (before,),
        ).rowcount
        connection.execute("DELETE FROM refused WHERE received < ?", (before,))
    return gone
