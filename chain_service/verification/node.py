"""The chain read through a node's JSON-RPC with plain eth_call: light, so that checking needs no web3."""

import json
import time
from types import TracebackType
from typing import Any, Self

import httpx

from chain_service.kit.digests import from_hex, keccak256, to_hex
from chain_service.verification.trust import ChainUnreachable, KeyStatus, Seal, Trust

# An answer holds a few words; a node that sends more is not worth waiting for.
MAX_ANSWER = 64 * 1024
TIMEOUT_SECONDS = 5.0
# A node may also drip: the whole answer has this much longer.
DRIP_FACTOR = 2
WORD = 32


class NodeReader:
    """A ChainReader (trust.py) on the node at `trust.rpc`. Use as a context manager, or close() it."""

    def __init__(
        self, trust: Trust, timeout: float = TIMEOUT_SECONDS, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._trust = trust
        self._longest = timeout * DRIP_FACTOR
        # Identity: a compressed answer could unfold to any size before its length is seen.
        headers = {"accept-encoding": "identity"}
        self._client = httpx.Client(timeout=timeout, transport=transport, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connection back."""
        self._client.close()

    def chain_id(self) -> int:
        """eth_chainId."""
        answer = self._ask("eth_chainId", [])
        try:
            return int(answer, 16)
        except (TypeError, ValueError):
            raise ChainUnreachable("the node's chain id is not a number") from None

    def network(self) -> str:
        """PartnerRegistry.network()."""
        data = self._call(self._trust.partner_registry, "network()")
        start, length = WORD, _word(data, 1)
        if _word(data, 0) != WORD or len(data) < start + WORD + length:
            raise ChainUnreachable("no PartnerRegistry answers at its address")
        try:
            return data[start + WORD : start + WORD + length].decode()
        except UnicodeDecodeError:
            raise ChainUnreachable("no PartnerRegistry answers at its address") from None

    def seal_of(self, operator: str, number: int) -> Seal | None:
        """AnchorLog.sealOf; a seal's time is never 0."""
        data = self._call(self._trust.anchor_log, "sealOf(address,uint64)", _address(operator), _uint(number), words=4)
        seal = Seal(data[:WORD], _word(data, 1), _word(data, 2), _word(data, 3))
        return seal if seal.sealed_at else None

    def status_at(self, address: str, at: int) -> KeyStatus:
        """PartnerRegistry.statusAt."""
        registry = self._trust.partner_registry
        data = self._call(registry, "statusAt(address,uint64)", _address(address), _uint(at), words=4)
        return KeyStatus(data[:WORD], _word(data, 1), _word(data, 2), _word(data, 3))

    def is_operator(self, address: str, at: int) -> bool:
        """PartnerRegistry.isOperator."""
        registry = self._trust.partner_registry
        return _word(self._call(registry, "isOperator(address,uint64)", _address(address), _uint(at)), 0) == 1

    def _call(self, contract: str, signature: str, *arguments: bytes, words: int = 1) -> bytes:
        data = keccak256(signature.encode())[:4] + b"".join(arguments)
        answer = self._ask("eth_call", [{"to": contract, "data": to_hex(data)}, "latest"])
        try:
            result = from_hex(str(answer).lower())
        except ValueError:
            raise ChainUnreachable("the node's answer is not hexadecimal") from None
        if len(result) < words * WORD:
            raise ChainUnreachable(f"no contract with {signature.partition('(')[0]} answers at {contract}")
        return result

    def _ask(self, method: str, parameters: list[Any]) -> Any:
        latest = time.monotonic() + self._longest
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        try:
            with self._client.stream("POST", self._trust.rpc, json=body) as response:
                answer = bytearray()
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > MAX_ANSWER or time.monotonic() > latest:
                        raise ChainUnreachable(f"the answer of {self._trust.rpc} is too long or too slow")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ChainUnreachable(f"no answer from {self._trust.rpc} ({type(error).__name__})") from None
        try:
            value = json.loads(answer)
        except (ValueError, RecursionError):
            raise ChainUnreachable(f"{self._trust.rpc} answered {response.status_code} and no JSON") from None
        if not isinstance(value, dict) or "result" not in value:
            raise ChainUnreachable(f"{self._trust.rpc} answered with an error")
        return value["result"]


def _address(text: str) -> bytes:
    return from_hex(text, 20).rjust(WORD, b"\0")


def _uint(number: int) -> bytes:
    return number.to_bytes(WORD, "big")


def _word(data: bytes, index: int) -> int:
    return int.from_bytes(data[index * WORD : (index + 1) * WORD], "big")
