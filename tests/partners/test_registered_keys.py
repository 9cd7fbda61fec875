"""Keys remembered in the process: one asks for many, few are kept, and a node that is down is left alone."""

import threading
from collections.abc import Callable, Sequence

import pytest

from chain_service.chain.client import ChainUnreachable
from chain_service.partners.did.document import Key
from chain_service.partners.registry.registered_keys import RETRY_MS, RegisteredKeys
from tests.partners.test_did_document import Key as MadeKey

KEYS = [MadeKey("0x" + "a" * 40)]


class Asked:
    """What the chain says; counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0
        self.fails = False
        self.before: Callable[[], object] = lambda: None

    def __call__(self) -> Sequence[Key]:
        self.times += 1
        self.before()
        if self.fails:
            raise ChainUnreachable("the node does not answer")
        return KEYS


@pytest.fixture
def now() -> list[int]:
    return [1_000_000_000_000]


@pytest.fixture
def kept(now: list[int]) -> RegisteredKeys:
    return RegisteredKeys(now=lambda: now[0])


def test_many_that_ask_at_once_ask_the_chain_once(kept: RegisteredKeys) -> None:
    ask, gate, found = Asked(), threading.Event(), []
    ask.before = lambda: gate.wait(5)
    threads = [threading.Thread(target=lambda: found.append(kept.of("did:web:a.example", ask))) for _ in range(8)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert (ask.times, found) == (1, [KEYS] * 8)


def test_a_node_that_is_down_is_asked_again_after_a_while_only(kept: RegisteredKeys, now: list[int]) -> None:
    ask = Asked()
    ask.fails = True
    for _ in range(5):
        with pytest.raises(ChainUnreachable):
            kept.of("did:web:a.example", ask)
    assert ask.times == 1
    now[0] += RETRY_MS
    ask.fails = False
    assert kept.of("did:web:a.example", ask) == KEYS
    assert ask.times == 2


def test_old_keys_are_given_while_the_node_is_down_without_asking_each_time(
    kept: RegisteredKeys, now: list[int]
) -> None:
    ask = Asked()
    kept.of("did:web:a.example", ask)
    ask.fails = True
    now[0] += 60_000
    for _ in range(5):
        assert kept.of("did:web:a.example", ask) == KEYS
    assert ask.times == 2


def test_a_clock_that_went_back_makes_nothing_fresh(kept: RegisteredKeys, now: list[int]) -> None:
    ask = Asked()
    kept.of("did:web:a.example", ask)
    now[0] -= 1
    kept.of("did:web:a.example", ask)
    assert ask.times == 2


def test_only_so_many_are_remembered_and_the_longest_unused_go_first(
    kept: RegisteredKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RegisteredKeys, "MOST", 3)
    asks = {name: Asked() for name in "abcd"}
    for name in "abcabd":  # c is the one that nobody asked for again
        kept.of(name, asks[name])
    for name in "dba":
        kept.of(name, asks[name])
    kept.of("c", asks["c"])
    assert {name: ask.times for name, ask in asks.items()} == {"a": 1, "b": 1, "c": 2, "d": 1}
    assert RegisteredKeys.MOST == 3
