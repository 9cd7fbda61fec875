"""What a device sends: one reading, or several, as JSON; every part of it is somebody else's and nothing is believed.

{"seq": 17, "at": "2026-11-25T08:00:00Z", "type": "Temperature", "value": 4.2, "uom": "CEL", "sent": …, "run": …}
{"sent": …, "run": …, "readings": [{"seq": 17, …}, …]}
{"body": "<either of these as text>", "hmac": "<hex>"}     from a device with a secret of its own

Pure; never raises. A reading that is refused does not take the others of its message with it.
"""

import hmac
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from chain_service.gateway.measurements import COMPONENTS, MEASUREMENTS, POSITION, WORDS, kept_in
from chain_service.kit.clock import parse_time
from chain_service.kit.units import UnknownUnit

MOST_BYTES = 64 * 1024
MOST_READINGS = 1000
_LARGEST_SEQ = 2**53 - 1
_LONGEST_RUN = 64
_LATEST = 253_402_300_799_999  # the last millisecond of the year 9999
_READING = frozenset(("seq", "at", "type", "value", "uom", "component"))
_MESSAGE = frozenset(("sent", "run", "device"))

Ranges = Mapping[str, tuple[float, float]]


class Reading(NamedTuple):
    """`kind`: the measurement type, and its component after a point; `value` in the unit that is kept, or the latitude
    of a position, whose longitude is `second`; `original`: value and unit as sent, where they were converted."""

    run: str
    seq: int
    at: int
    kind: str
    value: float
    second: float | None
    original: str | None


class Refusal(NamedTuple):
    """Why a reading, or a whole message, is not used; `reason` is a stable word."""

    reason: str
    detail: str


class Message(NamedTuple):
    """What was read: `sent` is when the device says that it sent it, Unix milliseconds."""

    sent: int | None
    readings: list[Reading]
    refusals: list[Refusal]


