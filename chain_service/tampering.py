"""For showing what the proof is worth: a stored event of the demo altered behind the service's back, and put back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from chain_service.db import connect, writing
from chain_service.events import records
from chain_service.events.models import Event
from chain_service.kit import canonical
from chain_service.local import LocalError
from chain_service.partners.custody import write_private
from chain_service.partners.vault import Vault, open_vault

KEPT = "tampered.json"  # holds the event as it was


def tamper(folder: Path) -> str:
    """Alters one stored event, in the database and past the service; returns what was done.

    Raises LocalError where one is altered already, or where there is no demo.
    """
    kept = folder / KEPT
    if kept.exists():
        raise LocalError("an event is altered already; `make untamper` puts it back")
    engine, vault = _existing(folder)
    with writing(engine) as connection:
        order = connection.execute(
            select(Event.id).where(Event.erased_at.is_(None)).order_by(Event.event_time)
        ).scalars()
        contents = records.read(connection, vault, events := list(order))
        row = next((row for row in events if _has_reading(contents[row].document)), events[0])
        event = json.loads(contents[row].document)
        what = _alter(event)
        write_private(kept, json.dumps({"id": row, "document": contents[row].document.decode()}))
        _store(connection, vault, row, canonical.dumps(event))
    return f"Altered {event['eventID']}: {what}. Look at its passport; `make untamper` puts it back."


def untamper(folder: Path) -> str:
    """Puts the altered event back; returns what was done. Raises LocalError where none is altered."""
    kept = folder / KEPT
    if not kept.exists():
        raise LocalError("nothing is altered")
    original = json.loads(kept.read_text())
    engine, vault = _existing(folder)
    with writing(engine) as connection:
        _store(connection, vault, original["id"], original["document"].encode())
    kept.unlink()
    return "Put the event back as it was."


def _alter(event: dict[str, Any]) -> str:
    for element in event.get("sensorElementList", []):
        for report in element.get("sensorReport", []):
            if "meanValue" in report:
                was = report["meanValue"]
                report["meanValue"] = round(was / 2, 1)
                return f"a mean of {was} became {report['meanValue']}"
    was = event["eventTime"]
    event["eventTime"] = "2026-01-01T00:00:00.000Z"
    return f"the time {was} became {event['eventTime']}"


def _has_reading(document: bytes) -> bool:
    return b'"sensorReport"' in document and b'"meanValue"' in document


def _store(connection: Connection, vault: Vault, row: int, document: bytes) -> None:
    """Puts another document into a record; salt and all that was derived stay as they were."""
    key, encrypted = records.keys_of(connection, vault, [row])[row]
    altered = replace(records.Content.of(encrypted, key), document=document)
    connection.execute(update(Event).where(Event.id == row).values(content=altered.encrypted(key)))


def _existing(folder: Path) -> tuple[Engine, Vault]:
    path = folder / "chain-service.db"
    if not path.exists():
        raise LocalError(f"there is no demo in {folder}; `make demo` makes one")
    password = (folder / "keys-password").read_text()
    vault = open_vault(folder / "keys", password)
    return connect(f"sqlite:///{path.absolute()}"), vault
