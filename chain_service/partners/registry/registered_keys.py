"""Partners' keys as the registry last had them, remembered in this process.

Fresh for a minute; where the chain can't be read, usable for an hour, as for a capture (keys.py).
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from chain_service.chain.client import ChainError
from chain_service.kit import clock
from chain_service.partners.did.document import Key
from chain_service.partners.keys import FRESH_MS, USABLE_MS

RETRY_MS = 5_000  # after a failure the chain is left alone so long, or each request would wait for a node that is down


class Registry(Protocol):
    """What reads PartnerRegistry. Raises ChainError where the chain can't be read."""

    def keys_of(self, did: str) -> Sequence[Key]: ...


@dataclass
class _Entry:
    """What is known of one DID. Times: Unix milliseconds; `failure`: what kept the last reading from succeeding."""

    lock: Lock = field(default_factory=Lock)  # of many that ask at once, one asks the chain
    keys: Sequence[Key] = ()
    read_at: int | None = None
    failure: ChainError | None = None
    failed_at: int = 0


class RegisteredKeys:
    """The keys of the 1,000 DIDs that were asked for latest. `now`: Unix milliseconds."""

    MOST = 1000

    def __init__(self, now: Callable[[], int] = clock.now_ms) -> None:
        self._now = now
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = Lock()

    def of(self, did: str, ask: Callable[[], Sequence[Key]]) -> Sequence[Key]:
        """The keys of a DID, read by `ask` where they are not fresh. Raises ChainError where none are usable."""
        entry = self._entry(did)
        with entry.lock:
            if self._is_younger(entry.read_at, FRESH_MS):
                return entry.keys
            if entry.failure is None or not self._is_younger(entry.failed_at, RETRY_MS):
                try:
                    entry.keys, entry.read_at, entry.failure = ask(), self._now(), None
                except ChainError as error:
                    entry.failure, entry.failed_at = error, self._now()
            if entry.failure is not None and not self._is_younger(entry.read_at, USABLE_MS):
                raise entry.failure
            return entry.keys

    def forget(self, did: str) -> None:
        """The keys of this DID are read anew when they are asked for next."""
        with self._lock:
            self._entries.pop(did, None)

    def _is_younger(self, at: int | None, milliseconds: int) -> bool:
        return at is not None and 0 <= self._now() - at < milliseconds

    def _entry(self, did: str) -> _Entry:
        with self._lock:
            entry = self._entries.pop(did, None) or _Entry()
            self._entries[did] = entry
            while len(self._entries) > self.MOST:
                self._entries.popitem(last=False)
            return entry
