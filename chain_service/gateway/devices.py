"""The devices of a gateway: who may send, for which item, and with which secrets."""

import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from chain_service.gateway import broker_files
from chain_service.gateway.limits import InvalidLimit, Limits, parse
from chain_service.gateway.store import writing
from chain_service.kit.curie import is_uri
from chain_service.kit.digital_link import canonical_name
from chain_service.kit.digital_link import parse as parse_item
from chain_service.kit.encryption import KEY_BYTES, derive
from chain_service.kit.gs1 import InvalidKey, are_digits

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MASTER = "device-secrets.key"


class DeviceError(ValueError):
    """What can't be done with a device; the message says why."""


@dataclass(frozen=True)
class Assignment:
    """Since when (Unix milliseconds) a device measures for which item, and where; canonical names."""

    id: int
    since: int
    item: str
    product: str | None
    place: str | None


@dataclass(frozen=True)
class Device:
    """`device_id`: its name in events; `secret`: of one that signs; `assignments`: the newest first."""

    id: int
    name: str
    device_id: str
    secret: bytes | None
    limits: Limits
    revoked: bool
    assignments: tuple[Assignment, ...]

    def assigned(self, at: int) -> Assignment | None:
        """For which item it measured at a time."""
        return next((each for each in self.assignments if each.since <= at), None)


@dataclass(frozen=True)
class Added:
    """What is shown once: the broker's password, and the secret of a device that signs."""

    device_id: str
    password: str
    secret: str | None


def load(connection: sqlite3.Connection, folder: Path) -> Mapping[str, Device]:
    """All devices by name, revoked ones included."""
    given: dict[int, list[Assignment]] = {}
    for row in connection.execute("SELECT * FROM assignments ORDER BY since DESC"):
        entry = Assignment(row["id"], row["since"], row["item"], row["product"], row["place"])
        given.setdefault(row["device"], []).append(entry)
    result = {}
    for row in connection.execute("SELECT * FROM devices"):
        secret = None if row["nonce"] is None else _secret(folder, row["name"], row["nonce"])
        limits = parse(json.loads(row["limits"]))
        revoked, assignments = row["revoked"] is not None, tuple(given.get(row["id"], ()))
        result[row["name"]] = Device(row["id"], row["name"], row["device_id"], secret, limits, revoked, assignments)
    return result


def add(
    connection: sqlite3.Connection,
    folder: Path,
    name: str,
    item: str,
    since: int,
    *,
    product: str | None = None,
    place: str | None = None,
    device_id: str | None = None,
    limits: Mapping[str, Any] | None = None,
    signs: bool = False,
) -> Added:
    """Admits a device that measures for an item from a time on (Unix milliseconds). Raises DeviceError."""
    if not _NAME.fullmatch(name):
        raise DeviceError(f"{name[:80]!r} is no device name: letters, digits, _ . - , at most 64")
    if device_id is not None and not is_uri(device_id):
        raise DeviceError(f"{device_id[:80]!r} is no URI, such as urn:epc:id:giai:9521109.DL.30511")
    try:
        parse(limits or {})
    except InvalidLimit as error:
        raise DeviceError(str(error)) from None
    assigned = _assigned(item, product, place)
    identity = device_id or f"urn:uuid:{uuid4()}"
    password = secrets.token_urlsafe(24)
    nonce = secrets.token_bytes(16) if signs else None
    secret = None if nonce is None else _secret(folder, name, nonce).hex()
    values = (name, identity, broker_files.hashed(password), nonce, json.dumps(limits or {}), since)
    with writing(connection):
        if connection.execute("SELECT 1 FROM devices WHERE name = ?", (name,)).fetchone():
            raise DeviceError(f"there is a device {name} already; a revoked name is not used again")
        row = connection.execute("INSERT INTO devices VALUES (NULL, ?, ?, ?, ?, ?, ?, NULL)", values).lastrowid
        connection.execute("INSERT INTO assignments VALUES (NULL, ?, ?, ?, ?, ?)", (row, since, *assigned))
    return Added(identity, password, secret)


def move(
    connection: sqlite3.Connection,
    name: str,
    item: str,
    since: int,
    product: str | None = None,
    place: str | None = None,
) -> None:
    """From a time on the device measures for another item; what it measured before stays with the one before."""
    assigned = _assigned(item, product, place)
    with writing(connection):
        device = _active(connection, name)
        last = connection.execute("SELECT max(since) FROM assignments WHERE device = ?", (device,)).fetchone()[0]
        used = connection.execute("SELECT max(at) FROM newest WHERE device = ?", (device,)).fetchone()[0]
        if since <= last or (used is not None and since <= used):
            raise DeviceError(f"{name} has readings, or was moved, at that time or later: take a later time")
        connection.execute("INSERT INTO assignments VALUES (NULL, ?, ?, ?, ?, ?)", (device, since, *assigned))


def revoke(connection: sqlite3.Connection, name: str, now: int) -> None:
    """Nothing that it sends is used any more; what it sent stays."""
    with writing(connection):
        connection.execute("UPDATE devices SET revoked = ? WHERE id = ?", (now, _active(connection, name)))


def _active(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT id, revoked FROM devices WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise DeviceError(f"there is no device {name[:80]}")
    if row["revoked"] is not None:
        raise DeviceError(f"{name} is revoked")
    return int(row["id"])


def _assigned(item: str, product: str | None, place: str | None) -> tuple[str, str | None, str | None]:
    try:
        named = parse_item(item)
        if named is None or named.level in ("place", "party"):
            raise DeviceError(f"{item[:80]!r} names no item: a GS1 Digital Link or an EPC URN, such as …/00/3952…")
        link = f"https://id.gs1.org/414/{place}" if place and len(place) == 13 and are_digits(place) else place
        where = canonical_name(link) if link else None
        of = canonical_name(product) if product else None
    except InvalidKey as error:
        raise DeviceError(error.reason) from None
    for text in (where, of):
        if text is not None and not is_uri(text):
            raise DeviceError(f"{text[:80]!r} is neither a GS1 key nor a URI such as geo:31.2,121.5")
    return named.name, of, where


def _secret(folder: Path, name: str, nonce: bytes) -> bytes:
    return derive(_master(folder), f"device/{name}/{nonce.hex()}")


def _master(folder: Path) -> bytes:
    path = folder / _MASTER
    if not path.exists():
        with open(path, "xb", opener=broker_files.private) as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()
