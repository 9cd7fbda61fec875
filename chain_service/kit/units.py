"""Units of what is measured here, and how a value comes from one into another.

Source: UN/CEFACT Recommendation 20, whose codes these are, with its conversion factors.
"""

from collections.abc import Mapping

# A value times the factor, plus the offset, is in the unit that the codes of one kind have in common.
_COMMON: Mapping[str, tuple[str, float, float]] = {
    "CEL": ("CEL", 1, 0),
    "KEL": ("CEL", 1, -273.15),
    "FAH": ("CEL", 5 / 9, -160 / 9),
    "P1": ("P1", 1, 0),
    "MSK": ("MSK", 1, 0),
    "K40": ("MSK", 9.80665, 0),  # standard acceleration of free fall
    "DD": ("DD", 1, 0),
    "C81": ("DD", 57.29577951308232, 0),  # radian
    "LUX": ("LUX", 1, 0),
    "P27": ("LUX", 10.763910416709722, 0),  # footcandle
    "PAL": ("PAL", 1, 0),
    "KPA": ("PAL", 1e3, 0),
    "A97": ("PAL", 1e2, 0),  # hectopascal
    "MBR": ("PAL", 1e2, 0),
    "BAR": ("PAL", 1e5, 0),
    "KGM": ("KGM", 1, 0),
    "GRM": ("KGM", 1e-3, 0),
    "TNE": ("KGM", 1e3, 0),
    "LBR": ("KGM", 0.45359237, 0),
    "MTR": ("MTR", 1, 0),
    "MMT": ("MTR", 1e-3, 0),
    "CMT": ("MTR", 1e-2, 0),
    "KMT": ("MTR", 1e3, 0),
    "MTS": ("MTS", 1, 0),
    "KMH": ("MTS", 1 / 3.6, 0),
    "LTR": ("LTR", 1, 0),
    "MLT": ("LTR", 1e-3, 0),
    "MTQ": ("LTR", 1e3, 0),
    "SEC": ("SEC", 1, 0),
    "MIN": ("SEC", 60, 0),
    "HUR": ("SEC", 3600, 0),
    "DAY": ("SEC", 86_400, 0),
}
_DIGITS = 9  # behind the point: less than this is the arithmetic's, not the sensor's


class UnknownUnit(ValueError):
    """Two units of which one can't be told in the other."""


def converted(value: float, unit: str, into: str) -> float:
    """A value of one unit in another. Raises UnknownUnit where they measure different things, or one is not known."""
    if unit == into:
        return value
    given, wanted = _COMMON.get(unit), _COMMON.get(into)
    if given is None or wanted is None or given[0] != wanted[0]:
        raise UnknownUnit(f"{unit[:20]} can't be told in {into[:20]}")
    return round((value * given[1] + given[2] - wanted[2]) / wanted[1], _DIGITS)
