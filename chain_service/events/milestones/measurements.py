"""Measurements that people type: known kinds and units, and what cannot be true.

Units are codes of UN/CEFACT Recommendation 20. The bounds are those of what goods, rooms and vehicles can have, far
wider than any limit of a product: they catch a slipped decimal point or a broken sensor, not a breach.
"""

from dataclasses import dataclass
from typing import Any

from chain_service.events.milestones.errors import Error, error
from chain_service.kit.vocabulary import MEASUREMENTS, InvalidWord

MOST = 50
_WEB_VOCABULARY = "https://gs1.org/voc/"
_Bounds = dict[str, tuple[float, float]]
_BOUNDS: dict[str, _Bounds] = {
    "Temperature": {"CEL": (-273.15, 2000), "KEL": (0, 2273.15), "FAH": (-459.67, 3632)},
    "RelativeHumidity": {"P1": (0, 100)},
    "AbsoluteHumidity": {"GP": (0, 1e6), "A93": (0, 1000)},
    "Acceleration": {"MSK": (-1e5, 1e5), "K40": (-1e4, 1e4)},
    "Angle": {"DD": (-360, 360), "C81": (-6.2832, 6.2832)},
    "Illuminance": {"LUX": (0, 200_000)},
    "Pressure": {"PAL": (0, 1e9), "KPA": (0, 1e6), "A97": (0, 1e7), "BAR": (0, 1e4), "MBR": (0, 1e7)},
    "Mass": {"KGM": (0, 1e6), "GRM": (0, 1e9), "TNE": (0, 1e3), "LBR": (0, 2.3e6)},
    "Length": {"MTR": (0, 1e7), "CMT": (0, 1e9), "MMT": (0, 1e10), "KMT": (0, 1e5)},
    "Altitude": {"MTR": (-1000, 20_000)},
    "Speed": {"MTS": (0, 500), "KMH": (0, 1800)},
    "Volume": {"LTR": (0, 1e9), "MTQ": (0, 1e6), "MLT": (0, 1e12)},
    "Voltage": {"VLT": (-1e6, 1e6)},
    "Time": {"SEC": (0, 1e10), "MIN": (0, 1e8), "HUR": (0, 1e7), "DAY": (0, 1e5)},
}
_WIDEST = 1e12


@dataclass(frozen=True, slots=True)
class Measurement:
    """`type`: a word of GS1's measurement types, such as Temperature."""

    type: str
    value: float | int
    uom: str


def read(content: Any, pointer: str) -> tuple[Measurement | None, list[Error]]:
    """One measurement from its JSON."""
    if not isinstance(content, dict):
        return None, [error(pointer, "malformed-value", 'an object {"type", "value", "uom"} is due')]
    errors = [
        error(f"{pointer}/{name}", "missing", f"a measurement lacks {name}", member=name)
        for name in ("type", "value", "uom")
        if name not in content
    ]
    errors += [
        error(f"{pointer}/{name}", "unknown-member", f"a measurement has no member {name[:60]!r}", member=name[:60])
        for name in content
        if name not in ("type", "value", "uom")
    ]
    if errors:
        return None, errors
    word = _word(content["type"])
    if word is None:
        shown = str(content["type"])[:60]
        detail = f"{shown!r} is no measurement type; Temperature or RelativeHumidity would be one"
        return None, [error(f"{pointer}/type", "unknown-measurement-type", detail, type=shown)]
    value, uom = content["value"], content["uom"]
    if type(value) not in (int, float):
        return None, [error(f"{pointer}/value", "malformed-value", f"the value of {word} is a number", type=word)]
    bounds = _BOUNDS.get(word)
    if not isinstance(uom, str) or (uom not in bounds if bounds else not (2 <= len(uom) <= 3 and uom.isalnum())):
        known = f": {', '.join(bounds)} are known" if bounds else ", two or three characters such as KGM"
        detail = f"{str(uom)[:20]!r} is no unit of {word} (UN/CEFACT Recommendation 20){known}"
        return None, [error(f"{pointer}/uom", "unknown-unit", detail, uom=str(uom)[:20], type=word)]
    least, most = bounds[uom] if bounds else (-_WIDEST, _WIDEST)
    if not least <= value <= most:
        detail = f"{value:.6g} {uom} can't be a {word}: from {least:.10g} to {most:.10g} is possible"
        values = {"value": value, "uom": uom, "type": word, "min": least, "max": most}
        return None, [error(f"{pointer}/value", "implausible-value", detail, **values)]
    return Measurement(word, value, uom), []


def _word(given: Any) -> str | None:
    if not isinstance(given, str):
        return None
    try:
        return MEASUREMENTS.uri(given).removeprefix(_WEB_VOCABULARY)
    except InvalidWord:
        return None
