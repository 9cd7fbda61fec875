"""The EPCIS events of a gateway: a summary of an interval, an alarm, and the end of an excursion. Pure."""

import math
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from chain_service.gateway import trees
from chain_service.gateway.devices import Assignment
from chain_service.gateway.limits import Limit
from chain_service.gateway.measurements import MEASUREMENTS, POSITION
from chain_service.kit import merkle
from chain_service.kit.clock import iso
from chain_service.kit.digital_link import parse as parse_item

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"cs": "https://ns.chain-service.example/terms/"},
]
RANKS = (5, 50, 95)  # percentiles of a summary
_WGS84 = "urn:ogc:def:crs:EPSG::4326"
_DIGITS = 6
_WITHOUT_SERIAL = ("class", "lot")

Row = Mapping[str, Any] | sqlite3.Row
Event = dict[str, Any]


def alarm(event_id: str, device_id: str, to: Assignment, row: Row, limit: Limit, late: bool) -> Event:
    """A reading out of limits. `late`: a newer one had arrived before it."""
    report = {**_of(row["kind"]), "value": row["value"], "time": iso(row["at"]), "exception": "ALARM_CONDITION"}
    report |= _limits(limit)
    if late:
        report["cs:late"] = True
    return _event(event_id, row["at"], to, [_element(device_id, {"time": iso(row["at"])}, [report])])


def ended(event_id: str, device_id: str, to: Assignment, row: Row, limit: Limit, excursion: Row) -> Event:
    """The first reading that is well back within limits."""
    told = {
        "cs:since": iso(excursion["since"]),
        "cs:until": iso(row["at"]),
        "cs:worst": excursion["worst"],
        "cs:alarm": excursion["alarm"],
    }
    report = {**_of(row["kind"]), "value": row["value"], "time": iso(row["at"]), **_limits(limit)}
    report["cs:excursion"] = told
    return _event(event_id, row["at"], to, [_element(device_id, {"time": iso(row["at"])}, [report])])


def summary(
    event_id: str,
    device_id: str,
    to: Assignment,
    interval: tuple[int, int],
    groups: Mapping[str, Sequence[Row]],
    limits: Mapping[str, Limit],
    excursions: Mapping[str, Sequence[Row]],
    supplement: tuple[int, str] | None = None,
) -> tuple[Event, dict[str, bytes]]:
    """The readings of a device in an interval by kind, each group in the order of its tree; and each group's digest.

    `interval`: from and until, Unix milliseconds; `supplement`: its number, and the eventID of the first summary, where
    readings came after that was made.
    """
    elements, digests = [], {}
    for kind, rows in sorted(groups.items()):
        name = kind.partition(".")[0]
        unit = unit_of(kind)
        digests[kind] = merkle.root([trees.leaf(trees.record(device_id, row, unit)) for row in rows])
        metadata = {
            "startTime": iso(rows[0]["at"]),
            "endTime": iso(rows[-1]["at"]),
            "rawData": trees.digest_uri(digests[kind]),
            "dataProcessingMethod": trees.METHOD,
        }
        reports = (
            _path(rows) if name == POSITION else _statistics(kind, rows, limits.get(name), excursions.get(kind, ()))
        )
        elements.append(_element(device_id, metadata, reports))
    last = max(rows[-1]["at"] for rows in groups.values())
    event = _event(event_id, last, to, elements)
    event["cs:interval"] = {"cs:start": iso(interval[0]), "cs:end": iso(interval[1])}
    if supplement is not None:
        event["cs:supplement"] = {"cs:number": supplement[0], "cs:to": supplement[1]}
    return event, digests


def unit_of(kind: str) -> str:
    """The unit of a kind: a type, and its component after a point."""
    name = kind.partition(".")[0]
    return "DD" if name == POSITION else MEASUREMENTS[name].unit


def _statistics(kind: str, rows: Sequence[Row], limit: Limit | None, excursions: Sequence[Row]) -> list[Event]:
    values = sorted(row["value"] for row in rows)
    whole = {
        **_of(kind),
        "minValue": values[0],
        "meanValue": round(math.fsum(values) / len(values), _DIGITS),
        "maxValue": values[-1],
        "cs:count": len(values),
    }
    if limit is not None:
        whole |= _limits(limit)
        whole["cs:outside"] = sum(limit.outside(value) for value in values)
    if excursions:
        whole["cs:excursions"] = [_told(each) for each in excursions]
    ranks = [{**_of(kind), "percRank": rank, "percValue": _percentile(values, rank)} for rank in RANKS]
    return [whole, *ranks]


def _told(excursion: Row) -> Event:
    told = {"cs:since": iso(excursion["since"]), "cs:worst": excursion["worst"], "cs:alarm": excursion["alarm"]}
    return told if excursion["until"] is None else {**told, "cs:until": iso(excursion["until"])}


def _percentile(values: Sequence[float], rank: int) -> float:
    """Nearest rank: the smallest value that so many percent do not exceed."""
    return values[max(0, math.ceil(rank * len(values) / 100) - 1)]


def _path(rows: Sequence[Row]) -> list[Event]:
    """Where it was last, and the box that it stayed in."""
    reports = []
    for component, column in (("latitude", "value"), ("longitude", "second")):
        values = [row[column] for row in rows]
        reports.append(
            {
                "type": "Angle",
                "component": component,
                "uom": "DD",
                "value": values[-1],
                "time": iso(rows[-1]["at"]),
                "minValue": min(values),
                "maxValue": max(values),
                "cs:count": len(values),
                "coordinateReferenceSystem": _WGS84,
            }
        )
    return reports


def _of(kind: str) -> Event:
    name, _, component = kind.partition(".")
    of = {"type": name, "uom": unit_of(kind)}
    return {**of, "component": component} if component else of


def _limits(limit: Limit) -> Event:
    ends = {"cs:lowerLimit": limit.low, "cs:upperLimit": limit.high}
    return {name: value for name, value in ends.items() if value is not None}


def _element(device_id: str, metadata: Event, reports: Sequence[Event]) -> Event:
    return {"sensorMetadata": {**metadata, "deviceID": device_id}, "sensorReport": list(reports)}


def _event(event_id: str, at: int, to: Assignment, elements: Sequence[Event]) -> Event:
    item = parse_item(to.item)
    named = {"epcList": [to.item]}
    if item is not None and item.level in _WITHOUT_SERIAL:
        named = {"quantityList": [{"epcClass": to.item}]}  # type: ignore[list-item]
    event = {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "eventID": event_id,
        "eventTime": iso(at),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        **named,
        "bizStep": "sensor_reporting",
        "sensorElementList": list(elements),
    }
    return event if to.place is None else {**event, "readPoint": {"id": to.place}}
