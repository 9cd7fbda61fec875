"""What the service keeps of its partners follows the registry, whoever changed it there."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from chain_service.chain.client import Chain
from chain_service.chain.registry import Registry
from chain_service.chain.registry_calls import ROLE_BITS
from chain_service.db import writing
from chain_service.kit import clock
from chain_service.partners import audit
from chain_service.partners.actors import SERVICE
from chain_service.partners.did.document import is_did
from chain_service.partners.models import Partner, PartnerKey
from chain_service.partners.registry.standings import Standings, StandingsRead


def follow(
    connection: Connection, registered: Standings, names: Mapping[str, Mapping[str, str]], admit: bool = True
) -> list[str]:
    """Brings the partners kept here to what the registry holds; returns the DIDs that changed.

    `names`: of partners that are new here, by DID and language; one without a name is called by its DID. With `admit`
    false none is entered that is new. What was remembered of keys is asked anew.
    """
    known = {row.did: row for row in connection.execute(select(Partner.__table__))}
    changed = []
    for did, standing in registered.items():
        if not is_did(did) or (did not in known and not admit):  # the registry takes any text for a DID
            continue
        said: dict[str, Any] = {"roles": standing.roles & ROLE_BITS, "suspended": standing.is_suspended}
        if did in names:
            said["name"] = dict(names[did])
        if did not in known:
            new = {"name": {"en": did}, **said, "did": did, "created_at": clock.now_ms()}
            connection.execute(insert(Partner).values(new))
        elif any(known[did]._mapping[name] != value for name, value in said.items()):
            connection.execute(update(Partner).where(Partner.did == did).values(said))
        else:
            continue
        changed.append(did)
    connection.execute(update(PartnerKey).values(checked_at=None))
    return changed


class Following:
    """Brings the known partners to what the registry holds, whoever changed it there."""

    def __init__(self, engine: Engine, chain: Chain) -> None:
        self._engine = engine
        self._chain = chain
        self._registry = Registry(chain)
        self._read = StandingsRead()
        self._last: Standings | None = None

    def follow(self) -> None:
        """One look at the registry. Raises ChainError."""
        found = self._read.of(self._chain, self._registry)
        if found == self._last:
            return
        with writing(self._engine) as connection:
            if changed := follow(connection, found, {}, admit=False):
                audit.record(connection, SERVICE, "registry.followed", None, {"changed": changed})
        self._last = found
