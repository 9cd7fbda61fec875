"""A local chain with our contracts on it, and a service's keys admitted to them."""

import time
from pathlib import Path

from eth_account import Account
from web3 import HTTPProvider, Web3

from benchmarks.service import ALL_ROLES, PARTNER, Service, prepare
from chain_service.chain.deployment import Administrator, new_network_name
from chain_service.local import Children, LocalChain, free_port, fund
from chain_service.partners.roles import Role
from chain_service.settings import Network

OPERATOR = "did:web:operator.example"
_MONEY = 10**20  # wei, of a coin that is worth nothing


def deployed(folder: Path, children: Children, block_seconds: int | None = None) -> tuple[Network, Service]:
    """Anvil with the contracts, and a service whose operator may seal; a block for each transaction by default."""
    rpc = LocalChain("anvil", folder, children, block_seconds).start(free_port())
    account = Account.create()
    fund(rpc, account.address, _MONEY)
    while not Web3(HTTPProvider(rpc)).eth.get_balance(account.address):  # until the block is mined
        time.sleep(0.1)
    administrator = Administrator(rpc, bytes(account.key))
    network = administrator.deploy(new_network_name("bench"))
    service = prepare(folder, network)
    registry = network.contracts["PartnerRegistry"]
    administrator.admit(registry, OPERATOR, int(Role.OPERATOR), {service.operator: "partner"})
    administrator.admit(registry, PARTNER, int(ALL_ROLES), {service.partner: "operator"})
    fund(rpc, service.operator, _MONEY)
    return network, service
