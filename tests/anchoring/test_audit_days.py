"""The audit log's days: each is stated once, by the operator's own key, and its root can be rebuilt."""

import datetime
from typing import Any
from urllib.parse import quote

import pytest

from chain_service.anchoring.audit_days import AuditDays, try_to_close
from chain_service.anchoring.service import Stating
from chain_service.db import reading, writing
from chain_service.kit import canonical, clock, merkle
from chain_service.kit.digests import to_hex
from chain_service.partners import audit
from chain_service.partners import service as partners
from chain_service.partners.actors import COMMAND_LINE
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.roles import AUDIT_STEP, Role, may_say
from chain_service.verification.node import NodeReader
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check
from tests.events.documents import bare, new_event
from tests.stage import Stage

DAY_MS = 86_400_000


@pytest.fixture
def operator(stage: Stage) -> str:
    """The stage's operator, known to the service with its own key."""
    did = stage.operator_did
    with writing(stage.engine) as connection:
        partners.admit(connection, did, {"en": "Operator"}, Role.OPERATOR)
        partners.hold_key(connection, did, stage.operator, "operator.json")
    return did


def days_of(stage: Stage, operator: str) -> AuditDays:
    stating = Stating(stage.network.network, stage.custody, 3600)
    return AuditDays(stage.engine, stage.vault, stating, operator, stage.settings.public_url)


@pytest.fixture
def yesterday(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    """A day with three entries, the day before today."""
    now = clock.now_ms()
    with monkeypatch.context() as before:
        before.setattr(clock, "now_ms", lambda: now - DAY_MS)
        with writing(stage.engine) as connection:
            for number in range(3):
                audit.record(connection, COMMAND_LINE, "credential.issued", stage.brand, {"number": number})
    return datetime.datetime.fromtimestamp((now - DAY_MS) / 1000, datetime.UTC).date().isoformat()


def entries(stage: Stage, day: str) -> list[dict[str, Any]]:
    with reading(stage.engine) as connection:
        rows, _ = audit.page(connection, None, day, None, 100)
    return [audit.as_json(row) for row in reversed(rows)]


def test_a_day_that_is_over_is_stated_sealed_and_proven(stage: Stage, operator: str, yesterday: str) -> None:
    days = days_of(stage, operator)
    assert days.close() == [yesterday]
    assert days.close() == [], "once"
    stage.seal()
    event_id = f"{stage.settings.public_url}/v1/audit/days#{yesterday}"
    receipt = stage.receipt(quote(event_id, safe=""))
    said = receipt["event"]["cs:auditLog"]
    leaves = [merkle.leaf_hash(canonical.dumps(entry)) for entry in entries(stage, yesterday)]
    assert said == {"cs:day": yesterday, "cs:count": 3, "cs:root": to_hex(merkle.root(leaves))}
    assert (receipt["reporter"]["partner"], receipt["reporter"]["custody"]) == (operator, "partner")
    trust = Trust.from_json(stage.network.model_dump())
    with NodeReader(trust) as chain:
        verdict = check(receipt, trust, chain)
    assert verdict.holds, [made.reason for made in verdict.checks]
    assert verdict.partner == operator


def test_an_entry_altered_behind_the_services_back_no_longer_fits_the_root(
    stage: Stage, operator: str, yesterday: str
) -> None:
    days_of(stage, operator).close()
    kept = entries(stage, yesterday)
    with reading(stage.engine) as connection:
        root = audit.day_root(connection, yesterday)
    kept[1]["what"]["number"] = 7
    assert merkle.root([merkle.leaf_hash(canonical.dumps(entry)) for entry in kept]) != root


def test_without_the_operators_key_the_day_stays_open_and_says_so(
    stage: Stage, yesterday: str, caplog: pytest.LogCaptureFixture
) -> None:
    days = days_of(stage, stage.operator_did)
    with pytest.raises(KeyUnavailable):
        days.close()
    try_to_close(days)
    assert "the audit log stays open" in caplog.text
    assert entries(stage, yesterday)


def test_who_states_in_the_operators_name_can_neither_keep_a_day_unstated_nor_take_it_back(
    stage: Stage, operator: str, yesterday: str
) -> None:
    with writing(stage.engine) as connection:
        partners.admit(connection, operator, {"en": "Operator"}, Role.OPERATOR | Role.BRAND)
        stage.tokens[operator] = partners.issue_token(connection, operator)
    taken = f"{stage.settings.public_url}/v1/audit/days#{yesterday}"
    answer = stage.client.post("/epcis/events", content=bare(new_event(eventID=taken)), headers=stage.headers(operator))
    assert answer.status_code == 201, answer.text
    assert days_of(stage, operator).close() == [yesterday]
    with reading(stage.engine) as connection:
        event_id = audit.days(connection, 9)[-1]["eventID"]
    address = f"/v1/events/{quote(event_id, safe='')}"
    headers = {"Authorization": f"Bearer {stage.tokens[operator]}"}
    narrowed = stage.client.put(f"{address}/visibility", json={"visibility": "own"}, headers=headers)
    assert (narrowed.status_code, stage.client.delete(address, headers=headers).status_code) == (409, 409)
    stage.seal()
    assert stage.receipt(quote(event_id, safe=""))["event"]["cs:auditLog"]["cs:day"] == yesterday


def test_an_operator_states_that_a_day_is_closed_and_nothing_else() -> None:
    assert may_say(Role.OPERATOR, AUDIT_STEP)
    for step in ("", "https://ref.gs1.org/cbv/BizStep-shipping", "https://ns.chain-service.example/steps/another"):
        assert not may_say(Role.OPERATOR, step)
    assert not may_say(Role.ARBITER, AUDIT_STEP)
