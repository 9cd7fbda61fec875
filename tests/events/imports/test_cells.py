"""Times, codes and numbers as spreadsheet programs hold them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chain_service.events.imports import keys, times
from chain_service.events.imports.faults import Fault

SHANGHAI = ZoneInfo("Asia/Shanghai")
HALF_PAST_TWO = "2026-11-25T14:30:00+08:00"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-25T14:30:00+08:00",
        "2026-11-25 14:30",
        "2026/11/25 14:30",
        "2026/11/25 14:30:00",
        "2026.11.25 14:30",
        "2026年11月25日 14:30",
        "2026年11月25日14时30分",
        "25/11/2026 14:30",
        "25.11.2026 14:30",
        "11/25/2026 2:30 PM",
        "25 Nov 2026 14:30",
        "Nov 25, 2026 14:30",
        "46351.604166667",
        46351.604166667,
        datetime(2026, 11, 25, 14, 29, 59, 999_900),
    ],
)
def test_times_are_read_as_people_write_them(written: Any) -> None:
    assert times.understood(written, SHANGHAI) == HALF_PAST_TWO


def test_a_time_with_its_own_offset_keeps_it() -> None:
    assert times.understood("2026-11-25T06:30:00Z", SHANGHAI) == "2026-11-25T06:30:00Z"
    assert times.understood("2026-11-25 14:30:05.5 +0900", SHANGHAI) == "2026-11-25T14:30:05.500+09:00"


@pytest.mark.parametrize("written", ["03/04/2026", "3-4-2026 10:00", "03.04.2026"])
def test_a_date_with_two_readings_is_refused(written: str) -> None:
    assert times.understood(written, SHANGHAI) == Fault("ambiguous-date", {"text": written})


def test_a_date_with_one_reading_is_none_of_these() -> None:
    assert times.understood("04/04/2026", SHANGHAI) == "2026-04-04T00:00:00+08:00"


@pytest.mark.parametrize(
    "written", ["soon", "2026-13-01", "2026-02-30", "25/11/26", "14:30", "2026-11-25 25:00", 7, -1.5]
)
def test_what_is_no_time_is_refused(written: Any) -> None:
    found = times.understood(written, SHANGHAI)
    assert isinstance(found, Fault)
    assert found.code == "malformed-time"


def test_hours_that_clocks_skip_or_show_twice_are_refused() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert times.understood("2026-03-29 02:30", berlin).code == "hour-skipped"  # type: ignore[union-attr]
    assert times.understood("2026-10-25 02:30", berlin).code == "hour-twice"  # type: ignore[union-attr]
    assert times.understood("2026-10-25T02:30:00+02:00", berlin) == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize("value", ["9.5211E+12", "9,52E+12", "9.5211e12", 9.52110110010512e17, 395211010000000000])
def test_codes_that_the_program_destroyed_are_named(value: Any) -> None:
    found = keys.mended(value)
    assert isinstance(found, Fault)
    assert found.code == "damaged-number"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (9521101100105, "9521101100105"),
        (9521101100105.0, "9521101100105"),
        ("9521101100105", "9521101100105"),
        ("12345670", "12345670"),
        ("1234565", "01234565"),  # a GTIN-8 that lost its zero
        (95211011013, "0095211011013"),
        ("95211010000000016", "095211010000000016"),  # an SSCC that lost one
        ("(00)395211010000000018", "(00)395211010000000018"),
    ],
)
def test_a_zero_comes_back_where_the_check_digit_proves_it(value: Any, key: str) -> None:
    assert keys.mended(value) == key


@pytest.mark.parametrize("value", ["95211010000000013", "1234566", 95211011019])
def test_a_zero_that_is_not_proven_does_not_come_back(value: Any) -> None:
    found = keys.mended(value)
    assert isinstance(found, Fault)
    assert found.code == "lost-zeros"
