"""The side that dies: a process that serves imports and kills itself (SIGKILL) after some chunks are posted."""

import os
import signal
from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from chain_service.app import create
from chain_service.events.imports import milestones
from chain_service.partners.vault import open_vault
from chain_service.settings import Settings


def serve(settings: dict[str, Any], calls: int, happens: bool) -> None:
    """Serves until so many chunks were posted and the next one is, or (`happens`) was, about to be committed."""
    made = Settings(**settings)
    original: Callable[..., None] = milestones.post
    left = [calls]

    def post(*arguments: Any, **named: Any) -> None:
        if left[0]:
            left[0] -= 1
            return original(*arguments, **named)
        if happens:
            original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    milestones.post = post  # type: ignore[assignment]
    with TestClient(create(made, open_vault(made.keys_dir, made.keys_password))):
        while True:
            signal.pause()
