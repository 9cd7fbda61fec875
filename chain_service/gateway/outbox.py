"""Events on their way to the service: written whole before the first try, sent in order until they are stored there.

The same event twice does no harm: its eventID follows from what it is about, and its bytes never change.
"""

import json
import logging
import sqlite3
from collections.abc import Mapping
from typing import Any

from chain_service.client import InvalidDocument, Partner, Refused, Unreachable
from chain_service.gateway.store import writing
from chain_service.kit import canonical

log = logging.getLogger(__name__)
_FIRST_WAIT, _LONGEST_WAIT = 1_000, 300_000  # milliseconds between tries
_FINAL = (400, 409, 413, 422)  # the event itself is refused; anything else may be mended at the service
_AT_ONCE = 100


def put(connection: sqlite3.Connection, event_id: str, event: Mapping[str, Any], now: int, *, urgent: bool) -> None:
    """In the caller's transaction; one that is there already stays as it was first made."""
    connection.execute(
        "INSERT OR IGNORE INTO outbox (event_id, urgent, event, made) VALUES (?, ?, ?, ?)",
        (event_id, urgent, canonical.dumps(event), now),
    )


class Post:
    """Sends what waits. `visibility`: as Partner.state() takes it."""

    def __init__(self, connection: sqlite3.Connection, partner: Partner, visibility: str) -> None:
        self._db = connection
        self._partner = partner
        self._visibility = visibility
        self._failures = 0
        self._not_before = 0

    def send(self, now: int) -> bool:
        """Sends up to 100, alarms first, each kind in order. Returns whether more can be sent at once.

        Where the service is away nothing is sent until some time has gone by, each time twice as long.
        """
        if now < self._not_before:
            return False
        rows = self._db.execute(
            "SELECT * FROM outbox WHERE state = 'waiting' AND next <= ? ORDER BY urgent DESC, id LIMIT ?",
            (now, _AT_ONCE),
        ).fetchall()
        for row in rows:
            try:
                self._partner.state(row["event"], self._visibility)
                self._posted(row, now)
            except Unreachable as error:
                return self._away(str(error), now)
            except InvalidDocument as error:
                self._refused(row, {"detail": str(error), "errors": error.errors}, final=True, now=now)
            except Refused as error:
                if error.status in (401, 429) or error.status >= 500:
                    return self._away(str(error), now)
                self._refused(row, error.problem, final=error.status in _FINAL, now=now)
            self._failures = 0
        return len(rows) == _AT_ONCE

    def _posted(self, row: sqlite3.Row, now: int) -> None:
        promise = json.dumps(self._partner.promises[-1]) if self._partner.promises else None
        self._partner.promises.clear()
        with writing(self._db):
            self._db.execute(
                "UPDATE outbox SET state = 'posted', posted = ?, promise = ?, problem = NULL, attempts = attempts + 1 "
                "WHERE id = ?",
                (now, promise, row["id"]),
            )

    def _refused(self, row: sqlite3.Row, problem: Mapping[str, Any], *, final: bool, now: int) -> None:
        log.error("the service refuses event %s: %s", row["event_id"], problem.get("detail") or problem.get("title"))
        later = now + min(_LONGEST_WAIT, _FIRST_WAIT << min(row["attempts"], 20))
        with writing(self._db):
            self._db.execute(
                "UPDATE outbox SET state = ?, next = ?, problem = ?, attempts = attempts + 1 WHERE id = ?",
                ("refused" if final else "waiting", later, json.dumps(dict(problem)), row["id"]),
            )

    def _away(self, why: str, now: int) -> bool:
        wait = min(_LONGEST_WAIT, _FIRST_WAIT << min(self._failures, 20))
        self._failures += 1
        self._not_before = now + wait
        log.warning("nothing posted, next try in %g s: %s", wait / 1000, why)
        return False


def retry(connection: sqlite3.Connection) -> int:
    """Lets everything that was refused be tried again; returns how many."""
    with writing(connection):
        return connection.execute(
            "UPDATE outbox SET state = 'waiting', next = 0, attempts = 0 "
            "WHERE state = 'refused' OR (state = 'waiting' AND next > 0)"
        ).rowcount
