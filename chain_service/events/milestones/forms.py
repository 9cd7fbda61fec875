"""The short form of a milestone, read from JSON with everything that is wrong in it. What needs the database to be
known (places by name, items, roles) is looked at in service.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chain_service.events.milestones import measurements
from chain_service.events.milestones.errors import Error, error
from chain_service.events.milestones.measurements import Measurement
from chain_service.events.milestones.steps import STEPS, Step
from chain_service.kit import clock, scanned
from chain_service.kit.digital_link import Item
from chain_service.kit.gs1 import InvalidKey

MOST_ITEMS = 1000
MOST_DOCUMENTS = 20
LONGEST_NAME = 200  # characters: of a document or a place
LONGEST_NOTE = 2000
_AHEAD_MS = 10 * 60 * 1000  # a clock may be so much ahead
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A paper that belongs to a milestone, by its content's SHA-256 (64 hexadecimal digits, lower case)."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What shall happen next: a step (full URI), a place as given (or empty), and a time (ISO 8601)."""

    step: str
    place: str
    by: str


@dataclass(frozen=True, slots=True)
class Form:
    """A milestone in the words of who posts it.

    `items`, `shipment`: what is named, canonical; `place`: as given, `site`: the id of an own site, one of both is
    filled; `time`: ISO 8601 with offset, or empty for now.
    """

    items: tuple[Item, ...]
    step: Step
    place: str
    time: str = ""
    measurements: tuple[Measurement, ...] = ()
    documents: tuple[Document, ...] = ()
    note: str = ""
    shipment: Item | None = None
    expected: Expected | None = None
    repeat: bool = False
    site: str = ""
    pointers: tuple[str, ...] = ()  # where each of the items stands in the form


class _Reading:
    """One pass over one form: its members, where they stand, and what is wrong so far."""

    def __init__(self, content: Mapping[str, Any], pointer: str) -> None:
        self.content = content
        self.pointer = pointer
        self.errors: list[Error] = []

    def note(self, place: str, code: str, detail: str, **values: Any) -> None:
        self.errors.append(error(f"{self.pointer}{place}", code, detail, **values))

    def text(self, place: str, value: Any, most: int, code: str) -> str:
        """A text without control characters and what surrounds it; empty where it is none."""
        if not isinstance(value, str):
            self.note(place, code, f"{place.rpartition('/')[2]} is a text")
        elif len(value) > most:
            self.note(place, "too-long", f"{place.rpartition('/')[2]} has at most {most} characters", most=most)
        elif _CONTROL.search(value):
            self.note(place, code, f"{place.rpartition('/')[2]} holds a control character")
        else:
            return value.strip()
        return ""

    def many(self, name: str, most: int, code: str) -> list[Any]:
        value = self.content.get(name, [])
        if not isinstance(value, list):
            self.note(f"/{name}", code, f"{name} is a list")
            return []
        if len(value) > most:
            code = "too-many-items" if name == "items" else "too-long"
            self.note(f"/{name}", code, f"at most {most} {name}, these are {len(value)}", most=most, count=len(value))
            return []
        return value

    def members(self, place: str, value: Any, required: tuple[str, ...], optional: tuple[str, ...], code: str) -> bool:
        """Whether an object holds what it must and nothing else."""
        before = len(self.errors)
        if not isinstance(value, dict):
            self.note(place, code, f"an object with {', '.join(required)} is due")
            return False
        for name in required:
            if value.get(name) in (None, ""):
                self.note(f"{place}/{name}", "missing", f"{name} is missing", member=name)
        for name in value:
            if name not in required and name not in optional:
                shown = name[:60]
                self.note(f"{place}/{_escaped(shown)}", "unknown-member", f"{shown!r} is no member", member=shown)
        return len(self.errors) == before


_MEMBERS = ("items", "step", "place", "site", "time", "measurements", "documents", "note", "shipment", "expected")


def read(content: Any, pointer: str = "") -> tuple[Form | None, list[Error]]:
    """The form that a JSON value holds, or all that is wrong with it; `pointer` says where it stands."""
    if not isinstance(content, dict):
        return None, [error(pointer, "missing", "a milestone is an object with items, step and place", member="items")]
    given = {name: value for name, value in content.items() if value is not None}  # null says as little as nothing
    reading = _Reading(given, pointer)
    reading.members("", given, ("step",), (*_MEMBERS, "repeat"), "missing")
    step = _step(reading, "/step", given["step"]) if given.get("step", "") != "" else None
    items = _items(reading)
    shipment = _item(reading, "/shipment", given["shipment"]) if given.get("shipment", "") != "" else None
    if step is not None:
        _require_items(reading, step)
    if shipment is not None and step is not None and not step.needs_shipment:  # it happened to this too
        items.setdefault(shipment.name, ("/shipment", shipment))
        shipment = None
    place, site = _place(reading)
    repeat = given.get("repeat", False)
    if not isinstance(repeat, bool):
        reading.note("/repeat", "malformed-value", "repeat is true or false")
    time = _time(reading, "/time", given["time"], clock.now_ms() + _AHEAD_MS) if given.get("time", "") != "" else ""
    measured, documents, expected = _measurements(reading), _documents(reading), _expected(reading)
    note = reading.text("/note", given.get("note", ""), LONGEST_NOTE, "malformed-value")
    if reading.errors or step is None:
        return None, reading.errors
    named = tuple(item for _, item in items.values())
    pointers = tuple(where for where, _ in items.values())
    return Form(named, step, place, time, measured, documents, note, shipment, expected, repeat, site, pointers), []


