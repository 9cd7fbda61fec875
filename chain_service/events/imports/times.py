"""Times as spreadsheets hold them: dates of the program, its day numbers, and text as people write it.

What can be read in two ways is refused by name and never guessed: 03/04/2026 is April here and March there.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chain_service.events.imports.faults import Fault
from chain_service.kit import clock

_EPOCH = datetime(1899, 12, 30)  # day 0 of the 1900 date system from March 1900 on (ECMA-376 part 1, 18.17.4.1)
_SERIALS = (20_000, 80_000)  # 1954 to 2119: a number outside is no date
_CLOCK = r"(?:[T\s]\s*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,9}))?)?\s*[秒分]?\s*(AM|PM)?)?"
_ZONE = r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*" + _CLOCK.replace("[T\\s]\\s*", "T?\\s*") + _ZONE, re.I
)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _CLOCK + _ZONE, re.I)
_DAY_MONTH = re.compile(r"(\d{1,2})[\s-]([A-Z]{3})[A-Z]*\.?,?[\s-](\d{4})" + _CLOCK + _ZONE, re.I)
_MONTH_DAY = re.compile(r"([A-Z]{3})[A-Z]*\.?\s(\d{1,2}),?\s(\d{4})" + _CLOCK + _ZONE, re.I)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}


def understood(value: str | int | float | datetime, zone: ZoneInfo) -> str | Fault:
    """ISO 8601 with offset. `zone` is where the file's clock stands, for times that do not say it themselves."""
    if isinstance(value, datetime):
        return _local(_rounded(value), zone, str(value))
    if isinstance(value, str) and not re.fullmatch(r"\d{5}([.,]\d+)?", value):
        return _of_text(value, zone)
    number = float(str(value).replace(",", "."))
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return Fault("malformed-time", {"text": str(value)})
    return _local(_rounded(_EPOCH + timedelta(days=number)), zone, str(value))


def _rounded(moment: datetime) -> datetime:
    """To the second: a day number keeps no more."""
    return (moment.replace(tzinfo=None) + timedelta(microseconds=500_000)).replace(microsecond=0)


def _of_text(text: str, zone: ZoneInfo) -> str | Fault:
    wrong = Fault("malformed-time", {"text": text[:60]})
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day, *rest = match.groups()
    elif match := _YEAR_LAST.fullmatch(text):
        first, second, year, *rest = match.groups()
        if int(first) <= 12 and int(second) <= 12 and first != second:
            return Fault("ambiguous-date", {"text": text[:60]})
        day, month = (first, second) if int(first) > 12 else (second, first)
    elif match := _DAY_MONTH.fullmatch(text):
        day, name, year, *rest = match.groups()
        month = str(_MONTHS.get(name.lower(), 0))
    elif match := _MONTH_DAY.fullmatch(text):
        name, day, year, *rest = match.groups()
        month = str(_MONTHS.get(name.lower(), 0))
    else:
        return wrong
    hour, minute, second, fraction, half, offset = rest
    hours = int(hour or 0)
    if half and not 1 <= hours <= 12:
        return wrong
    hours = hours % 12 + (12 if half.upper() == "PM" else 0) if half else hours
    try:
        moment = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
        moment = moment.replace(microsecond=int(((fraction or "") + "000000")[:6]))
        if not offset:
            return _local(moment, zone, text)
        written = "Z" if offset.upper() in ("Z", "UTC") else f"{offset[:3]}:{offset[-2:]}"
        stamp = moment.isoformat(timespec="milliseconds" if fraction else "seconds") + written
        if moment.year >= 1970:
            clock.parse_time(stamp)
        return stamp
    except ValueError:
        return wrong


def _local(moment: datetime, zone: ZoneInfo, text: str) -> str | Fault:
    """A moment on the clocks of a zone; an hour that they skip or show twice is refused."""
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        skipped = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment
        return Fault("hour-skipped" if skipped else "hour-twice", {"text": text[:60], "zone": zone.key})
    offset = first.strftime("%z")
    stamp = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return f"{stamp}{offset[:3]}:{offset[3:5]}"
