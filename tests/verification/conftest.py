"""A simulated chain behind the interface of the real one, filled from the shared vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from chain_service.verification.trust import ChainUnreachable, KeyStatus, Seal, Trust
from chain_service.verification.verdict import Declarations

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vectors.json").read_text())


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _holds(interval: dict[str, Any], at: int) -> bool:
    return interval["from"] <= at and (interval["until"] is None or at < interval["until"])


class Simulator:
    """One of the file's `chains` as a ChainReader."""

    def __init__(self, contents: dict[str, Any]) -> None:
        self._contents = contents

    def chain_id(self) -> int:
        return self._contents["chainId"]

    def network(self) -> str:
        return self._contents["network"]

    def seal_of(self, operator: str, number: int) -> Seal | None:
        for seal in self._contents["seals"]:
            if (seal["operator"], seal["number"]) == (operator, number):
                return Seal(_raw(seal["root"]), seal["first"], seal["count"], seal["sealedAt"])
        return None

    def status_at(self, address: str, at: int) -> KeyStatus:
        for key in self._contents["keys"]:
            if key["address"] == address and _holds(key, at):
                return KeyStatus(_raw(key["partner"]), key["roles"], key["custody"], key["status"])
        return KeyStatus(bytes(32), 0, 0, 0)

    def is_operator(self, address: str, at: int) -> bool:
        return any(key["address"] == address and _holds(key, at) for key in self._contents["operators"])


class Unreachable:
    """A chain that answers nothing, or nothing after so many questions."""

    def __init__(self, reader: Any = None, answers: int = 0) -> None:
        self._reader, self._left = reader, answers

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            if self._left == 0:
                raise ChainUnreachable("simulated")
            self._left -= 1
            return getattr(self._reader, name)(*arguments)

        return ask


class World:
    """What the vectors hold, ready to be judged."""

    vectors = VECTORS
    Simulator = Simulator
    Unreachable = Unreachable

    def receipt(self, name: str) -> dict[str, Any]:
        return json.loads(json.dumps(VECTORS["receipts"][name]))

    def trust_json(self, trust: str | dict[str, Any] | None) -> dict[str, Any] | None:
        return VECTORS["trust"][trust] if isinstance(trust, str) else trust

    def trust(self, trust: str | dict[str, Any] | None = "main") -> Trust | None:
        value = self.trust_json(trust)
        return None if value is None else Trust.from_json(value)

    def chain(self, name: str | None = "main") -> Any:
        return None if name is None else Unreachable() if name == "unreachable" else Simulator(VECTORS["chains"][name])

    def declarations(self, names: list[str] | None) -> Declarations | None:
        return None if names is None else Declarations(("https://operator.example",), tuple(map(self.receipt, names)))

    def changed(self, case: dict[str, Any]) -> Any:
        """The receipt of a case: bytes where the case holds a text, else JSON with its change made."""
        if "text" in case:
            return case["text"].encode()
        receipt = self.receipt(case["receipt"])
        if case["change"] is not None:
            *parents, last = case["change"]["pointer"].split("/")[1:]
            place: Any = receipt
            for name in parents:
                place = place[int(name)] if isinstance(place, list) else place[name]
            last = int(last) if isinstance(place, list) else last
            if case["change"]["op"] == "remove":
                del place[last]
            else:
                place[last] = case["change"]["value"]
        return receipt


@pytest.fixture(scope="session")
def world() -> World:
    return World()
