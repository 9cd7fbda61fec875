"""Strict JSON in, canonical JSON out: RFC 8259 without its ambiguities, and RFC 8785 (JCS)."""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any, NoReturn

import rfc8785

MAX_DEPTH = 64
MAX_INTEGER = 2**53 - 1


class InvalidJson(ValueError):
    """Bytes that are not the JSON we accept. `place` is a JSON pointer or 'line L, column C'; it may be empty."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{reason} ({place})" if place else reason)
        self.reason = reason
        self.place = place


class _Refused(Exception):
    """A token that strict JSON refuses; parse() finds its place."""

    def __init__(self, reason: str, token: str) -> None:
        super().__init__(reason)
        self.token = token


def parse(data: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """The JSON value that UTF-8 bytes denote.

    Raises InvalidJson for anything but one JSON text in UTF-8, for duplicate names, lone surrogates, NaN and
    infinities, for more than `max_depth` levels, and for a number whose JCS spelling does not denote the same decimal
    value or, without point and exponent, lies outside ±(2^53−1) (DESIGN section 4).
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJson("not UTF-8", f"byte {error.start}") from None
    if _depth(data) > max_depth:
        raise InvalidJson(f"more than {max_depth} levels deep", _place_of_depth(text, max_depth))
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(error.msg, f"line {error.lineno}, column {error.colno}") from None
    except _Refused as error:
        raise InvalidJson(str(error), _place_of(error.token, text)) from None
    if "\\u" in text and (pointer := _pointer_of_surrogate(value, "")) is not None:
        raise InvalidJson("a lone surrogate is not a character", pointer)
    return value


def dumps(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value that nests no deeper than parse() allows.

    Raises ValueError for what JSON or RFC 8785 cannot express.
    """
    try:
        text = _ENCODER.encode(value)
        # The C encoder is six times faster and agrees with RFC 8785 but for some numbers and the order of some names.
        if not _ODD_NUMBER.search(f"[{text}]") and (text.isascii() or not _ASTRAL.search(text)):
            return text.encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, TypeError, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) from its unescaped parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _integer(literal: str) -> int | float:
    return int(literal) if len(literal) < 16 else _number(literal)


def _number(literal: str) -> int | float:
    number = float(literal)
    python = repr(number)
    if python == literal and "e" not in python and not python.endswith(".0"):
        return number
    try:
        canonical = rfc8785.dumps(number).decode()
        same = Decimal(canonical) == Decimal(literal)
    except (rfc8785.CanonicalizationError, InvalidOperation):
        same = False
    if not same:
        raise _Refused(f"{literal[:40]} is not exactly a double-precision number", literal)
    if "." in canonical or "e" in canonical:
        return number
    if abs(number) > MAX_INTEGER:
        raise _Refused(f"{literal[:40]} is beyond 2^53−1", literal)
    return int(canonical)


def _constant(literal: str) -> NoReturn:
    raise _Refused(f"{literal} is not JSON", literal)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise _Refused(f"the name {json.dumps(twice[:60])} stands twice in one object", twice)
    return result


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
# A match inside a string only costs time: the full rules are then applied.
_ODD_NUMBER = re.compile(r'[:,\[](?<![^"]:)-?\d[\d.]*(?:e|\.0[,\]}]|\d{15})', re.ASCII)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _STEP)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Possessive: a string without an end is passed over once, not anew from each of its quotes.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]|-?[\dA-Za-z][\w.+-]*+', re.ASCII | re.DOTALL)


def is_deeper(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether a JSON value nests more than so many levels, told without recursion."""
    level = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent if type(parent) is list else ())
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _depth(data: bytes) -> int:
    """How deep JSON bytes nest.

    Told before they are decoded: the C decoder recurses, and where a library raised Python's recursion limit, deep
    nesting ends the process instead of raising an error.
    """
    if b"\\" in data:
        data = _ESCAPED.sub(b"", data)
    brackets = b"".join(data.split(b'"')[::2]).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _pointer_of_surrogate(value: Any, place: str) -> str | None:
    if isinstance(value, str):
        return place if _SURROGATE.search(value) else None
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        if isinstance(key, str) and _SURROGATE.search(key):
            return place
        if (found := _pointer_of_surrogate(child, place + pointer(key))) is not None:
            return found
    return None


def _place_of(token: str, text: str) -> str:
    """Line and column of the last number or name with this spelling: duplicates are refused at their second."""
    found = None
    for match in _TOKEN.finditer(text):
        spelled = match.group()
        if spelled == token or (spelled[0] == '"' and _unquoted(spelled) == token):
            found = match.start()
            if spelled[0] != '"':
                break
    return "" if found is None else _line_and_column(text, found)


def _unquoted(literal: str) -> str | None:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return None


def _place_of_depth(text: str, limit: int) -> str:
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match.group(), 0)
        if depth > limit:
            return _line_and_column(text, match.start())
    return ""


def _line_and_column(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - text.rfind(chr(10), 0, offset)}"