def _step(reading: _Reading, place: str, word: Any) -> Step | None:
    step = STEPS.get(word) if isinstance(word, str) else None
    if step is None:
        shown = str(word)[:60]
        reading.note(place, "unknown-step", f"{shown!r} is no step; there are {', '.join(STEPS)}", step=shown)
    return step


def _items(reading: _Reading) -> dict[str, tuple[str, Item]]:
    """What is named, by canonical name, with its pointer: the same twice is one."""
    found: dict[str, tuple[str, Item]] = {}
    for number, text in enumerate(reading.many("items", MOST_ITEMS, "malformed-item")):
        where = f"/items/{number}"
        item = _item(reading, where, text)
        if item is not None:
            found.setdefault(item.name, (where, item))
    return found


def _item(reading: _Reading, place: str, text: Any) -> Item | None:
    shown = text[:60] if isinstance(text, str) else str(type(text).__name__)
    try:
        if not isinstance(text, str):
            raise InvalidKey("an item is a text: a Digital Link, an EPC, or the code of a label")
        found = scanned.item(text)
    except InvalidKey as wrong:
        reading.note(place, "malformed-item", wrong.reason, item=shown)
        return None
    if len(found.name.encode()) > scanned.LONGEST:
        reading.note(place, "malformed-item", f"the name of {shown} has more than {scanned.LONGEST} bytes", item=shown)
        return None
    return found


def _require_items(reading: _Reading, step: Step) -> None:
    """A packing names what is packed and into which shipment; to unpack all, the shipment is enough."""
    items, shipment = reading.content.get("items", []), reading.content.get("shipment", "")
    if step.needs_shipment and shipment == "":
        detail = f"{step.word} needs shipment: what the items are packed into, or taken out of"
        reading.note("/shipment", "step-needs-shipment", detail, step=step.word)
    if items == [] and (shipment == "" or step.word == "packed"):
        reading.note("/items", "missing", "items names at least one", member="items")


def _place(reading: _Reading) -> tuple[str, str]:
    """The place as given and the id of a site; one of both is filled."""
    place = reading.text("/place", reading.content.get("place", ""), scanned.LONGEST, "unknown-place")
    site = reading.text("/site", reading.content.get("site", ""), LONGEST_NAME, "unknown-place")
    if not place and not site and not any(e["pointer"].endswith(("/place", "/site")) for e in reading.errors):
        reading.note("/place", "missing", "place says where: the name of a site, a GLN, or geo:latitude,longitude")
    return ("", site) if site else (place, "")


def _time(reading: _Reading, place: str, text: Any, latest: int | None) -> str:
    """A time with its offset; `latest`: Unix milliseconds. Empty where it is none."""
    shown = text[:60] if isinstance(text, str) else type(text).__name__
    try:
        if not isinstance(text, str) or len(text) > 64:
            raise ValueError("a time is a text such as 2026-11-25T08:00:00+08:00")
        moment = clock.parse_time(text)
    except ValueError as wrong:
        code = "too-old-time" if str(wrong) == clock.BEFORE_1970 else "malformed-time"
        reading.note(place, code, f"{shown!r}: {wrong}", time=shown)
        return ""
    if latest is not None and moment > latest:
        reading.note(place, "future-time", f"{shown} lies ahead: a milestone tells what happened", time=shown)
        return ""
    return text


def _measurements(reading: _Reading) -> tuple[Measurement, ...]:
    found = []
    for number, content in enumerate(reading.many("measurements", measurements.MOST, "malformed-value")):
        measured, wrong = measurements.read(content, f"{reading.pointer}/measurements/{number}")
        reading.errors += wrong
        found += [measured] if measured else []
    return tuple(found)


def _documents(reading: _Reading) -> tuple[Document, ...]:
    found = []
    for number, content in enumerate(reading.many("documents", MOST_DOCUMENTS, "malformed-sha256")):
        place = f"/documents/{number}"
        if reading.members(place, content, ("name", "sha256"), (), "malformed-sha256"):
            name = reading.text(f"{place}/name", content["name"], LONGEST_NAME, "malformed-value")
            digest = content["sha256"].lower() if isinstance(content["sha256"], str) else ""
            if not _SHA256.fullmatch(digest):
                detail = "sha256 is the SHA-256 of the document's bytes: 64 hexadecimal digits"
                reading.note(f"{place}/sha256", "malformed-sha256", detail)
            found.append(Document(name, digest))
    return tuple(found)


def _expected(reading: _Reading) -> Expected | None:
    content = reading.content.get("expected")
    if content is None or not reading.members("/expected", content, ("step", "by"), ("place",), "malformed-value"):
        return None
    step = _step(reading, "/expected/step", content["step"])
    by = _time(reading, "/expected/by", content["by"], None)
    place = reading.text("/expected/place", content.get("place") or "", scanned.LONGEST, "unknown-place")
    return Expected(step.uri, place, by) if step else None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
