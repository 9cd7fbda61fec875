"""How often somebody may ask: a bucket for each, in this process, that fills up again with time."""

import math
import time
from collections import OrderedDict


class RateLimit:
    """So many calls a minute of one caller (an address, a credential); remembers the 10,000 latest."""

    MOST = 10_000

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60
        self._most = float(per_minute)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    @property
    def seconds_for_one(self) -> int:
        """After how many seconds who has used up everything may call once more."""
        return max(1, math.ceil(1 / self._per_second))

    def take(self, caller: str, calls: int) -> bool:
        """Whether the caller may make these calls now."""
        now = time.monotonic()
        left, at = self._left.pop(caller, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_second)
        allowed = left >= calls
        self._left[caller] = (left - calls if allowed else left, now)
        while len(self._left) > self.MOST:
            self._left.popitem(last=False)
        return allowed
