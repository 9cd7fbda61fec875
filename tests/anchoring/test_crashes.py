"""kill -9 at any point between accepted and sealed loses nothing and seals nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from chain_service.local import free_port
from tests.anchoring import crashing
from tests.anchoring.ground import captured, document, event_ids, one_by_one, prove, reopen
from tests.stage import Stage

# A worker as the command line starts it, except that a dead one's lease is soon over.
WORKER = "import chain_service.worker as w; w.LEASE_SECONDS = 0.5; from chain_service.cli import main; main(['worker'])"


@pytest.mark.parametrize("point", crashing.SEALING)
def test_sealing_goes_on_after_a_kill(stage: Stage, point: str) -> None:
    waiting = [] if point == "in the transaction that closes a batch" else one_by_one(stage, 3)
    waiting += captured(stage, 2)
    crashing.dies(crashing.seal, stage.settings.model_dump(), point)
    stage.seal()
    prove(stage, waiting)


@pytest.mark.parametrize("point", crashing.CAPTURING)
def test_an_accepted_capture_is_finished_after_a_kill(stage: Stage, point: str) -> None:
    ids = event_ids(3)
    crashing.dies(crashing.capture, stage.settings.model_dump(), point, document(ids), stage.tokens[stage.brand])
    reopen(stage)  # the service starts again
    deadline = time.monotonic() + 10
    while stage.client.get(f"/v1/receipts/{ids[0]}").status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.05)
    stage.seal()
    prove(stage, ids)


def test_serve_and_worker_survive_kills_at_random_moments(stage: Stage, running: Callable[[str], "Part"]) -> None:
    serve, worker = running("serve"), running("worker")
    dice = random.Random(2026)
    accepted: list[str] = []
    for part in (worker, serve, worker):
        until = time.monotonic() + dice.uniform(0.2, 1.2)
        killed = False
        ids = event_ids(2)
        while not killed:
            if serve.accepts(document(ids), stage.headers()):
                accepted += ids
                ids = event_ids(2)
            if time.monotonic() > until:
                part.kill()
                killed = True
        part.start()
        while not serve.accepts(document(ids), stage.headers()):  # the same again: it may have been accepted
            time.sleep(0.05)
        accepted += ids
    deadline = time.monotonic() + 30
    while serve.unsealed(accepted):
        assert time.monotonic() < deadline, "not everything was sealed"
        time.sleep(0.1)
    prove(stage, accepted)


class Part:
    """`serve` or `worker` of the command line as a process."""

    def __init__(self, name: str, stage: Stage) -> None:
        self._stage = stage
        self._port = free_port()
        command = ["-m", "chain_service.cli", "serve", "--port", str(self._port)]
        self._command = [sys.executable, *(command if name == "serve" else ["-c", WORKER])]
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        settings = self._stage.settings
        environment = {
            "DATABASE_URL": settings.database_url,
            "CHAIN_SERVICE_NETWORK_FILE": str(settings.network_file),
            "CHAIN_SERVICE_KEYS_DIR": str(settings.keys_dir),
            "CHAIN_SERVICE_KEYS_PASSWORD": settings.keys_password,
            "CHAIN_SERVICE_BATCH_SECONDS": "0.05",
        }
        with (self._stage.folder / "parts.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, how: int = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait(20)

    def accepts(self, content: bytes, headers: dict[str, str]) -> bool:
        """Whether a document was accepted; False also where the service isn't there."""
        try:
            url = f"{self.url}/epcis/capture"
            return httpx.post(url, content=content, headers=headers, trust_env=False).status_code == 202
        except httpx.TransportError:
            return False

    def unsealed(self, ids: list[str]) -> bool:
        """Whether some receipt is still to come."""
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            return any(client.get(f"/v1/receipts/{event_id}").status_code != 200 for event_id in reversed(ids))


@pytest.fixture
def running(stage: Stage) -> Iterator[Callable[[str], Part]]:
    """Starts a part of the service; all are ended after the test."""
    parts: list[Part] = []

    def start(name: str) -> Part:
        parts.append(Part(name, stage))
        return parts[-1]

    yield start
    for part in parts:
        part.kill()
