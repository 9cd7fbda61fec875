"""Events and documents that tests capture; each call makes ids of its own."""

import itertools
import json
import uuid
from typing import Any

from tests.stage import CONTEXT

Json = dict[str, Any]
GTIN = "09521234543213"
_serials = itertools.count(1)


def new_item() -> str:
    """The canonical name of an item that no other test uses."""
    return f"https://id.gs1.org/01/{GTIN}/21/T{next(_serials)}x{uuid.uuid4().hex[:6]}"


def new_event(**changed: Any) -> Json:
    """A valid ObjectEvent; a value of None removes the field."""
    event = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{uuid.uuid4()}",
        "eventTime": "2026-11-01T08:30:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [new_item()],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": "https://id.gs1.org/414/9521321000018"},
        **changed,
    }
    return {name: value for name, value in event.items() if value is not None}


def bare(event: Json) -> bytes:
    """An event with a context of its own, as POST /epcis/events takes it."""
    return json.dumps({"@context": [CONTEXT], **event}).encode()


def document(*events: Any, **changed: Any) -> bytes:
    """An EPCISDocument of these events."""
    whole = {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-01T08:31:00.000+08:00",
        "epcisBody": {"eventList": list(events)},
        **changed,
    }
    return json.dumps(whole).encode()


def declared_wrong(event: Json) -> Json:
    """The declaration that an event is wrong."""
    declaration = {"declarationTime": "2026-11-02T08:30:00.000+08:00", "reason": "incorrect_data"}
    return {**event, "errorDeclaration": declaration}
