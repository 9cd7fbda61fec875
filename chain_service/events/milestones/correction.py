"""Declaring a milestone wrong, and posting the right one with it, in one transaction (EPCIS 2.0 section 7.3.2.3)."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from chain_service.errors import Problem
from chain_service.events import records
from chain_service.events.milestones import forms
from chain_service.events.milestones.errors import Error, error
from chain_service.events.milestones.forms import Form
from chain_service.events.models import Event
from chain_service.events.service import Stated, as_stated
from chain_service.kit import clock
from chain_service.kit.vocabulary import ERROR_REASONS
from chain_service.partners.vault import Vault


@dataclass(frozen=True, slots=True)
class Wrong:
    """An event that shall be declared wrong, as stated, and what its reporter asked of its visibility."""

    event: Mapping[str, Any]
    narrowed: int


def find(connection: Connection, vault: Vault, partner: str, event_id: str) -> Wrong:
    """An organisation's own event. Raises Problem 404, and 409 where it is declared wrong already."""
    named = (Event.partner == partner, Event.event_id == vault.fingerprint(event_id))
    rows = connection.execute(select(Event.id, Event.declaration, Event.narrowed).where(*named)).all()
    contents = records.read(connection, vault, [row.id for row in rows])
    stated = {row.declaration: row for row in rows if row.id in contents}
    if False not in stated:
        detail = "Your organisation stated no event of this eventID here."
        raise Problem(404, "no-such-event", "No such event of yours", detail)
    if True in stated:
        said = json.loads(contents[stated[True].id].document)["errorDeclaration"]
        detail = "This event is declared wrong already."
        values = {"eventID": event_id, "correctedBy": said.get("correctiveEventIDs", [])}
        errors = [error("", "already-declared", detail, **values)]
        raise Problem(409, "already-declared", "Nothing was stored", detail, errors)
    row = stated[False]
    return Wrong(json.loads(contents[row.id].document), row.narrowed)


def read(content: Any, wrong: Wrong) -> tuple[str, Form | None, list[Error]]:
    """The reason, and the right milestone if one is given; where it names no time, it happened when the wrong one is
    said to have."""
    if not isinstance(content, dict):
        return "", None, [error("", "missing", "an object with reason is due", member="reason")]
    errors = [
        error(f"/{name[:60]}", "unknown-member", f"{name[:60]!r} is no member", member=name[:60])
        for name in content
        if name not in ("reason", "milestone")
    ]
    reason = content.get("reason")
    if reason not in ERROR_REASONS.words:
        detail = f"reason is one of {', '.join(sorted(ERROR_REASONS.words))}"
        code = "missing" if reason is None else "malformed-value"
        errors.append(error("/reason", code, detail, member="reason"))
    right = content.get("milestone")
    if isinstance(right, dict) and right.get("time") in (None, ""):
        right = {**right, "time": wrong.event["eventTime"]}
    if right is None:
        return str(reason), None, errors
    form, found = forms.read(right, "/milestone")
    return str(reason), form, errors + found


def declaration(wrong: Wrong, reason: str, right: Stated | None) -> Stated:
    """The declaration that an event is wrong, which repeats it."""
    said: dict[str, Any] = {"declarationTime": clock.iso(clock.now_ms()), "reason": reason}
    if right is not None:
        said["correctiveEventIDs"] = [right.event_id]
    return as_stated({**wrong.event, "errorDeclaration": said}, None, "")


def new_event_id() -> str:
    """The eventID of a right event."""
    return uuid.uuid4().urn
