"""Workers: one is active, another takes over, and an absent database is waited for."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chain_service import worker as module
from chain_service.chain.client import Chain
from chain_service.chain.deployment import Administrator
from chain_service.settings import Network
from chain_service.worker import Worker
from tests.anchoring.ground import captured, one_by_one, prove
from tests.stage import Stage, postgresql_server


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Stage], Worker]]:
    """Starts a worker in a thread; all are stopped after the test."""
    monkeypatch.setattr(module, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(module, "MOST_PAUSE", 0.5)
    running: list[tuple[Worker, threading.Thread]] = []

    def run(stage: Stage) -> Worker:
        worker = Worker(stage.settings)
        thread = threading.Thread(target=worker.run)
        thread.start()
        running.append((worker, thread))
        return worker

    yield run
    for worker, thread in running:
        worker.stop()
        thread.join(20)
        assert not thread.is_alive()


def until(condition: Callable[[], bool], seconds: float = 15) -> float:
    """How long it took for a condition to hold."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "not in time"
        time.sleep(0.02)
    return time.monotonic() - begun


def sealed(stage: Stage, ids: list[str]) -> Callable[[], bool]:
    return lambda: all(stage.client.get(f"/v1/receipts/{event_id}").status_code == 200 for event_id in ids)


def test_one_worker_is_active_and_another_takes_over(stage: Stage, start: Callable[[Stage], Worker]) -> None:
    workers = [start(stage), start(stage)]
    ids = captured(stage, 2)
    until(sealed(stage, ids))
    until(lambda: sum(worker._active_until > time.monotonic() for worker in workers) == 1)
    active, passive = sorted(workers, key=lambda worker: -worker._active_until)
    active.stop()
    until(lambda: passive._active_until > time.monotonic())
    ids += captured(stage, 2)
    until(sealed(stage, ids))
    prove(stage, ids)


def test_the_lease_of_a_dead_worker_ends(stage: Stage, start: Callable[[Stage], Worker]) -> None:
    dead = Worker(stage.settings)
    assert dead._is_active()
    ids = captured(stage, 1)
    alive = start(stage)
    time.sleep(0.4)
    assert not alive._active_until, "the dead one is waited for"
    assert until(sealed(stage, ids)) < 5
    prove(stage, ids)


def test_a_conflict_is_said_again_and_again_and_nothing_is_sealed(
    stage: Stage, start: Callable[[Stage], Worker], caplog: pytest.LogCaptureFixture
) -> None:
    node = Chain(stage.network)
    one_by_one(stage, 1)
    node.send(node.sign_anchor(stage.custody.secret(), 0, 0, 1, b"\x01" * 32, node.head())[1])
    start(stage)

    def said() -> int:
        return sum(
            "NOTHING IS SEALED" in record.message for record in caplog.records if record.levelno >= logging.ERROR
        )

    until(lambda: said() >= 2)
    assert node.nonce(stage.operator, node.head().number) == 1


def test_the_database_may_be_away_for_a_while(
    tmp_path: Path, network: Network, administrator: Administrator, start: Callable[[Stage], Worker]
) -> None:
    with postgresql_server() as server, Stage(tmp_path, server.get_uri(), network, administrator) as stage:
        start(stage)
        ids = captured(stage, 2)
        until(sealed(stage, ids))
        server.stop()
        ready = stage.client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"].startswith("the database does not answer")
        assert stage.client.get("/healthz").status_code == 200
        answer = stage.client.post("/epcis/capture", content=b"{}", headers=stage.headers())
        assert answer.status_code >= 500, "not accepted"
        time.sleep(0.6)
        server.ensure_postgres_running()
        until(lambda: stage.client.get("/readyz").status_code == 200)
        ids += captured(stage, 2)
        until(sealed(stage, ids))
        prove(stage, ids)
