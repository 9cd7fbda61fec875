"""How often somebody may try to sign in: by account (its counts stand with the person) and by address (in memory).

An email that nobody has is counted as if it were an account, so that being locked out tells nothing of who is here.
"""

import hashlib
import time
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address
from threading import Lock

from chain_service.errors import Problem

ACCOUNT_FAILURES = 5
FIRST_LOCK_MS = 15 * 60_000
LONGEST_LOCK_MS = 24 * 3_600_000
ADDRESS_FAILURES = 20
ADDRESS_SECONDS = 600
_MOST = 10_000  # addresses, and emails of nobody, that are remembered


def counted(failures: int, locked_until: int | None, now: int) -> tuple[int, int | None]:
    """Failures and lock (Unix milliseconds) once one more attempt begins; the attempt counts until it proves good.

    Counted beforehand, a hundred guesses sent at once are still five. Raises Problem 429 while locked.
    """
    if locked_until is not None and locked_until > now:
        raise locked_out((locked_until - now + 999) // 1000)
    failures += 1
    if failures < ACCOUNT_FAILURES:
        return failures, None
    doublings = min(failures - ACCOUNT_FAILURES, 16)
    return failures, now + min(LONGEST_LOCK_MS, FIRST_LOCK_MS << doublings)


def locked_out(seconds: int) -> Problem:
    """The refusal while nobody may try; `seconds` until somebody may."""
    detail = "Too many attempts to sign in failed. Wait, or ask your administrator for a new invitation."
    return Problem(
        429, "locked-out", "Wait before you try again", detail, headers={"Retry-After": str(max(1, seconds))}
    )


class Attempts:
    """What this process remembers of failed attempts; for all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._addresses: OrderedDict[str, deque[float]] = OrderedDict()
        self._nobodies: OrderedDict[bytes, tuple[int, int | None]] = OrderedDict()

    def begin(self, address: str) -> None:
        """Counts an attempt from an address. Raises Problem 429 after too many."""
        now = time.monotonic()
        with self._lock:
            times = self._addresses.setdefault(_network(address), deque())
            self._addresses.move_to_end(_network(address))
            while times and times[0] <= now - ADDRESS_SECONDS:
                times.popleft()
            if len(times) >= ADDRESS_FAILURES:
                raise locked_out(int(times[0] + ADDRESS_SECONDS - now) + 1)
            times.append(now)
            _forget_oldest(self._addresses)

    def forgive(self, address: str) -> None:
        """Takes the newest attempt of an address back: it was good."""
        with self._lock:
            times = self._addresses.get(_network(address))
            if times:
                times.pop()

    def of_nobody(self, email: str, now: int) -> None:
        """Counts an attempt for an email that nobody has. Raises Problem 429 as an account's would."""
        key = hashlib.sha256(email.encode()).digest()
        with self._lock:
            self._nobodies[key] = counted(*self._nobodies.get(key, (0, None)), now)
            self._nobodies.move_to_end(key)
            _forget_oldest(self._nobodies)

    def forgive_nobody(self, email: str) -> None:
        """Takes the newest attempt for an email that nobody has back: it came to nothing."""
        key = hashlib.sha256(email.encode()).digest()
        with self._lock:
            failures, _ = self._nobodies.get(key, (0, None))
            if failures:  # a lock that the attempt began ends with it, and one of before had ended
                self._nobodies[key] = (failures - 1, None)


def _network(address: str) -> str:
    """The address that is counted: of IPv6 the first 64 bits, as one customer has all of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped else address


def _forget_oldest(kept: OrderedDict[str, deque[float]] | OrderedDict[bytes, tuple[int, int | None]]) -> None:
    while len(kept) > _MOST:
        kept.popitem(last=False)
