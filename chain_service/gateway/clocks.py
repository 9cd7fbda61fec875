"""Is a device's clock to be believed? What a reading says of time, against when it arrived.

A reading may come late for three honest reasons: the device was without a network and kept it, the broker kept it while
this gateway was away, or the network was slow. A clock that is wrong by hours looks just like the first, unless the
device also says when it sends. So:

1. The stamp of a message is `sent`, or else the reading's own time.
2. It must lie within the tolerance of the arrival, or, behind it, in a time when this gateway was away.
3. A reading with a good `sent` may be as old as devices may keep readings, and never later than `sent`.
"""

from collections.abc import Sequence
from typing import NamedTuple

AHEAD = "clock-ahead"
BEHIND = "clock-behind"
TOO_OLD = "too-old"


class Rule(NamedTuple):
    """All in milliseconds: how far a clock may be off, and how long a device may keep readings."""

    tolerance: int
    oldest: int


class Absence(NamedTuple):
    """From when until when the gateway was not at the broker, Unix milliseconds."""

    since: int
    until: int


def judge(rule: Rule, at: int, sent: int | None, arrived: int, absences: Sequence[Absence]) -> str | None:
    """Why a reading's time can't be believed: AHEAD, BEHIND or TOO_OLD; None where it can. Times: Unix milliseconds."""
    stamp = at if sent is None else sent
    if stamp > arrived + rule.tolerance or at > stamp + rule.tolerance:
        return AHEAD
    if stamp < arrived - rule.tolerance and not _kept_by_broker(rule, stamp, absences):
        return BEHIND
    return TOO_OLD if at < stamp - rule.oldest else None


def _kept_by_broker(rule: Rule, stamp: int, absences: Sequence[Absence]) -> bool:
    return any(each.since - rule.tolerance <= stamp <= each.until + rule.tolerance for each in absences)
