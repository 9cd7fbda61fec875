"""Checks of single values in EPCIS events: each takes the run, a value and its pointer, and notes what is wrong."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from chain_service.events.problems import Problem, shown, step
from chain_service.kit import vocabulary
from chain_service.kit.clock import parse_time
from chain_service.kit.curie import GS1_PREFIXES, expand, is_uri
from chain_service.kit.digital_link import canonical_name
from chain_service.kit.gs1 import InvalidKey
from chain_service.kit.vocabulary import InvalidWord, Vocabulary

_EPCIS = GS1_PREFIXES["epcis"]
MOST_PROBLEMS = 10_000  # what is told of one document; ten megabytes can hold millions of mistakes
_LONGEST_TIME = 64  # characters
_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_OFFSETS = frozenset(
    f"{sign}{minutes // 60:02}:{minutes % 60:02}" for sign in "+-" for minutes in range(14 * 60 + 1)
)  # EPCIS 2.0 section 7.4.1: up to 14 hours either way


class Run:
    """One pass over one event: the prefixes it may use and the problems found so far."""

    __slots__ = ("declared", "problems")

    def __init__(self, declared: Mapping[str, str]) -> None:
        self.declared = declared
        self.problems: list[Problem] = []

    def note(self, pointer: str, reason: str) -> None:
        if len(self.problems) <= MOST_PROBLEMS:
            self.problems.append(Problem(pointer, reason))


Check = Callable[[Run, Any, str], None]


def field_of(pointer: str) -> str:
    """The name of the field that a pointer leads to or into, for messages."""
    names = [part for part in pointer.split("/") if part and not part.isdigit()]
    return names[-1].replace("~1", "/").replace("~0", "~") if names else "the document"


def text(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, str):
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a text is due")


def uri(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, str) or not is_uri(value):
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a URI is due")


def identifier(run: Run, value: Any, pointer: str) -> None:
    """A URI; where it is a GS1 key, a well-formed one, check digit included."""
    if not isinstance(value, str) or not is_uri(value):
        run.note(pointer, f"{field_of(pointer)} holds {shown(value)}, where an identifier (a URI) is due")
        return
    try:
        canonical_name(expand(value, run.declared))
    except InvalidKey as error:
        run.note(pointer, f"{field_of(pointer)}: {error.reason}")


def transaction(run: Run, value: Any, pointer: str) -> None:
    """What names a business transaction: any URI, in part of private schemes (CBV 2.0 section 8.5), or a GS1 key."""
    private = isinstance(value, str) and value.startswith("urn:epc:") and not value.startswith("urn:epc:id:")
    (uri if private else identifier)(run, value, pointer)


def time(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, str) or len(value) > _LONGEST_TIME:
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a date and time with a zone is due")
        return
    try:
        parse_time(value)
    except ValueError as error:
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}: {error}")


def offset(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, str) or value not in _OFFSETS:
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where an offset such as +08:00 is due")


def number(run: Run, value: Any, pointer: str) -> None:
    kind = type(value)
    if kind is not int and (kind is not float or not math.isfinite(value)):
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a number is due")


def boolean(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, bool):
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where true or false is due")


def hexadecimal(run: Run, value: Any, pointer: str) -> None:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where pairs of hexadecimal digits are due")


def unit(run: Run, value: Any, pointer: str) -> None:
    """A code of UN/CEFACT Recommendation 20, two or three characters, such as KGM."""
    if not isinstance(value, str) or not _UNIT.fullmatch(value):
        run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a unit code such as KGM or CEL is due")


def word_of(words: Vocabulary) -> Check:
    """A word of one of the standard's lists, or the full URI of a word of another vocabulary."""

    def check(run: Run, value: Any, pointer: str) -> None:
        if not isinstance(value, str):
            run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a {words.title} is due")
            return
        try:
            words.uri(value, run.declared)
        except InvalidWord as error:
            run.note(pointer, f"{field_of(pointer)}: {error.reason}")

    return check


def one_of(*values: str) -> Check:
    """One of a few fixed texts."""

    def check(run: Run, value: Any, pointer: str) -> None:
        if not isinstance(value, str) or value not in values:
            run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where {' or '.join(values)} is due")

    return check


def list_of(entry: Check, at_least: int = 0) -> Check:
    """A list whose entries all pass `entry`."""

    def check(run: Run, value: Any, pointer: str) -> None:
        if not isinstance(value, list):
            run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where a list is due")
            return
        if len(value) < at_least:
            run.note(pointer, f"{field_of(pointer)} is empty, where at least {at_least} entry is due")
        for index, member in enumerate(value):
            entry(run, member, f"{pointer}/{index}")

    return check


def one_or_list_of(entry: Check) -> Check:
    """A single value that passes `entry`, or a list of such."""
    several = list_of(entry, 1)

    def check(run: Run, value: Any, pointer: str) -> None:
        (several if isinstance(value, list) else entry)(run, value, pointer)

    return check


def shape(title: str, fields: Mapping[str, Check], required: tuple[str, ...] = (), extensible: bool = True) -> Check:
    """An object with these fields and no others, except namespaced ones where it is an extension point."""

    def check(run: Run, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            run.note(pointer, f"{field_of(pointer)} is {shown(value)}, where an object is due")
            return
        for name, member in value.items():
            known = fields.get(name)
            if known is not None:
                known(run, member, f"{pointer}/{name}")
            elif extensible:
                extension(run, name, member, pointer)
            else:
                run.note(step(pointer, name), f"{title} has no field {shown(name)}: only {', '.join(fields)}")
        for name in required:
            if name not in value:
                run.note(pointer, f"{title} lacks {name}, which is mandatory")

    return check


def extension(run: Run, name: str, value: Any, pointer: str) -> None:
    """A field that EPCIS does not define: a prefix that @context declares, or a full URI (EPCIS 2.0 section 10.1)."""
    prefix, colon, local = name.partition(":")
    full = expand(name, run.declared)
    if not colon or not local:
        run.note(
            step(pointer, name), f"{shown(name)} is no field of EPCIS here, and as an extension it has no namespace"
        )
    elif full == name and prefix not in ("http", "https", "urn"):
        run.note(step(pointer, name), f"the prefix of {shown(name)} is not declared in @context")
    elif full.startswith(_EPCIS) or not is_uri(full):
        run.note(step(pointer, name), f"{shown(name)} is no namespaced extension: EPCIS's own names stand alone")
    elif isinstance(value, (dict, list)):
        _no_inner_context(run, value, step(pointer, name))


def _no_inner_context(run: Run, value: Any, pointer: str) -> None:
    """Inside an extension anything may stand but a @context, which would change what its surroundings mean."""
    waiting = [(value, pointer)]
    while waiting:
        parent, place = waiting.pop()
        if isinstance(parent, dict):
            if "@context" in parent:
                run.note(f"{place}/@context", "@context stands in the document or the event only")
            waiting += [(child, step(place, name)) for name, child in parent.items() if isinstance(child, (dict, list))]
        else:
            waiting += [(child, f"{place}/{i}") for i, child in enumerate(parent) if isinstance(child, (dict, list))]


step_word = word_of(vocabulary.STEPS)
disposition = word_of(vocabulary.DISPOSITIONS)
