"""A node that is down, slow, or answers nonsense: capture goes on, /readyz says so, and sealing resumes by itself."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chain_service import recursion
from chain_service import worker as worker_module
from chain_service.app import create
from chain_service.chain import client
from chain_service.chain.client import Chain, ChainUnreachable, Refused
from chain_service.chain.deployment import Administrator
from chain_service.settings import Network
from chain_service.worker import Worker
from tests.anchoring.ground import captured, one_by_one, prove
from tests.chain.proxy import Proxy, proxied
from tests.stage import Stage

GARBAGE = [
    b"",
    b"<html>502 Bad Gateway</html>",
    b"null",
    b"[]",
    b"7",
    b'{"jsonrpc":"2.0","id":1}',
    b'{"jsonrpc":"2.0","id":1,"result":null}',
    b'{"jsonrpc":"2.0","id":1,"result":"0x"}',
    b'{"jsonrpc":"2.0","id":1,"result":"not hex"}',
    b'{"jsonrpc":"2.0","id":1,"result":{"number":"0x1"}}',
    b'{"jsonrpc":"2.0","id":1,"result":[1]}',
    b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"jsonrpc":"2.0","id":1,"error":"overloaded"}',
    b'{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit exceeded"}}',
    b"\xff\xfe",
]


@pytest.fixture
def proxy(anvil: str) -> Iterator[Proxy]:
    with proxied(anvil) as made:
        yield made


@pytest.fixture
def ground(
    tmp_path: Path, database_url: str, network: Network, administrator: Administrator, proxy: Proxy
) -> Iterator[Stage]:
    """A service whose node is the proxy."""
    behind = network.model_copy(update={"rpc": proxy.rpc})
    with Stage(tmp_path, database_url, behind, administrator) as stage:
        yield stage


@pytest.fixture
def working(ground: Stage) -> Iterator[None]:
    """A worker at work in the background."""
    worker = Worker(ground.settings)
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield
    worker.stop()
    thread.join(20)
    assert not thread.is_alive()


def sealed_in_time(stage: Stage, ids: list[str], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while any(stage.client.get(f"/v1/receipts/{event_id}").status_code != 200 for event_id in ids):
        assert time.monotonic() < deadline, "not sealed in time"
        time.sleep(0.05)
    prove(stage, ids)


def down(proxy: Proxy) -> None:
    proxy.status, proxy.answer = 503, b""


def slow(proxy: Proxy) -> None:
    proxy.delay = client.TIMEOUT_SECONDS * 2


def failing(proxy: Proxy) -> None:
    proxy.answer = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal error"}}'


@pytest.mark.parametrize("trouble", [down, slow, failing])
def test_capture_goes_on_and_sealing_resumes(
    ground: Stage, proxy: Proxy, trouble: Callable[[Proxy], None], monkeypatch: pytest.MonkeyPatch, working: None
) -> None:
    monkeypatch.setattr(worker_module, "MOST_PAUSE", 0.5)
    ids = captured(ground, 1)
    sealed_in_time(ground, ids)
    trouble(proxy)
    time.sleep(0.3)
    ids += captured(ground, 2)
    ready = ground.client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "ok")
    assert ready.json()["checks"]["chain"] != "ok"
    assert ground.client.get(f"/v1/receipts/{ids[-1]}").status_code == 202
    proxy.answer, proxy.status, proxy.delay = None, 200, 0.0
    sealed_in_time(ground, ids)
    assert ground.client.get("/readyz").status_code == 200


@pytest.fixture(autouse=True)
def short_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.5)


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_every_answer_that_makes_no_sense_is_one_kind_of_error(network: Network, proxy: Proxy, answer: bytes) -> None:
    recursion.guard()  # as in serve and worker
    chain = Chain(network.model_copy(update={"rpc": proxy.rpc}))
    address = "0x" + "11" * 20
    proxy.answer = answer
    asks: list[Callable[[], object]] = [
        chain.check,
        chain.head,
        lambda: chain.next(address, 1),
        lambda: chain.nonce(address, 1),
        lambda: chain.seal(address, 0, 1, 0, ["0x" + "22" * 32]),
        lambda: chain.is_operator(address, 1),
        lambda: chain.try_anchor(address, 0, 1, bytes(32), 1),
        lambda: chain.block_hash(1),
    ]
    for ask in asks:
        try:
            result = ask()
        except (ChainUnreachable, Refused):
            continue
        assert result in (None, 1, False), "only what can be read as an answer is one"


def test_a_node_that_is_not_there_is_said_to_be_unreachable(network: Network) -> None:
    with pytest.raises(ChainUnreachable, match="does not answer"):
        Chain(network.model_copy(update={"rpc": "http://127.0.0.1:9"})).head()


def test_a_seal_is_found_by_the_kept_transactions_without_searching_logs(ground: Stage, proxy: Proxy) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 3, sealer)
    proxy.methods.clear()
    ground.seal(sealer)
    assert "eth_sendRawTransaction" in proxy.methods
    assert "eth_getLogs" not in proxy.methods
    prove(ground, ids)


def test_serve_and_worker_put_the_guard_against_deep_nesting_back(ground: Stage) -> None:
    for start in (lambda: create(ground.settings, ground.vault), lambda: Worker(ground.settings)):
        sys.setrecursionlimit(100_000)  # as py_ecc leaves it
        start()
        assert sys.getrecursionlimit() == recursion.LIMIT
