"""From the bytes of a capture to events as stated, with everything that is wrong in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chain_service.events.service import MAX_NAME, Stated, as_stated
from chain_service.events.validation import Problem, validate, validate_document
from chain_service.kit import canonical

MAX_DEPTH = canonical.MAX_DEPTH - 4  # an event must still be read where it stands inside a passport
_EVENT_POINTER = re.compile(r"/epcisBody/eventList/(\d+)(?:/|$)")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds: the valid events, what is wrong with the document, what is wrong with single events."""

    events: list[Stated] = field(default_factory=list)
    document_errors: list[dict[str, str]] = field(default_factory=list)
    event_errors: list[dict[str, str]] = field(default_factory=list)

    @property
    def errors(self) -> list[dict[str, str]]:
        """All errors in the document's order: {"pointer", "detail"}."""
        return [*self.document_errors, *self.event_errors]


def read(data: bytes) -> Reading:
    """The events of an EPCISDocument. Raises kit.canonical.InvalidJson where the bytes are no acceptable JSON."""
    document = canonical.parse(data, MAX_DEPTH)
    problems = validate_document(document)
    reading = Reading()
    bad: set[int] = set()
    for problem in problems:
        match = _EVENT_POINTER.match(problem.pointer)
        if match:
            bad.add(int(match[1]))
            reading.event_errors.append(_as_json(problem))
        else:
            reading.document_errors.append(_as_json(problem))
    if reading.document_errors:
        return reading
    context = document.get("@context")
    for number, event in enumerate(document["epcisBody"]["eventList"]):
        if number not in bad:
            _add(reading, event, context, canonical.pointer("epcisBody", "eventList", number))
    return reading


def read_event(data: bytes) -> Reading:
    """As read(), for a bare event."""
    event = canonical.parse(data, MAX_DEPTH)
    reading = Reading([], [], [_as_json(problem) for problem in validate(event, "")])
    if not reading.event_errors:
        _add(reading, event, None, "")
    return reading


def _add(reading: Reading, event: Mapping[str, Any], context: Any, place: str) -> None:
    stated = as_stated(event, context, place)
    if len(stated.event_id) > MAX_NAME or _CONTROL.search(stated.event_id):
        detail = f"an eventID is a URI of at most {MAX_NAME} characters, without spaces"
        reading.event_errors.append({"pointer": f"{place}/eventID", "detail": detail})
    elif any(len(name) > MAX_NAME or _CONTROL.search(name) for _, name in stated.facts.items):
        detail = f"an identifier has at most {MAX_NAME} characters, without spaces"
        reading.event_errors.append({"pointer": place, "detail": detail})
    else:
        reading.events.append(stated)


def _as_json(problem: Problem) -> dict[str, str]:
    return {"pointer": problem.pointer, "detail": problem.reason}
