"""Signed transactions read back: for which chain and contract they are, and what they pay."""

from dataclasses import dataclass
from typing import Self

import rlp

_LEGACY_FROM = 0xC0  # an RLP list; typed transactions (EIP-2718) begin with their type below 0x80
_DYNAMIC_FEE = 2  # EIP-1559


@dataclass(frozen=True, slots=True)
class Terms:
    """What a signed transaction says: chain id, receiver (lower-case address), and the most it pays a gas, in wei.

    `tip` is what of it goes to the block's maker; where there is no fee market, all of it.
    """

    chain_id: int
    to: str
    most: int
    tip: int

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """Of the bytes of a legacy transaction with a chain id (EIP-155) or one of type 2 (EIP-1559).

        Raises ValueError for any other.
        """
        if raw[:1] and raw[0] >= _LEGACY_FROM:
            _, price, _, to, _, _, v, _, _ = rlp.decode(raw)
            return cls((_number(v) - 35) // 2, "0x" + to.hex(), _number(price), _number(price))
        if raw[:1] and raw[0] == _DYNAMIC_FEE:
            chain_id, _, tip, most, _, to, *_ = rlp.decode(raw[1:])
            return cls(_number(chain_id), "0x" + to.hex(), _number(most), _number(tip))
        raise ValueError("neither a legacy transaction nor one of type 2")


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
