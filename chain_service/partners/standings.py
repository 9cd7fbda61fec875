"""Roles and suspension of every partner, from what the registry has logged; read anew only when there is a new block.

Anybody may ask for the list of partners: without this each question would make the node read the whole log.
"""

from threading import Lock

from chain_service.chain.client import Chain
from chain_service.chain.registry import Registry

Standings = dict[str, tuple[int, bool]]  # by DID: bits of the roles, and whether it is suspended


class StandingsRead:
    """What the newest block that was seen says of all partners."""

    def __init__(self) -> None:
        self._lock = Lock()  # of many that ask at once, one asks the node
        self._block = ""
        self._found: Standings = {}

    def of(self, chain: Chain, registry: Registry) -> Standings:
        """All partners in the order of their admission. Raises ChainError."""
        with self._lock:
            block = chain.head().hash
            if block != self._block:
                self._found, self._block = _read(registry), block
            return self._found


def _read(registry: Registry) -> Standings:
    found: Standings = {}
    for change in registry.changes(-1):
        if change.did is None:
            continue
        bits, is_suspended = found.get(change.did, (0, False))
        if change.name in ("PartnerAdmitted", "RolesSet"):
            bits = change.arguments["roles"]
        is_suspended = {"PartnerSuspended": True, "PartnerReinstated": False}.get(change.name, is_suspended)
        found[change.did] = (bits, is_suspended)
    return found
