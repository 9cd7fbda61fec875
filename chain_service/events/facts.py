"""What an event says that everything later rests on: when, which step, where, about which items, with which flags."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain_service.kit import curie, vocabulary
from chain_service.kit.clock import parse_time
from chain_service.kit.digital_link import canonical_name

ALARM = 1  # some sensorReport carries the exception ALARM_CONDITION
ERROR_DECLARATION = 2  # the event declares another, of the same eventID, erroneous
DELETION = 4  # its action is DELETE

_ALARM_URI = vocabulary.alert_uri("ALARM_CONDITION")

# The 'what' dimension (EPCIS 2.0 section 7.3.1.4): field, role, and whether its entries are quantity elements.
_SINGLE = "parentID"
_LISTS = (
    ("epcList", "epc", False),
    ("quantityList", "class", True),
    ("childEPCs", "child", False),
    ("childQuantityList", "child", True),
    ("inputEPCList", "input", False),
    ("inputQuantityList", "input", True),
    ("outputEPCList", "output", False),
    ("outputQuantityList", "output", True),
)

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """`event_time`: Unix milliseconds; `step`, `disposition`: full URIs; places: canonical names; or empty."""

    event_time: int
    step: str
    disposition: str
    read_point: str
    biz_location: str
    items: Sequence[tuple[str, str]]  # role and canonical name of each identifier
    flags: int

    @property
    def place(self) -> str:
        """The business location, else the read point."""
        return self.biz_location or self.read_point


def facts(event: Event) -> Facts:
    """The facts of an event as stated (with its `@context`, without recordTime).

    Raises ValueError, and nothing else, for a JSON object that is no such event.
    """
    declared = curie.prefixes(event.get("@context"))
    return Facts(
        event_time=parse_time(_text(event.get("eventTime"), "eventTime")),
        step=_word(event, "bizStep", vocabulary.STEPS, declared),
        disposition=_word(event, "disposition", vocabulary.DISPOSITIONS, declared),
        read_point=_place(event, "readPoint", declared),
        biz_location=_place(event, "bizLocation", declared),
        items=_identifiers(event, declared),
        flags=_flags(event, declared),
    )


def identifiers(event: Event) -> list[tuple[str, str]]:
    """(role, canonical name) of every identifier in the what dimension, in the order of the event's fields.

    Roles: epc, class, parent, child, input, output. Raises ValueError for an ill-formed list or key.
    """
    return _identifiers(event, curie.prefixes(event.get("@context")))


def _identifiers(event: Event, declared: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    if _SINGLE in event:
        found.append(("parent", _name(event[_SINGLE], _SINGLE, declared)))
    for field, role, quantities in _LISTS:
        entries = event.get(field)
        if entries is None:
            continue
        for entry in _list(entries, field):
            if quantities:
                entry = _object(entry, field).get("epcClass")
            found.append((role, _name(entry, field, declared)))
    return found


def flags(event: Event) -> int:
    """The bits ALARM, ERROR_DECLARATION and DELETION."""
    return _flags(event, curie.prefixes(event.get("@context")))


def _flags(event: Event, declared: Mapping[str, str]) -> int:
    bits = 0
    if any(_is_alarm(report.get("exception"), declared) for report in reports(event)):
        bits |= ALARM
    if "errorDeclaration" in event:
        bits |= ERROR_DECLARATION
    if event.get("action") == "DELETE":
        bits |= DELETION
    return bits


def reports(event: Event) -> Iterator[Event]:
    """Every sensorReport of an event. Raises ValueError where the sensor elements are ill-formed."""
    for element in _list(event.get("sensorElementList", []), "sensorElementList"):
        for report in _list(_object(element, "sensorElementList").get("sensorReport", []), "sensorReport"):
            yield _object(report, "sensorReport")


def _place(event: Event, field: str, declared: Mapping[str, str]) -> str:
    return _name(_object(event[field], field).get("id"), field, declared) if field in event else ""


def _is_alarm(exception: Any, declared: Mapping[str, str]) -> bool:
    return exception is not None and vocabulary.alert_uri(_text(exception, "exception"), declared) == _ALARM_URI


def _word(event: Event, field: str, words: vocabulary.Vocabulary, declared: Mapping[str, str]) -> str:
    return words.uri(_text(event[field], field), declared) if field in event else ""


def _name(identifier: Any, field: str, declared: Mapping[str, str]) -> str:
    return canonical_name(curie.expand(_text(identifier, field), declared))


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{field} holds no text where one is due")
    return value


def _list(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{field} is not a list")
    return value


def _object(value: Any, field: str) -> Event:
    if not isinstance(value, dict):
        raise ValueError(f"{field} holds something other than an object")
    return value
