"""All addresses of this folder, and what they need of the app's state."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.datastructures import State

from chain_service.events.milestones import (
    document_endpoints,
    endpoints,
    idempotency,
)
from chain_service.events.milestones.service import none_recalled

router = APIRouter()
for each in (endpoints, document_endpoints):
    router.include_router(each.router)


def equip(state: State, finish_erasure: Callable[[], None]) -> None:
    """Gives the app's state what milestones need. `finish_erasure`: destroys the keys of what was emptied.

    `state.recalled` is replaced by whoever knows of recalls (service.Recalled).
    """
    state.milestone_keys = idempotency.AtWork()
    state.recalled = none_recalled
    state.finish_erasure = finish_erasure
