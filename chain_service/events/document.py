"""From the bytes of a capture to events as stated, with everything that is wrong in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chain_service.events.service import Stated, as_stated
from chain_service.events.validation import Problem, validate, validate_document
from chain_service.kit import canonical, clock
from chain_service.partners.roles import may_say, to_names

DEEPEST = canonical.MAX_DEPTH - 1  # an event is read again inside its receipt
MOST_AHEAD_MS = 24 * 3600 * 1000  # of an eventTime: clocks and zones go wrong by hours, not by days
MAX_NAME = 1024  # bytes in UTF-8 of what is indexed: an index entry of PostgreSQL holds 2,704
_EVENT_POINTER = re.compile(r"/epcisBody/eventList/(\d+)(?:/|$)")

Error = dict[str, str]  # {"pointer", "detail", "code"?}


@dataclass(slots=True)
class Reading:
    """What a document holds: the events that may be stored, and what is wrong with it and with single events."""

    events: list[Stated] = field(default_factory=list)
    document_errors: list[Error] = field(default_factory=list)
    event_errors: list[Error] = field(default_factory=list)
    role_errors: list[Error] = field(default_factory=list)  # valid events that the reporter may not state

    @property
    def errors(self) -> list[Error]:
        """All errors, the document's first, then the events' in their order."""
        return [*self.document_errors, *sorted([*self.event_errors, *self.role_errors], key=_event_number)]

    @property
    def only_forbidden(self) -> bool:
        """Whether nothing is wrong but that the reporter lacks a role."""
        return bool(self.role_errors) and not self.event_errors and not self.document_errors


def read(data: bytes, roles: int) -> Reading:
    """The events of an EPCISDocument that a partner with these roles may state.

    Raises kit.canonical.InvalidJson where the bytes are no acceptable JSON.
    """
    document = canonical.parse(data, DEEPEST)
    reading = Reading()
    bad: set[int] = set()
    for problem in validate_document(document):
        match = _EVENT_POINTER.match(problem.pointer)
        if match:
            bad.add(int(match[1]))
            reading.event_errors.append(_as_json(problem))
        else:
            reading.document_errors.append(_as_json(problem))
    if reading.document_errors:
        return reading
    context = document["@context"]
    for number, event in enumerate(document["epcisBody"]["eventList"]):
        if number not in bad:
            _add(reading, event, context, canonical.pointer("epcisBody", "eventList", number), roles)
    return reading


def read_event(data: bytes, roles: int) -> Reading:
    """As read(), for a bare event."""
    event = canonical.parse(data, DEEPEST)
    reading = Reading(event_errors=[_as_json(problem) for problem in validate(event, "")])
    if not reading.event_errors:
        _add(reading, event, None, "", roles)
    return reading


def check_event(event: Any, place: str) -> tuple[Stated | None, list[Error]]:
    """A parsed event with a context of its own, as stated, or all that is wrong with it. Roles are not asked."""
    if problems := validate(event, place):
        return None, [_as_json(problem) for problem in problems]
    stated = as_stated(event, None, place)
    errors = _later_errors(stated)
    return (None, errors) if errors else (stated, [])


def role_error(stated: Stated, roles: int) -> Error | None:
    """Why a partner with these roles may not state an event; None where it may."""
    if may_say(roles, stated.facts.step):
        return None
    what = f"state {stated.facts.step}" if stated.facts.step else "state events without a bizStep"
    detail = f"a partner with the roles {', '.join(to_names(roles)) or 'none'} may not {what}"
    return {"pointer": f"{stated.place}/bizStep" if stated.facts.step else stated.place, "detail": detail}


def _add(reading: Reading, event: Mapping[str, Any], context: Any, place: str, roles: int) -> None:
    stated = as_stated(event, context, place)
    if wrong := _later_errors(stated):
        reading.event_errors += wrong
    elif forbidden := role_error(stated, roles):
        reading.role_errors.append(forbidden)
    else:
        reading.events.append(stated)


def _later_errors(stated: Stated) -> list[Error]:
    """What is wrong with a valid event once its facts are known: a time that lies ahead, texts too long to find.

    Who declares an event erroneous may repeat the time that is wrong with it.
    """
    errors = [{"pointer": pointer, "detail": detail} for pointer, detail in _too_long(stated)]
    if not stated.declaration and stated.facts.event_time > clock.now_ms() + MOST_AHEAD_MS:
        detail = f"eventTime {stated.event['eventTime']} lies more than 24 hours ahead of this service's clock"
        errors.append({"pointer": f"{stated.place}/eventTime", "code": "future-time", "detail": detail})
    return errors


def _too_long(stated: Stated) -> Iterator[tuple[str, str]]:
    """Pointer and reason for each text of an event that an index could not hold."""
    facts = stated.facts
    single = {
        "eventID": stated.event_id,
        "bizStep": facts.step,
        "disposition": facts.disposition,
        "readPoint/id": facts.read_point,
        "bizLocation/id": facts.biz_location,
    }
    for name, text in single.items():
        if len(text.encode()) > MAX_NAME:
            yield f"{stated.place}/{name}", f"{name.partition('/')[0]} has at most {MAX_NAME} bytes"
    for _, text in facts.items:
        if len(text.encode()) > MAX_NAME:
            yield stated.place, f"the identifier {text[:40]}… has more than {MAX_NAME} bytes"


def _as_json(problem: Problem) -> Error:
    return {"pointer": problem.pointer, "detail": problem.reason}


def _event_number(error: Error) -> int:
    match = _EVENT_POINTER.match(error["pointer"])
    return int(match[1]) if match else 0
