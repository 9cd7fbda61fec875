"""The side that dies: steps of capture and sealing in a process that kills itself (SIGKILL) at a chosen point."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from chain_service.anchoring import service
from chain_service.anchoring.tasks import Sealer
from chain_service.app import create
from chain_service.chain import outbox
from chain_service.chain.client import Chain
from chain_service.db import connect
from chain_service.events import service as events
from chain_service.partners.custody import Custody
from chain_service.partners.vault import open_vault
from chain_service.settings import Network, Settings

# Where it dies: name -> (object, attribute, how many calls succeed before, whether the last one still happens)
SEALING: dict[str, tuple[Any, str, int, bool]] = {
    "in the transaction that closes a batch": (service, "close_batch", 0, True),
    "before the transaction is kept": (outbox, "keep", 1, False),
    "in the transaction that keeps it": (outbox, "keep", 1, True),
    "kept, not sent": (Chain, "send", 1, False),
    "sent, not noted": (Chain, "send", 1, True),
    "in the transaction that notes a seal": (service, "note_seal", 1, True),
    "noted, the next one not": (outbox, "forget", 1, True),
}
CAPTURING: dict[str, tuple[Any, str, int, bool]] = {
    "the job is kept, nothing stored": (events, "store", 0, False),
    "stored, not committed": (events, "store", 0, True),
}


def _dying(original: Callable[..., Any], calls: int, happens: bool) -> Callable[..., Any]:
    left = [calls]

    def call(*arguments: Any, **named: Any) -> Any:
        if left[0]:
            left[0] -= 1
            return original(*arguments, **named)
        if happens:
            original(*arguments, **named)
        return os.kill(os.getpid(), signal.SIGKILL)

    return call


def _patch(point: str) -> None:
    target, name, calls, happens = {**SEALING, **CAPTURING}[point]
    setattr(target, name, _dying(getattr(target, name), calls, happens))


def seal(settings: dict[str, Any], point: str) -> None:
    """Closes and seals until it dies."""
    _patch(point)
    made = Settings(**settings)
    engine = connect(made.database_url)
    custody = Custody(made.keys_dir, made.keys_password)
    sealer = Sealer(engine, Chain(Network.read(made.network_file)), custody, made)
    sealer.close_due_batches()
    while sealer.seal():
        pass


def capture(settings: dict[str, Any], point: str, content: bytes, token: str) -> None:
    """Serves and captures a document until it dies; exits with 3 if the document isn't even accepted."""
    made = Settings(**settings)
    with TestClient(create(made, open_vault(made.keys_dir, made.keys_password))) as client:
        _patch(point)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/ld+json"}
        answer = client.post("/epcis/capture", content=content, headers=headers)
        if answer.status_code != 202:
            os._exit(3)
        while True:
            signal.pause()


def dies(step: Callable[..., None], *arguments: Any) -> None:
    """Runs a step in a process of its own and sees it die."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=step, args=arguments, daemon=True)
    process.start()
    process.join(30)
    try:
        assert process.exitcode == -signal.SIGKILL, f"it ended with {process.exitcode}"
    finally:
        process.kill()
