"""For showing what the proof is worth: a stored event of the demo altered behind the service's back, and put back."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from chain_service.db import connect, writing
from chain_service.events.models import Event
from chain_service.kit import canonical
from chain_service.local import LocalError
from chain_service.partners.custody import write_private

KEPT = "tampered.json"  # holds the event as it was


def tamper(folder: Path) -> str:
    """Alters one stored event, in the database and past the service; returns what was done.

    Raises LocalError where one is altered already, or where there is no demo.
    """
    kept = folder / KEPT
    if kept.exists():
        raise LocalError("an event is altered already; `make untamper` puts it back")
    engine = connect(_existing_database(folder))
    with writing(engine) as connection:
        rows = connection.execute(select(Event.id, Event.event_id, Event.document).order_by(Event.event_time)).all()
        row = next(
            (row for row in rows if b'"sensorReport"' in row.document and b'"meanValue"' in row.document), rows[0]
        )
        event = json.loads(row.document)
        what = _alter(event)
        write_private(kept, json.dumps({"id": row.id, "document": row.document.decode()}))
        connection.execute(update(Event).where(Event.id == row.id).values(document=canonical.dumps(event)))
    return f"Altered {row.event_id}: {what}. Look at its passport; `make untamper` puts it back."


def untamper(folder: Path) -> str:
    """Puts the altered event back; returns what was done. Raises LocalError where none is altered."""
    kept = folder / KEPT
    if not kept.exists():
        raise LocalError("nothing is altered")
    original = json.loads(kept.read_text())
    engine = connect(_existing_database(folder))
    with writing(engine) as connection:
        document = original["document"].encode()
        connection.execute(update(Event).where(Event.id == original["id"]).values(document=document))
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


def _existing_database(folder: Path) -> str:
    path = folder / "chain-service.db"
    if not path.exists():
        raise LocalError(f"there is no demo in {folder}; `make demo` makes one")
    return f"sqlite:///{path.absolute()}"