class _Refused(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        self.refusal = Refusal(reason, detail)


def read(payload: bytes, device: str, secret: bytes | None, ranges: Ranges) -> Message:
    """The readings in a message of a device. `secret`: of a device that signs; `ranges`: other than the types' own."""
    try:
        if len(payload) > MOST_BYTES:
            raise _Refused("too-large", f"{len(payload)} bytes, where at most {MOST_BYTES} may come at a time")
        content = _object(_signed(payload, device, secret))
        listed = content.get("readings", [content])
        if not isinstance(listed, list) or not listed:
            raise _Refused("malformed", "readings is no list with a reading in it")
        if len(listed) > MOST_READINGS:
            raise _Refused("too-large", f"{len(listed)} readings, where at most {MOST_READINGS} may come at a time")
        if content.get("device", device) != device:
            raise _Refused("foreign-device", "the message names another device than its topic")
        alone = "readings" not in content
        _known(content, _MESSAGE | (_READING if alone else {"readings"}))
        sent = _time(content["sent"], "sent") if "sent" in content else None
        run = _run(content.get("run", ""))
    except _Refused as refused:
        return Message(None, [], [refused.refusal])
    message = Message(sent, [], [])
    for entry in listed:
        try:
            message.readings.append(_reading(entry, run, alone, ranges))
        except _Refused as refused:
            message.refusals.append(refused.refusal)
    return message


def mac(secret: bytes, device: str, body: bytes) -> str:
    """HMAC-SHA256 over the device's name, a line end and the body, in lower-case hexadecimal."""
    return hmac.digest(secret, device.encode() + b"\n" + body, "sha256").hex()


def _signed(payload: bytes, device: str, secret: bytes | None) -> bytes:
    if secret is None:
        return payload
    outer = _object(payload)
    body, given = outer.get("body"), outer.get("hmac")
    if not isinstance(body, str) or not isinstance(given, str):
        raise _Refused("unsigned", "this device signs: body and hmac are due")
    data = body.encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(mac(secret, device, data).encode(), given.encode("utf-8", "surrogatepass")):
        raise _Refused("wrong-hmac", "the hmac is not of this body with this device's secret")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise _Refused("not-json", "the message is no JSON, or names a member twice") from None
    if not isinstance(content, dict):
        raise _Refused("malformed", "the message is no JSON object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name twice")
    return content


def _known(content: Mapping[str, Any], names: frozenset[str]) -> None:
    if unknown := content.keys() - names:
        raise _Refused("unknown-member", f"there is no member {min(unknown)[:40]!r}: {', '.join(sorted(names))}")


def _reading(entry: Any, run: str, alone: bool, ranges: Ranges) -> Reading:
    if not isinstance(entry, dict):
        raise _Refused("malformed", "a reading is an object")
    if not alone:
        _known(entry, _READING)
    for member in ("seq", "at", "type", "value"):
        if member not in entry:
            raise _Refused("missing", f"a reading lacks {member}")
    seq = entry["seq"]
    if type(seq) is not int or not 0 <= seq <= _LARGEST_SEQ:
        raise _Refused("malformed-seq", "seq is no integer from 0 to 2^53 - 1")
    name = WORDS.get(entry["type"]) if isinstance(entry["type"], str) else None
    if name is None:
        raise _Refused("unknown-measurement-type", f"type is none of {', '.join(WORDS)}")
    at = _time(entry["at"], "at")
    if name == POSITION:
        return Reading(run, seq, at, name, *_position(entry), None)
    kind = name
    if "component" in entry:
        if not MEASUREMENTS[name].components or entry["component"] not in COMPONENTS:
            raise _Refused("malformed-value", f"{name} has no such component")
        kind = f"{name}.{entry['component']}"
    value, original = _value(name, entry, ranges)
    return Reading(run, seq, at, kind, value, None, original)


def _value(name: str, entry: Mapping[str, Any], ranges: Ranges) -> tuple[float, str | None]:
    given, unit = _number(entry["value"], "value"), entry.get("uom")
    if not isinstance(unit, str):
        raise _Refused("missing", f"a {name} needs its unit, uom")
    try:
        value = kept_in(name, given, unit)
    except UnknownUnit as error:
        raise _Refused("unknown-unit", str(error)) from None
    known = MEASUREMENTS[name]
    low, high = ranges.get(name, (known.low, known.high))
    if not low <= value <= high:
        raise _Refused("implausible-value", f"{name} {value:g} {known.unit} is outside {low:g} to {high:g}")
    return value, None if unit == known.unit else json.dumps([given, unit])


def _position(entry: Mapping[str, Any]) -> tuple[float, float]:
    value = entry["value"]
    if not isinstance(value, dict) or value.keys() != {"latitude", "longitude"}:
        raise _Refused("malformed-value", "the value of a position is latitude and longitude")
    if entry.get("uom", "DD") != "DD" or "component" in entry:
        raise _Refused("unknown-unit", "a position is in degrees, DD")
    latitude, longitude = _number(value["latitude"], "latitude"), _number(value["longitude"], "longitude")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise _Refused("implausible-value", "a latitude is within 90 degrees, a longitude within 180")
    return latitude, longitude


def _number(value: Any, name: str) -> float:
    if type(value) is int and abs(value) <= _LARGEST_SEQ:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    raise _Refused("malformed-value", f"{name} is no finite number")


def _time(value: Any, name: str) -> int:
    if type(value) is int and 0 <= value <= _LATEST:
        return value
    try:
        return parse_time(value) if isinstance(value, str) and len(value) <= _LONGEST_RUN else _no_time(name)
    except ValueError:
        return _no_time(name)


def _no_time(name: str) -> int:
    raise _Refused("malformed-time", f"{name} is neither a date and time with a zone nor Unix milliseconds")


def _run(value: Any) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST_RUN and value.isprintable():
        return value
    raise _Refused("malformed", f"run is no text of at most {_LONGEST_RUN} printable characters")
