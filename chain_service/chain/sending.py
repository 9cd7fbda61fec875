"""Transactions of an account whose secret is here: signed, broadcast and waited for. Seals go through the outbox."""

from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from web3 import Web3
from web3.exceptions import TimeExhausted
from web3.types import TxReceipt

from chain_service.chain.client import ChainUnreachable, Refused, translated
from chain_service.kit.digests import to_hex

POLL_SECONDS = 0.05


def sent(web3: Web3, account: LocalAccount, transaction: dict[str, Any]) -> str:
    """Completes, signs and broadcasts a transaction with at least `to` or `data`, and `gas`; returns its hash.

    The nonce is the next after what the node has of the account, waiting ones included: two that are sent at the same
    time for one account replace each other. Raises ChainError.
    """
    with translated():
        priced = "maxFeePerGas" in transaction or "gasPrice" in transaction
        fees = {} if priced else _fees(web3)
        nonce = web3.eth.get_transaction_count(account.address, "pending")
        complete = {"nonce": nonce, "chainId": web3.eth.chain_id, **fees, **transaction}
        return to_hex(web3.eth.send_raw_transaction(account.sign_transaction(complete).raw_transaction))


def _fees(web3: Web3) -> dict[str, int]:
    """What the node suggests, and no more: nodes suggest what was paid last, so who pays twice that doubles it."""
    base = web3.eth.get_block("latest").get("baseFeePerGas")
    if base is None:
        return {"gasPrice": int(web3.eth.gas_price)}
    tip = int(web3.eth.max_priority_fee)
    # Four times: the base fee may double every six full blocks, and what it is not is not paid.
    return {"maxFeePerGas": base * 4 + tip, "maxPriorityFeePerGas": tip}


def mined(web3: Web3, transaction: str, seconds: float) -> TxReceipt:
    """The receipt of a transaction once it is in a block and has done what it should.

    Raises Refused, with the contract's reason, where it failed, ChainUnreachable where `seconds` go by first.
    """
    with translated():
        try:
            receipt = web3.eth.wait_for_transaction_receipt(HexStr(transaction), seconds, POLL_SECONDS)
        except TimeExhausted:
            raise ChainUnreachable(f"transaction {transaction} is in no block after {seconds:g} seconds") from None
        if receipt["status"] != 1:
            _try_again(web3, transaction, receipt["blockNumber"])
            raise Refused(f"transaction {transaction} failed on the chain")
        return receipt


def _try_again(web3: Web3, transaction: str, block: int) -> None:
    """Raises Refused with the reason why a transaction failed, where calling it again after its block finds one."""
    said = web3.eth.get_transaction(HexStr(transaction))
    if said.get("to"):
        web3.eth.call({"from": said["from"], "to": said["to"], "data": said["input"]}, block)
