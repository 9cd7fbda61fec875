"""Realistic documents of any number of events: those of the sample journeys, each time about other items."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Any

from chain_service.kit.gs1 import check_digit
from chain_service.settings import PACKAGE

SMALL = (400, 800)  # bytes of an event as compact JSON
LARGE = (1000, 2300)
_GS1_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_EVENT_ID = re.compile(r"urn:uuid:[0-9a-f-]{36}")
_SECOND = re.compile(r'(?<="eventTime":")(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d\.\d{3}')
_SSCC_URN = re.compile(r"(urn:epc:id:sscc:\d+\.\d)(\d+)")
_SSCC_LINK = re.compile(r"(/00/\d{8})(\d{9})\d")
_SERIAL = re.compile(r'(urn:epc:(?:id:sgtin|id:grai|id:giai|class:lgtin):[^"]+|/(?:21|10)/[^"/]+)')
_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Kind:
    """Events of the samples within a size, and the `@context` that their documents need together."""

    name: str
    texts: list[str]
    context: list[Any]


def kind(name: str, size: tuple[int, int]) -> Kind:
    """The sample events of a size in bytes, from the smallest up to the largest."""
    texts: list[str] = []
    inline: dict[str, Any] = {}
    for path in sorted((PACKAGE / "samples" / "journeys").glob("*.json")):
        for capture in json.loads(path.read_text())["captures"]:
            document = capture["document"]
            for part in document["@context"] if isinstance(document["@context"], list) else ():
                inline |= part if isinstance(part, dict) else {}
            for event in document["epcisBody"]["eventList"]:
                text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
                if size[0] <= len(text.encode()) <= size[1] and "errorDeclaration" not in event:
                    texts.append(text)
    return Kind(name, texts, [_GS1_CONTEXT, inline])


def shipments(items: int) -> Kind:
    """Shipping events of so many serialised items each: for us the costliest, since every item can be found later."""
    event = {
        "type": "ObjectEvent",
        "eventID": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "eventTime": "2026-11-12T09:30:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [f"urn:epc:id:sgtin:9521301.010420.SF1-{number:04}" for number in range(items)],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": "urn:epc:id:sgln:9521301.00002.0"},
        "bizLocation": {"id": "urn:epc:id:sgln:9521301.00001.0"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521301000014:PO-4410"}],
    }
    texts = [json.dumps(event, separators=(",", ":"))]
    return Kind(f"shipments of {items} items", texts, [_GS1_CONTEXT])


def documents(of: Kind, events: int) -> Iterator[bytes]:
    """Documents without end, each of so many events; no event and no item comes twice."""
    head = {"@context": of.context, "type": "EPCISDocument", "schemaVersion": "2.0"}
    frame = json.dumps({**head, "creationDate": "2026-11-20T08:00:00.000Z"}, ensure_ascii=False).removesuffix("}")
    texts = (_renamed(text, turn) for turn in count(1) for text in of.texts)
    while True:
        yield f'{frame}, "epcisBody": {{"eventList": [{",".join(islice(texts, events))}]}}}}'.encode()


def _renamed(text: str, turn: int) -> str:
    """The same event at another second about other instances, lots and logistic units."""
    suffix = _DIGITS[turn // 1156 % 34] + _DIGITS[turn // 34 % 34] + _DIGITS[turn % 34]
    text = _EVENT_ID.sub(lambda match: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, match[0] + suffix)}", text)
    text = _SECOND.sub(rf"\g<1>:{turn % 60:02}.{turn // 60 % 1000:03}", text)
    text = _SERIAL.sub(lambda match: match[0] + suffix, text)
    text = _SSCC_URN.sub(lambda match: match[1] + _shifted(match[2], turn), text)
    return _SSCC_LINK.sub(partial(_link, turn), text)


def _shifted(digits: str, turn: int) -> str:
    return str((int(digits) + turn * 10_007) % 10 ** len(digits)).zfill(len(digits))


def _link(turn: int, match: re.Match[str]) -> str:
    digits = match[1].removeprefix("/00/") + _shifted(match[2], turn)
    return f"/00/{digits}{check_digit(digits)}"
