"""Who asks, and what they may do: the words that credentials, people, rules and the audit log share."""

from collections.abc import Iterable
from dataclasses import dataclass

from chain_service.partners.models import Partner
from chain_service.partners.roles import Role

# state: capture events and statements; describe: master data and disclosure; read: what the organisation may see beyond
# the public; manage: people and credentials of the organisation; administer: the registry and the network's audit log.
RIGHTS = ("state", "describe", "read", "manage", "administer")
DEFAULT_RIGHTS = frozenset({"state", "describe", "read"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `kind`: anyone, credential, person or command (a command line); `id`: public, of the middle two."""

    kind: str = "anyone"
    id: str = ""
    partner: Partner | None = None
    rights: frozenset[str] = frozenset()

    @property
    def reads_as(self) -> str | None:
        """The DID of the organisation with whose eyes the actor reads; None, also while suspended, what is public."""
        reads = self.partner is not None and "read" in self.rights and not self.partner.suspended
        return self.partner.did if self.partner is not None and reads else None


ANYONE = Actor()
SERVICE = Actor("service")  # what the service does by itself
# Who runs a command on the operator's own machine could write the database too: nothing is kept from them.
COMMAND_LINE = Actor("command", "", None, frozenset(RIGHTS))


def effective(rights: Iterable[str], roles: int) -> frozenset[str]:
    """The rights that count for a partner with these roles: only an operator's people and systems administer."""
    given = frozenset(rights)
    return given if roles & Role.OPERATOR else given - {"administer"}


def in_order(rights: Iterable[str]) -> list[str]:
    """Rights in the order of their list, each once."""
    given = set(rights)
    return [right for right in RIGHTS if right in given]
