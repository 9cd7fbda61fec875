"""The gateway's own SQLite: readings are on disk before the broker is told so, events before they are sent."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4, uuid5

_BUSY_SECONDS = 60
_MOST_EVIDENCE = 1000  # refused messages kept for each device and reason; all are counted
_MOST_PAYLOAD = 4096  # bytes kept of each
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, device_id TEXT NOT NULL, password TEXT NOT NULL,
  nonce BLOB, limits TEXT NOT NULL, added INTEGER NOT NULL, revoked INTEGER);
CREATE TABLE IF NOT EXISTS assignments (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL, since INTEGER NOT NULL, item TEXT NOT NULL, product TEXT, place TEXT,
  UNIQUE (device, since));
CREATE TABLE IF NOT EXISTS readings (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL, run TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL,
  at INTEGER NOT NULL, received INTEGER NOT NULL, value NOT NULL, second, original TEXT, salt BLOB NOT NULL,
  assignment INTEGER NOT NULL, interval INTEGER NOT NULL, part INTEGER, UNIQUE (device, run, seq));
CREATE INDEX IF NOT EXISTS readings_open ON readings (interval, device, assignment, received) WHERE part IS NULL;
CREATE INDEX IF NOT EXISTS readings_of_part ON readings (part) WHERE part IS NOT NULL;
CREATE TABLE IF NOT EXISTS refused (
  id INTEGER PRIMARY KEY, device TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, received INTEGER NOT NULL,
  payload BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS refused_by ON refused (device, reason);
CREATE TABLE IF NOT EXISTS counts (
  device TEXT NOT NULL, word TEXT NOT NULL, count INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (device, word)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL, assignment INTEGER NOT NULL, interval INTEGER NOT NULL,
  kind TEXT NOT NULL, number INTEGER NOT NULL, event_id TEXT NOT NULL, digest BLOB NOT NULL, count INTEGER NOT NULL,
  UNIQUE (device, assignment, interval, kind, number));
CREATE INDEX IF NOT EXISTS parts_by_digest ON parts (digest);
CREATE TABLE IF NOT EXISTS excursions (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL, assignment INTEGER NOT NULL, kind TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER, worst NOT NULL, alarm TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS excursions_of ON excursions (device, assignment, kind, since);
CREATE TABLE IF NOT EXISTS newest (
  device INTEGER NOT NULL, assignment INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (device, assignment, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, urgent INTEGER NOT NULL, event BLOB NOT NULL,
  made INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0,
  next INTEGER NOT NULL DEFAULT 0, problem TEXT, posted INTEGER, promise TEXT);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (urgent DESC, id) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS limits (
  item TEXT PRIMARY KEY, content TEXT NOT NULL, fetched INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS absences (since INTEGER NOT NULL, until INTEGER NOT NULL);
"""


def connect(folder: Path) -> sqlite3.Connection:
    """A connection to the database in the gateway's folder, which is made where it is missing; one for each thread."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "gateway.db"
    if not path.exists():  # never opened beside SQLite: closing it would drop this process's locks on it (fcntl(2))
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)
    connection.execute("INSERT OR IGNORE INTO facts VALUES ('namespace', ?)", (str(uuid4()),))
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One transaction: all of it is on disk afterwards, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def event_id(connection: sqlite3.Connection, *parts: object) -> str:
    """The eventID that follows from what an event is about, and from this gateway."""
    (namespace,) = connection.execute("SELECT value FROM facts WHERE name = 'namespace'").fetchone()
    return f"urn:uuid:{uuid5(UUID(namespace), '/'.join(str(part) for part in parts))}"


def count(connection: sqlite3.Connection, counts: Mapping[tuple[str, str], int], now: int) -> None:
    """Adds to the counts by device and word."""
    connection.executemany(
        "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT (device, word) "
        "DO UPDATE SET count = count + excluded.count, last = excluded.last",
        [(device, word, number, now) for (device, word), number in counts.items()],
    )


def keep_refused(
    connection: sqlite3.Connection, device: str, reason: str, detail: str, received: int, payload: bytes
) -> None:
    """Keeps what was refused, for evidence; the oldest gives way."""
    values = (device, reason, detail, received, payload[:_MOST_PAYLOAD])
    row = connection.execute("INSERT INTO refused VALUES (NULL, ?, ?, ?, ?, ?)", values).lastrowid
    if row is not None and row % 100 == 0:
        connection.execute(
            "DELETE FROM refused WHERE device = ? AND reason = ? AND id <= (SELECT id FROM refused WHERE device = ? "
            "AND reason = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (device, reason, device, reason, _MOST_EVIDENCE),
        )
