"""The shape of a receipt: exact members, types, lengths, ranges (DESIGN section 4).

One table says of each member what it may hold and which of the seven checks fails when it does not: a verdict names the
check that the ill-formed member belongs to.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chain_service.kit.canonical import MAX_DEPTH, MAX_INTEGER, is_deeper, pointer
from chain_service.kit.eip712 import UINT32_MAX, UINT64_MAX

TYPE = "chain-service/receipt/1"
CUSTODIES = ("partner", "operator")
# A path has at most as many elements as a 32-bit count has bits.
MAX_PATH = 32

Rule = Callable[[object], str | None]


@dataclass(frozen=True, slots=True)
class ShapeProblem:
    """One thing wrong with a receipt's shape: a JSON pointer, the reason, the number of the check that fails by it."""

    pointer: str
    reason: str
    check: int


def problems(value: object) -> list[ShapeProblem]:
    """Everything wrong with the shape of a receipt; empty when it is well-formed. Never raises."""
    if not isinstance(value, dict):
        return [ShapeProblem("", "not a JSON object", 1)]
    found = _of_object(value, _RECEIPT, "", 1)
    waiting = [name for name in _PLACE if name in value and value[name] is None]
    for name in _PLACE if len(waiting) < len(_PLACE) else ():
        if name in waiting:
            check = _RECEIPT[name][0]
            found.append(ShapeProblem(pointer(name), f"null, while not all of {', '.join(_PLACE)} are null", check))
    for name, (check, members) in _OBJECTS.items():
        part = value.get(name)
        if isinstance(part, dict):
            found += _of_object(part, members, pointer(name), check)
    return found


def _of_object(
    value: dict[str, object], members: Mapping[str, tuple[int, Rule]], place: str, own: int
) -> list[ShapeProblem]:
    found = [
        ShapeProblem(place + pointer(name), "missing", check)
        for name, (check, _) in members.items()
        if name not in value
    ]
    for name, held in value.items():
        check, rule = members.get(name, (own, _unknown))
        if reason := rule(held):
            found.append(ShapeProblem(place + pointer(name), reason, check))
    return found


def _unknown(_: object) -> str:
    return "unknown member"


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return "not a string"
    return "holds a lone surrogate" if re.search("[\ud800-\udfff]", value) else None


def _object(value: object) -> str | None:
    return None if isinstance(value, dict) else "not an object"


def _event(value: object) -> str | None:
    return _object(value) or (f"nested more than {MAX_DEPTH} levels deep" if is_deeper(value) else None)


def _hex(length: int) -> Rule:
    form = re.compile(f"0x[0-9a-f]{{{2 * length}}}", re.ASCII)

    def rule(value: object) -> str | None:
        fits = isinstance(value, str) and form.fullmatch(value)
        return None if fits else f"not {length} bytes in lower-case hexadecimal with 0x in front"

    return rule


def _integer(most: int) -> Rule:
    # JSON integers beyond 2^53−1 are not exchanged safely (RFC 8259 section 6) and refused in every document here.
    limit = min(most, MAX_INTEGER)

    def rule(value: object) -> str | None:
        return None if type(value) is int and 0 <= value <= limit else f"not an integer from 0 to {limit}"

    return rule


def _one_of(*words: str) -> Rule:
    def rule(value: object) -> str | None:
        return None if isinstance(value, str) and value in words else f"not {' or '.join(map(repr, words))}"

    return rule


def _or_null(rule: Rule) -> Rule:
    return lambda value: None if value is None else rule(value)


def _path(value: object) -> str | None:
    if not isinstance(value, list) or len(value) > MAX_PATH:
        return f"not a list of at most {MAX_PATH} elements"
    element = _hex(32)
    return next((f"element {i} is {reason}" for i, held in enumerate(value) if (reason := element(held))), None)


_PLACE = ("batch", "index", "path", "anchor")
_UINT32, _UINT64 = _integer(UINT32_MAX), _integer(UINT64_MAX)
_RECEIPT: dict[str, tuple[int, Rule]] = {
    "type": (1, _one_of(TYPE)),
    "network": (3, _text),
    "event": (1, _event),
    "salt": (1, _hex(32)),
    "eventHash": (1, _text),
    "statement": (2, _object),
    "reporter": (3, _object),
    "batch": (5, _or_null(_object)),
    "index": (5, _or_null(_UINT32)),
    "path": (5, _or_null(_path)),
    "anchor": (6, _or_null(_object)),
}
_OBJECTS: dict[str, tuple[int, dict[str, tuple[int, Rule]]]] = {
    "statement": (
        2,
        {
            "eventDigest": (1, _hex(32)),
            "subjects": (2, _hex(32)),
            "step": (2, _text),
            "disposition": (2, _text),
            "place": (2, _text),
            "eventTime": (2, _UINT64),
            "flags": (2, _UINT32),
        },
    ),
    "reporter": (
        3,
        {
            "partner": (4, _text),
            "address": (3, _hex(20)),
            "signature": (3, _hex(65)),
            "custody": (4, _one_of(*CUSTODIES)),
        },
    ),
    "batch": (
        5,
        {
            "operator": (6, _hex(20)),
            "number": (6, _UINT64),
            "first": (6, _UINT64),
            "count": (5, _UINT32),
            "root": (5, _hex(32)),
        },
    ),
    "anchor": (
        6,
        {
            "chainId": (6, _UINT64),
            "contract": (6, _hex(20)),
            "transaction": (6, _hex(32)),
            "block": (6, _UINT64),
            "sealedAt": (6, _UINT64),
        },
    ),
}
