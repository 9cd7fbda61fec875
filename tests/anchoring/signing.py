"""Statements as a partner's own system signs and sends them, put together from DESIGN section 4 by hand."""

import json
import secrets
from typing import Any

import httpx

from chain_service.anchoring.statement import derive
from chain_service.kit.digests import to_hex
from chain_service.kit.eip712 import Signer, statement_digest
from tests.events.documents import new_event
from tests.stage import CONTEXT, Stage

Json = dict[str, Any]


def bare_event(**changed: Any) -> Json:
    """A valid event with a context of its own."""
    return {"@context": [CONTEXT], **new_event(**changed)}


def statement(event: Json, signer: Signer, network: str, salt: bytes | None = None) -> Json:
    """The entry that POST /v1/statements takes."""
    salt = salt or secrets.token_bytes(32)
    derived = derive(event, salt)
    signature = signer.sign(statement_digest(derived, network))
    return {"event": event, "salt": to_hex(salt), "statement": derived.as_json(), "signature": to_hex(signature)}


def post(stage: Stage, partner: str, content: Any) -> httpx.Response:
    """Sends statements with a partner's token."""
    headers = stage.headers(partner) | {"Content-Type": "application/json"}
    return stage.client.post("/v1/statements", content=json.dumps(content), headers=headers)


def prepare(stage: Stage, partner: str, content: Any) -> httpx.Response:
    """Asks what to sign."""
    headers = stage.headers(partner) | {"Content-Type": "application/json"}
    return stage.client.post("/v1/statements/prepare", content=json.dumps(content), headers=headers)
