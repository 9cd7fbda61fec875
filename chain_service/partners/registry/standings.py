"""Roles, suspension and keys of every partner, as the registry has logged them; read anew where there is a new block.

Anybody may ask for the list of partners: without this each question would make the node read the whole log.
"""

from dataclasses import dataclass, field
from threading import Lock

from chain_service.chain.client import Chain
from chain_service.chain.registry import Registry
from chain_service.chain.registry_log import RegistryChange

_NEVER = 2**64


@dataclass(slots=True)
class PartnerStanding:
    """`roles`: bits; `terms`: by key, from when and up to when it is good (Unix seconds), suspensions apart."""

    roles: int = 0
    is_suspended: bool = False
    terms: dict[str, tuple[int, int]] = field(default_factory=dict)

    def good_keys(self, now: int) -> int:
        """How many keys are good at a time (Unix seconds)."""
        return 0 if self.is_suspended else sum(since <= now < until for since, until in self.terms.values())


Standings = dict[str, PartnerStanding]  # by DID


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
        if change.did is not None:
            _follow(found.setdefault(change.did, PartnerStanding()), change)
    return found


def _follow(standing: PartnerStanding, change: RegistryChange) -> None:
    said = change.arguments
    if change.name in ("PartnerAdmitted", "RolesSet"):
        standing.roles = said["roles"]
    elif change.name in ("PartnerSuspended", "PartnerReinstated"):
        standing.is_suspended = change.name == "PartnerSuspended"
    elif change.name == "KeyAdded":
        standing.terms[said["key"]] = (said["validFrom"], said["validTo"] or _NEVER)
    elif change.name == "KeyEndPlanned":
        standing.terms[said["key"]] = (standing.terms[said["key"]][0], said["validTo"])
    elif change.name == "KeyCompromised":
        since, until = standing.terms[said["key"]]
        standing.terms[said["key"]] = (since, min(until, said["compromisedAt"]))
