"""Is this an EPCIS 2.0 document that may be captured? All that is wrong with it, at once.

Pure; takes any JSON value and never raises. Source: EPCIS 2.0 (ISO/IEC 19987), CBV 2.0 (ISO/IEC 19988), DESIGN
section 4 for `@context`.
"""

from collections.abc import Mapping
from typing import Any

from chain_service.events import contexts
from chain_service.events import fields as f
from chain_service.events.fields import Check, Run, shape
from chain_service.events.problems import Problem, shown
from chain_service.events.rules import RULES
from chain_service.events.shapes import EVENTS, UNKNOWN_TYPE
from chain_service.kit import curie

__all__ = ["Problem", "validate", "validate_document"]


def validate(event: Any, pointer: str, context: Any = None) -> list[Problem]:
    """What is wrong with one event; `pointer` says where it stands and begins all pointers of the result.

    `context`: the `@context` of the document around it, already checked; without one the event brings its own.
    """
    if not isinstance(event, dict):
        return [Problem(pointer, f"an event is an object, this is {shown(event)}")]
    if "@context" in event:
        problems = contexts.check(event["@context"], f"{pointer}/@context", context)
        declared = curie.prefixes([*_listed(context), *_listed(event["@context"])])
    else:
        lacks = Problem(pointer, f"the event lacks @context: {contexts.USUAL} would be right")
        problems = [lacks] if context is None else []
        declared = curie.prefixes(context)
    return problems + _check(event, pointer, declared)


def validate_document(document: Any) -> list[Problem]:
    """What is wrong with an EPCISDocument (JSON-LD), its events included."""
    if not isinstance(document, dict):
        return [Problem("", f"a capture is an EPCISDocument, an object; this is {shown(document)}")]
    context = document.get("@context")
    problems = contexts.check(context, "/@context") if "@context" in document else []
    declared = curie.prefixes(context)
    run = Run(declared)
    _DOCUMENT(run, document, "")
    problems += run.problems
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    for number, event in enumerate(events if isinstance(events, list) else ()):
        if len(problems) > f.MOST_PROBLEMS:
            problems = problems[: f.MOST_PROBLEMS]
            problems.append(Problem("", f"more than {f.MOST_PROBLEMS} things are wrong; these are the first"))
            break
        place = f"/epcisBody/eventList/{number}"
        if isinstance(event, dict) and "@context" not in event:
            problems += _check(event, place, declared)
        else:
            # An absent context is told of once, for the document.
            problems += validate(event, place, [] if context is None else context)
    return problems


def _check(event: Mapping[str, Any], pointer: str, declared: Mapping[str, str]) -> list[Problem]:
    run = Run(declared)
    kind = event.get("type")
    check = EVENTS.get(kind) if isinstance(kind, str) else None
    if check is None:
        known = ", ".join(EVENTS)
        if "type" in event:
            run.note(f"{pointer}/type", f"type is {shown(kind)}, where one of {known} is due")
        else:
            run.note(pointer, f"the event lacks type: one of {known}")
        UNKNOWN_TYPE(run, event, pointer)
    else:
        check(run, event, pointer)
        RULES[event["type"]](run, event, pointer)
    return run.problems


def _listed(context: Any) -> list[Any]:
    return [] if context is None else context if isinstance(context, list) else [context]


def _anything(run: Run, value: Any, pointer: str) -> None:
    """Checked elsewhere, or free."""


def _version(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, str) or value.partition(".")[0] != "2" or not value.replace(".", "").isdecimal():
        run.note(pointer, f"schemaVersion is {shown(value)}, where '2.0' is due")


def _events(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, list):
        run.note(pointer, f"eventList is {shown(value)}, where a list is due")


def _object(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, dict):
        run.note(pointer, f"{f.field_of(pointer)} is {shown(value)}, where an object is due")


_DOCUMENT_FIELDS: Mapping[str, Check] = {
    "@context": _anything,
    "id": f.uri,
    "type": f.one_of("EPCISDocument"),
    "schemaVersion": _version,
    "creationDate": f.time,
    "instanceIdentifier": f.text,
    "sender": f.text,
    "receiver": f.text,
    "epcisHeader": _object,
    "epcisBody": shape("epcisBody", {"eventList": _events}, required=("eventList",)),
}
_DOCUMENT = shape(
    "the document",
    _DOCUMENT_FIELDS,
    required=("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
)
