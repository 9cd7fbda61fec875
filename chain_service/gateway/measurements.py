"""What a device may measure: types of the GS1 Web Vocabulary, their units (UN/CEFACT Recommendation 20), and the range
in which a value can be true.

Every type is kept in one unit; readings and limits in another are converted on arrival.
"""

from collections.abc import Mapping
from typing import NamedTuple

from chain_service.kit.units import UnknownUnit, converted

POSITION = "Position"
COMPONENTS = ("x", "y", "z")
_DIGITS = 4  # what a conversion keeps behind the point: more than any sensor here resolves


class Measurement(NamedTuple):
    """`unit`: the one that is kept; `low`, `high`: the range in that unit outside which a value is refused;
    `steady`: how far inside a limit a value must be for an excursion to have ended; `components`: whether a value may
    belong to one axis."""

    unit: str
    low: float
    high: float
    steady: float
    components: bool = False


MEASUREMENTS: Mapping[str, Measurement] = {
    "Temperature": Measurement("CEL", -200, 200, 0.2),
    "RelativeHumidity": Measurement("P1", 0, 105, 1),  # a wet sensor reads a little over 100
    "Acceleration": Measurement("MSK", -100_000, 100_000, 0, True),
    "Angle": Measurement("DD", -360, 360, 0, True),
    "Illuminance": Measurement("LUX", 0, 200_000, 0),
}
# What people call them.
WORDS: Mapping[str, str] = {
    **{name: name for name in (*MEASUREMENTS, POSITION)},
    "temperature": "Temperature",
    "humidity": "RelativeHumidity",
    "shock": "Acceleration",
    "tilt": "Angle",
    "light": "Illuminance",
    "position": POSITION,
}
_UNITS: Mapping[str, tuple[str, ...]] = {  # a type may come in, the kept one first
    "Temperature": ("CEL", "FAH", "KEL"),
    "RelativeHumidity": ("P1",),
    "Acceleration": ("MSK", "K40"),
    "Angle": ("DD", "C81"),
    "Illuminance": ("LUX", "P27"),
}


def kept_in(name: str, value: float, unit: str) -> float:
    """A value of a type in the unit that is kept. Raises UnknownUnit."""
    if unit not in _UNITS[name]:
        raise UnknownUnit(f"{unit[:20]} is no unit of {name}: {', '.join(_UNITS[name])}")
    kept = MEASUREMENTS[name].unit
    return value if unit == kept else round(converted(value, unit, kept), _DIGITS)
