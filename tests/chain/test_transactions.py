"""Signed transactions are read back as eth-account, which signed them, means them."""

import pytest
from eth_account import Account

from chain_service.chain.transactions import Terms

KEY = "0x" + "01" * 32
TO = "0x" + "11" * 20


def test_a_dynamic_fee_transaction() -> None:
    fees = {"maxFeePerGas": 5_000_000_007, "maxPriorityFeePerGas": 3}
    signed = Account.sign_transaction({"to": TO, "value": 0, "gas": 1, "nonce": 300, "chainId": 31337, **fees}, KEY)
    assert Terms.of(bytes(signed.raw_transaction)) == Terms(31337, TO, 5_000_000_007, 3)


@pytest.mark.parametrize("chain_id", [1, 1337, 2**40])
def test_a_legacy_transaction(chain_id: int) -> None:
    signed = Account.sign_transaction(
        {"to": TO, "value": 0, "gas": 1, "nonce": 0, "chainId": chain_id, "gasPrice": 0}, KEY
    )
    assert Terms.of(bytes(signed.raw_transaction)) == Terms(chain_id, TO, 0, 0)


@pytest.mark.parametrize("raw", [b"", b"\x01\xc0", b"\x80"])
def test_another_kind_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="neither a legacy transaction nor one of type 2"):
        Terms.of(raw)
