"""When a reading leaves the limits: told at once, and once, until it is well back inside.

A reading newer than all before it moves the state: out of limits opens an excursion (an alarm), well back inside ends
it (an event that says so). One that comes after a newer reading can't move the state; where it is out of limits and
no known excursion is near it, it is an excursion of its own, told late.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from chain_service.gateway import events, outbox
from chain_service.gateway.devices import Assignment, Device
from chain_service.gateway.limits import Limit
from chain_service.gateway.store import event_id

Key = tuple[int, int, str]


class Excursions:
    """`near`: how close (milliseconds) a late reading must be to an excursion to belong to it. All of it happens in the
    caller's transaction; forget() after one that failed."""

    def __init__(self, connection: sqlite3.Connection, near: int) -> None:
        self._db = connection
        self._near = near
        self._newest: dict[Key, int] = {}
        self._open: dict[Key, sqlite3.Row | None] = {}
        self._moved: set[Key] = set()
        self.told = 0  # events written

    def forget(self) -> None:
        """Reads all anew when it is needed."""
        self._newest.clear()
        self._open.clear()
        self._moved.clear()

    def save(self) -> None:
        """Keeps how far each sensor was read."""
        rows = [(*key, self._newest[key]) for key in self._moved]
        self._db.executemany("INSERT OR REPLACE INTO newest VALUES (?, ?, ?, ?)", rows)
        self._moved.clear()

    def see(
        self, device: Device, to: Assignment, row: Mapping[str, Any], limit: Limit | None, steady: float, now: int
    ) -> None:
        """A reading that was just stored."""
        key = (device.id, to.id, row["kind"])
        newest = self._newest_of(key)
        if row["at"] > newest:
            self._newest[key] = row["at"]
            self._moved.add(key)
        if limit is None:
            return
        outside = limit.outside(row["value"])
        if row["at"] <= newest:
            if outside:
                self._late(key, device, to, row, limit, now)
            return
        current = self._open_of(key)
        if current is None and outside:
            self._begin(key, device, to, row, limit, now, late=False)
        elif current is not None and outside:
            self._worse(current["id"], current, row["value"], limit)
        elif current is not None and limit.back(row["value"], steady):
            self._db.execute("UPDATE excursions SET until = ? WHERE id = ?", (row["at"], current["id"]))
            self._open[key] = None
            name = event_id(self._db, "end", current["alarm"])
            event = events.ended(name, device.device_id, to, row, limit, current)
            outbox.put(self._db, name, event, now, urgent=True)
            self.told += 1

    def _begin(
        self, key: Key, device: Device, to: Assignment, row: Mapping[str, Any], limit: Limit, now: int, *, late: bool
    ) -> None:
        name = event_id(self._db, "alarm", *key, row["run"], row["seq"])
        values = (*key, row["at"], row["at"] if late else None, row["value"], name)
        self._db.execute("INSERT INTO excursions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)
        self._open.pop(key, None)
        event = events.alarm(name, device.device_id, to, row, limit, late)
        outbox.put(self._db, name, event, now, urgent=True)
        self.told += 1

    def _late(self, key: Key, device: Device, to: Assignment, row: Mapping[str, Any], limit: Limit, now: int) -> None:
        at = row["at"]
        found = self._db.execute(
            "SELECT * FROM excursions WHERE device = ? AND assignment = ? AND kind = ? AND since <= ? "
            "AND (until IS NULL OR until >= ?) ORDER BY since LIMIT 1",
            (*key, at + self._near, at - self._near),
        ).fetchone()
        if found is None:
            self._begin(key, device, to, row, limit, now, late=True)
            return
        self._worse(found["id"], found, row["value"], limit)
        self._db.execute(
            "UPDATE excursions SET since = min(since, ?), until = max(until, ?) WHERE id = ?", (at, at, found["id"])
        )
        self._open.pop(key, None)

    def _worse(self, number: int, excursion: sqlite3.Row, value: float, limit: Limit) -> None:
        if _distance(value, limit) > _distance(excursion["worst"], limit):
            self._db.execute("UPDATE excursions SET worst = ? WHERE id = ?", (value, number))
            for key, each in list(self._open.items()):
                if each is not None and each["id"] == number:
                    del self._open[key]

    def _newest_of(self, key: Key) -> int:
        if key not in self._newest:
            query = "SELECT at FROM newest WHERE device = ? AND assignment = ? AND kind = ?"
            found = self._db.execute(query, key).fetchone()
            self._newest[key] = -1 if found is None else found["at"]
        return self._newest[key]

    def _open_of(self, key: Key) -> sqlite3.Row | None:
        if key not in self._open:
            query = "SELECT * FROM excursions WHERE device = ? AND assignment = ? AND kind = ? AND until IS NULL"
            self._open[key] = self._db.execute(query, key).fetchone()
        return self._open[key]


def _distance(value: float, limit: Limit) -> float:
    """How far outside a value lies."""
    below = 0.0 if limit.low is None else limit.low - value
    above = 0.0 if limit.high is None else value - limit.high
    return max(below, above)
