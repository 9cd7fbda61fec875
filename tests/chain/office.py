"""A registry with the accounts that administer it."""

import secrets
from typing import Any

from eth_account.signers.local import LocalAccount

from chain_service.chain.client import Chain
from chain_service.chain.deployment import Administrator
from chain_service.chain.registry import Registry
from chain_service.local import fund
from chain_service.settings import Network
from tests.stage import new_account

DAY = 86_400
DID, OTHER = "did:web:farm.example", "did:web:port.example"
PRODUCER, OPERATOR = 2, 128
WAIT = 20


def lower(account: LocalAccount) -> str:
    return str(account.address).lower()


class Office:
    """A registry of its own on a chain, with the accounts of an admin, a guardian, a successor and a stranger."""

    def __init__(self, rpc: str) -> None:
        self.rpc = rpc
        self.admin, self.guardian, self.successor, self.stranger = (new_account() for _ in range(4))
        for account in (self.admin, self.guardian, self.successor, self.stranger):
            fund(rpc, account.address, 10**19)
        deployer = Administrator(rpc, bytes(self.admin.key))
        self.network: Network = deployer.deploy(f"test-{secrets.token_hex(8)}")
        self.chain = Chain(self.network)
        self.registry = Registry(self.chain)

    def now(self) -> int:
        return self.chain.head().time

    def refusal(self, action: str, sender: LocalAccount | None = None, **arguments: Any) -> str | None:
        return self.registry.plan(action, arguments, lower(sender or self.admin)).refusal

    def do(self, action: str, sender: LocalAccount | None = None, **arguments: Any) -> str:
        """Plans, sends and waits; returns the transaction's hash."""
        account = sender or self.admin
        plan = self.registry.plan(action, arguments, lower(account))
        assert (plan.refusal, plan.action) == (None, action)
        assert plan.gas is not None
        assert plan.to == self.network.contracts["PartnerRegistry"].lower()
        transaction = self.registry.send(plan, bytes(account.key))
        self.registry.wait(transaction, WAIT)
        return transaction

    def add_key(self, did: str = DID, **changed: Any) -> str:
        """Adds a new key; returns its address."""
        key = lower(new_account())
        self.do("addKey", did=did, key=key, **{"custody": "partner", "valid_from": None, "valid_to": None, **changed})
        return key
