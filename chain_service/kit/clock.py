"""Times as EPCIS writes them and as statements carry them."""

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MAX_OFFSET = 14 * 3600  # seconds
BEFORE_1970 = "before 1970"  # the one refusal of parse_time that callers tell from the others
_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d))", re.ASCII
)


@lru_cache(maxsize=1 << 14)  # validation, event hash and statement read the same texts
def parse_time(text: str) -> int:
    """Unix milliseconds of an xsd:dateTimeStamp, truncated.

    Raises ValueError without a zone, for second 60 and hour 24, for days that do not exist and before 1970.
    Source: EPCIS 2.0 section 7.3.2 (Time), XML Schema 1.1 part 2 section 3.4.28.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("not a date and time with a zone, such as 2026-11-01T08:30:00.000+08:00")
    year, month, day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = match.groups()
    offset = 0
    if sign:
        offset = int(zone_hours) * 3600 + int(zone_minutes) * 60
        if offset > _MAX_OFFSET:
            raise ValueError("a zone is at most 14 hours from UTC")
        offset = -offset if sign == "-" else offset
    days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second) - offset
    if seconds < 0:
        raise ValueError(BEFORE_1970)
    return seconds * 1000 + int(((fraction or "") + "000")[:3])


def now_ms() -> int:
    """Unix milliseconds of this machine's clock."""
    return time.time_ns() // 1_000_000


def now_s() -> int:
    """Unix seconds of this machine's clock."""
    return int(time.time())


def iso(milliseconds: int) -> str:
    """Unix milliseconds as an EPCIS date and time in UTC, such as 2026-11-01T00:30:00.000Z."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
