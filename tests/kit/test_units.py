"""Values told in another unit, by the factors that UN/CEFACT Recommendation 20 prints."""

import pytest

from chain_service.kit.units import UnknownUnit, converted


@pytest.mark.parametrize(
    ("value", "unit", "into", "expected"),
    [
        (32, "FAH", "CEL", 0),
        (212, "FAH", "CEL", 100),
        (100, "CEL", "FAH", 212),
        (0, "KEL", "CEL", -273.15),
        (-40, "FAH", "KEL", 233.15),
        (1, "K40", "MSK", 9.80665),
        (1, "BAR", "KPA", 100),
        (1013.25, "A97", "PAL", 101_325),
        (1, "LBR", "GRM", 453.59237),
        (36, "KMH", "MTS", 10),
        (1, "MTQ", "LTR", 1000),
        (90, "MIN", "HUR", 1.5),
        (4.2, "CEL", "CEL", 4.2),
        (7, "XYZ", "XYZ", 7),
    ],
)
def test_a_value_is_the_same_in_another_unit(value: float, unit: str, into: str, expected: float) -> None:
    assert converted(value, unit, into) == expected


@pytest.mark.parametrize(("unit", "into"), [("CEL", "P1"), ("CEL", "XYZ"), ("XYZ", "CEL"), ("", "CEL")])
def test_units_of_different_things_are_refused(unit: str, into: str) -> None:
    with pytest.raises(UnknownUnit):
        converted(1, unit, into)
