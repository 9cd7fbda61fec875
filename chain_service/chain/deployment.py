"""Deploying the contracts from their shipped bytecode and entering partners and keys into the registry."""

import secrets
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3

from chain_service.chain.client import Chain, WrongChain, translated
from chain_service.chain.contracts import CUSTODY, artifact
from chain_service.chain.sending import mined, sent
from chain_service.kit.digests import keccak256
from chain_service.settings import Network

RECEIPT_SECONDS = 120


def new_network_name(label: str) -> str:
    """The label, a hyphen and 16 random hexadecimal digits: two installations never share signatures."""
    return f"{label}-{secrets.token_hex(8)}"


class Administrator:
    """An account that deploys contracts and administers the registry on one node's chain."""

    def __init__(self, rpc: str, secret: bytes) -> None:
        self._web3 = Web3(HTTPProvider(rpc, request_kwargs={"timeout": 10}))
        self._account: LocalAccount = Account.from_key(secret)
        self.rpc = rpc

    @property
    def address(self) -> str:
        """The account's checksummed address."""
        return str(self._account.address)

    def deploy(self, network: str) -> Network:
        """Deploys PartnerRegistry (this account being its administrator) and AnchorLog. Raises ChainError."""
        registry = self._send_constructor("PartnerRegistry", network, self.address)
        log = self._send_constructor("AnchorLog", registry)
        with translated():
            chain_id = self._web3.eth.chain_id
        contracts = {"AnchorLog": log, "PartnerRegistry": registry}
        return Network(network=network, rpc=self.rpc, chainId=chain_id, contracts=contracts)

    def admit(self, registry: str, did: str, roles: int, keys: dict[str, str]) -> None:
        """Admits a partner with its roles and its keys, {address: custody}; what the registry holds already stays."""
        contract = self._web3.eth.contract(
            address=Web3.to_checksum_address(registry), abi=artifact("PartnerRegistry")["abi"]
        )
        partner = keccak256(did.encode())
        with translated():
            admitted = contract.events.PartnerAdmitted.get_logs(from_block=0, argument_filters={"partner": partner})
        if not admitted:
            self._send(contract.functions.admitPartner(did, roles))
        for address, custody in keys.items():
            key = Web3.to_checksum_address(address)
            with translated():
                now = self._web3.eth.get_block("latest")["timestamp"]
                status = contract.functions.statusAt(key, now).call()[3]
            if status == 0:
                self._send(contract.functions.addKey(partner, key, CUSTODY[custody], 0, 0))

    def fund(self, address: str, wei: int) -> None:
        """Sees to it that an address has at least so much for gas."""
        with translated():
            to = Web3.to_checksum_address(address)
            if self._web3.eth.get_balance(to) < wei:
                self._send_transaction({"to": to, "value": Web3.to_wei(wei, "wei"), "gas": 21_000})

    def _send_constructor(self, name: str, *arguments: Any) -> str:
        compiled = artifact(name)
        contract = self._web3.eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"])
        return str(self._send(contract.constructor(*arguments))["contractAddress"])

    def _send(self, call: Any) -> Any:
        with translated():
            return self._send_transaction(call.build_transaction({"from": self.address, "nonce": self._nonce()}))

    def _send_transaction(self, transaction: dict[str, Any]) -> Any:
        return mined(self._web3, sent(self._web3, self._account, transaction), RECEIPT_SECONDS)

    def _nonce(self) -> int:
        return self._web3.eth.get_transaction_count(self._account.address, "pending")


def is_deployed(network: Network) -> bool:
    """Whether the node's chain holds this network's contracts. Raises ChainUnreachable when it does not answer."""
    try:
        Chain(network).check()
    except WrongChain:
        return False
    return True
