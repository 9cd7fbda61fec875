"""The same request again: answered as it was the first time, and never worked on twice at once.

Source: draft-ietf-httpapi-idempotency-key-header-07; the key is taken as it stands, quotes and all.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from chain_service.errors import Problem
from chain_service.events.milestones.errors import Error
from chain_service.events.milestones.models import MilestoneKey
from chain_service.kit import canonical, clock
from chain_service.kit.digests import sha256, uuid_of
from chain_service.partners.vault import Vault

HEADER = "Idempotency-Key"
LONGEST = 255


def key_of(value: str | None) -> str | None:
    """The header's key. Raises Problem 400 where it is none."""
    if value is None or (1 <= len(value) <= LONGEST and value.isascii() and value.isprintable()):
        return value
    detail = f"{HEADER} has 1 to {LONGEST} printable ASCII characters."
    raise Problem(400, "invalid-parameter", "A parameter is wrong", detail, [{"parameter": HEADER, "detail": detail}])


def event_ids(vault: Vault, partner: str, key: str, count: int) -> list[str]:
    """The eventIDs that follow from a partner and its key; nobody without the vault can guess them."""
    return [uuid_of(_fingerprint(vault, partner, key, f"event {number}")) for number in range(count)]


def _fingerprint(vault: Vault, partner: str, key: str, of: str) -> bytes:
    return vault.fingerprint(f"idempotency {of}\n{partner}\n{key}")


class AtWork:
    """The keys that this process works on."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, partner: str, key: str) -> Iterator[None]:
        """Raises Problem 409 where the key is being worked on."""
        with self._lock:
            if (partner, key) in self._keys:
                raise _in_use()
            self._keys.add((partner, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((partner, key))


def answered(connection: Connection, vault: Vault, partner: str, key: str, body: Any) -> Row[Any] | None:
    """What was answered to this key before, in a writing transaction: until it ends no other process takes the key.

    Raises Problem 409 where another process works on it, 422 where the body was another.
    """
    fingerprint = _fingerprint(vault, partner, key, "key")
    if connection.dialect.name == "postgresql":  # SQLite's writers follow one another
        number = int.from_bytes(fingerprint[:8], "big", signed=True)
        if not connection.execute(select(func.pg_try_advisory_xact_lock(number))).scalar():
            raise _in_use()
    table = MilestoneKey.__table__
    known = (MilestoneKey.partner == partner, MilestoneKey.key == fingerprint)
    row = connection.execute(select(table).where(*known)).one_or_none()
    if row is not None and row.body != _body(vault, body):
        detail = "This Idempotency-Key came with another body before. A new milestone takes a new key."
        raise Problem(422, "idempotency-key-reused", "The key was used for something else", detail)
    return row


def note(
    connection: Connection,
    vault: Vault,
    partner: str,
    key: str,
    body: Any,
    answer: tuple[int, dict[str, Any] | None, list[Error]],
) -> None:
    """Keeps what is answered: how many eventIDs, the promise, and the warnings without what they quote."""
    count, promise, warnings = answer
    values = {
        "partner": partner,
        "key": _fingerprint(vault, partner, key, "key"),
        "body": _body(vault, body),
        "events": count,
        "promise": promise,
        "warnings": [[warning["pointer"], warning["code"]] for warning in warnings],
        "created_at": clock.now_ms(),
    }
    connection.execute(insert(MilestoneKey).values(values))


def _body(vault: Vault, body: Any) -> bytes:
    return vault.fingerprint(f"idempotency body {sha256(canonical.dumps(body)).hex()}")


def _in_use() -> Problem:
    detail = "A request with this Idempotency-Key is being worked on; ask again in a moment."
    return Problem(409, "idempotency-key-in-use", "This key is in use", detail, headers={"Retry-After": "1"})
