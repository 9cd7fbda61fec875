"""Whether the key that the operator holds for a partner may sign now, asked before anything is captured with it."""

from collections.abc import Sequence

from fastapi import Request

from chain_service.chain.client import ChainError
from chain_service.chain.contracts import STATUSES
from chain_service.db import reading
from chain_service.errors import Problem
from chain_service.partners.custody import held_key
from chain_service.partners.did.document import Key
from chain_service.partners.keys import not_good
from chain_service.partners.registry.registered_keys import RegisteredKeys, Registry


def require_good(request: Request, did: str) -> None:
    """Raises Problem 409 where no key is held for a partner, 403 where the one held is not good.

    What the chain says is a minute old at most, and asked anew before a key is refused. Where the chain can't be read
    nothing is refused: what was signed with a key that is not good will not verify.
    """
    state = request.app.state
    with reading(state.engine) as connection:
        held = held_key(connection, did)
    if held is None:
        detail = (
            "This service holds no key of your organisation and can't sign for it. Sign yourselves: "
            "`chain-service capture FILE --key keystore.json`, or POST /v1/statements."
        )
        raise Problem(409, "no-key-in-custody", "Your organisation signs itself", detail)
    status = _status(request, did, held[0])
    if status not in ("good", None):
        state.registered_keys.forget(did)
        status = _status(request, did, held[0])
    if status not in ("good", None):
        raise not_good(held[0], STATUSES.index(status))


def _status(request: Request, did: str, address: str) -> str | None:
    """The status word of a key, None where the chain can't be read."""
    state = request.app.state
    kept: RegisteredKeys = state.registered_keys
    registry: Registry = state.registry

    def ask() -> Sequence[Key]:
        state.chain.check()
        return registry.keys_of(did)

    try:
        keys = kept.of(did, ask)
    except ChainError:
        return None
    return next((key.status for key in keys if key.address == address), STATUSES[0])
