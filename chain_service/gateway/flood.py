"""How much one device may send: a token bucket each, so that a flood from one takes nothing from the others."""

from collections.abc import Callable

_BYTES = 200  # what a reading takes in a message, or a little more


class Buckets:
    """A token is one message, or 200 bytes of it. `per_second` come back; `burst` lie in a full bucket: what a device
    may send at once after hours without a network. `clock`: seconds."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, device: str, size: int) -> bool:
        """Whether a message of so many bytes may still be used."""
        now = self._clock()
        left, since = self._left.get(device, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        cost = 1 + size // _BYTES
        allowed = cost <= left
        self._left[device] = (left - cost if allowed else left, now)
        return allowed
