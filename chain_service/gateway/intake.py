"""Messages become readings in the database, many in one transaction; only then may the broker hear of it."""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chain_service.gateway import clocks, limits, payloads, store
from chain_service.gateway.clocks import Absence
from chain_service.gateway.config import Config
from chain_service.gateway.devices import Device, load
from chain_service.gateway.excursions import Excursions
from chain_service.gateway.payloads import Reading
from chain_service.gateway.trees import SALT_BYTES

STORED, DUPLICATE = "stored", "duplicate"
_MOST_NAMES = 1000  # names of unknown devices that are counted one by one
_STRANGERS = "(others)"
_INSERT = (
    "INSERT OR IGNORE INTO readings (device, run, seq, kind, at, received, value, second, original, salt, assignment, "
    "interval) VALUES (:device, :run, :seq, :kind, :at, :received, :value, :second, :original, :salt, :assignment, "
    ":interval)"
)


class Arrived(NamedTuple):
    """A message of a device at a time, Unix milliseconds."""

    device: str
    payload: bytes
    received: int


class Intake:
    """Owns a connection of its own. `absences`: when this gateway was not at the broker."""

    def __init__(self, connection: sqlite3.Connection, config: Config) -> None:
        self._db = connection
        self._config = config
        self._excursions = Excursions(connection, config.interval)
        self.absences: list[Absence] = [
            Absence(row["since"], row["until"]) for row in connection.execute("SELECT * FROM absences")
        ]
        self._strangers: set[str] = set()
        self._counts: Counter[tuple[str, str]] = Counter()
        self.refresh()

    def refresh(self) -> None:
        """Reads devices and limits, which others write."""
        self.devices: Mapping[str, Device] = load(self._db, self._config.folder)
        self._known = limits.kept(self._db)
        self._limits: dict[int, Mapping[str, limits.Limit]] = {}

    def was_away(self, since: int, until: int) -> None:
        """Notes an absence; those too old to explain anything are dropped."""
        oldest = until - self._config.clock_rule.oldest
        self.absences = [each for each in self.absences if each.until >= oldest] + [Absence(since, until)]
        with store.writing(self._db):
            self._db.execute("DELETE FROM absences WHERE until < ?", (oldest,))
            self._db.execute("INSERT INTO absences VALUES (?, ?)", (since, until))

    def store(self, batch: Iterable[Arrived], now: int, dropped: Mapping[str, int] | None = None) -> int:
        """Stores what can be used, keeps what can't, and is on disk when it returns. Returns how many events were
        written for at once. `dropped`: messages of a flood, by device."""
        self._counts = Counter({(self._name(name), "flood"): number for name, number in (dropped or {}).items()})
        before = self._excursions.told
        try:
            with store.writing(self._db):
                for message in batch:
                    self._take(message, now)
                self._excursions.save()
                store.count(self._db, self._counts, now)
        except BaseException:
            self._excursions.forget()
            raise
        return self._excursions.told - before

    def _take(self, message: Arrived, now: int) -> None:
        device = self.devices.get(message.device)
        if device is None or device.revoked:
            reason = "unknown-device" if device is None else "revoked-device"
            return self._refuse(message, reason, f"{message.device[:80]} is {reason.replace('-', ' ')} here")
        read = payloads.read(message.payload, device.name, device.secret, self._config.plausible)
        for refusal in read.refusals:
            self._refuse(message, *refusal)
        for reading in read.readings:
            self._keep(message, device, reading, read.sent, now)

    def _keep(self, message: Arrived, device: Device, reading: Reading, sent: int | None, now: int) -> None:
        wrong = clocks.judge(self._config.clock_rule, reading.at, sent, message.received, self.absences)
        if wrong is not None:
            hours = (reading.at - message.received) / 3_600_000
            return self._refuse(message, wrong, f"seq {reading.seq} says a time {hours:+.2f} h from its arrival")
        to = device.assigned(reading.at)
        if to is None:
            return self._refuse(message, "not-assigned", f"seq {reading.seq} is from before {device.name} had an item")
        row = {
            **reading._asdict(),
            "device": device.id,
            "received": message.received,
            "salt": os.urandom(SALT_BYTES),
            "assignment": to.id,
            "interval": reading.at - reading.at % self._config.interval,
        }
        if self._db.execute(_INSERT, row).rowcount == 0:
            return self._again(message, device, reading)
        self._counts[device.name, STORED] += 1
        if to.id not in self._limits:
            self._limits[to.id] = limits.of(self._known, device.limits, to.item, to.product)
        name = reading.kind.partition(".")[0]
        limit = self._limits[to.id].get(name)
        steady = 0.0 if limit is None else self._config.steadiness(name)
        self._excursions.see(device, to, row, limit, steady, now)

    def _again(self, message: Arrived, device: Device, reading: Reading) -> None:
        """The same reading twice is harmless; another under the same number is not."""
        kept = self._db.execute(
            "SELECT kind, at, value, second FROM readings WHERE device = ? AND run = ? AND seq = ?",
            (device.id, reading.run, reading.seq),
        ).fetchone()
        if tuple(kept) == (reading.kind, reading.at, reading.value, reading.second):
            self._counts[device.name, DUPLICATE] += 1
        else:
            self._refuse(message, "seq-used", f"seq {reading.seq} was another reading; after a restart give a new run")

    def _refuse(self, message: Arrived, reason: str, detail: str) -> None:
        name = self._name(message.device)
        self._counts[name, reason] += 1
        store.keep_refused(self._db, name, reason, detail, message.received, message.payload)

    def _name(self, device: str) -> str:
        """Whom to count it for: somebody may make up any number of names."""
        if device in self.devices or device in self._strangers:
            return device
        if len(self._strangers) < _MOST_NAMES and len(device) <= 64:
            self._strangers.add(device)
            return device
        return _STRANGERS
