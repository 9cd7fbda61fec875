"""The audit log, on both databases: complete, closed by day under a root that others can rebuild, and read by right."""

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import rfc8785
from sqlalchemy import delete, select, update

from chain_service.db import reading, writing
from chain_service.kit import clock
from chain_service.partners import audit
from chain_service.partners.actors import ANYONE, Actor
from chain_service.partners.models import AuditDay, AuditEntry, Partner
from chain_service.partners.roles import Role
from tests.partners.test_credentials import Organisation, kind, public_of
from tests.stage import Stage

DAY_MS = 86_400_000
MONDAY = 1_793_577_600_000  # 2026-11-02T00:00:00Z


@pytest.fixture
def own(shared_stage: Stage) -> Organisation:
    return Organisation(shared_stage)


@pytest.fixture
def operator(shared_stage: Stage) -> Organisation:
    """An operator whose token administers."""
    made = Organisation(shared_stage, Role.OPERATOR)
    made.token = made.issued(("administer",))
    return made


@pytest.fixture
def empty(shared_stage: Stage) -> Iterator[Stage]:
    """The stage with an empty log; empty again afterwards, so that no day stays sealed."""
    clear(shared_stage)
    yield shared_stage
    clear(shared_stage)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The clock, in Unix milliseconds, to be set by the test."""
    set_to = [MONDAY + 8 * 3_600_000]
    monkeypatch.setattr(clock, "now_ms", lambda: set_to[0])
    return set_to


def clear(stage: Stage) -> None:
    with writing(stage.engine) as connection:
        connection.execute(delete(AuditEntry))
        connection.execute(delete(AuditDay))


def enter(stage: Stage, action: str = "test.done", partner: str | None = "did:web:a.example", **what: Any) -> None:
    with writing(stage.engine) as connection:
        audit.record(connection, ANYONE, action, partner, what)


def seal(stage: Stage, today: str) -> list[tuple[str, int, bytes]]:
    with writing(stage.engine) as connection:
        found = audit.days_to_seal(connection, today)
        for day, count, root in found:
            audit.note_sealed(connection, day, count, root, f"urn:uuid:{day}")
    return found


def entries(stage: Stage) -> list[Any]:
    with reading(stage.engine) as connection:
        return list(connection.execute(select(AuditEntry.__table__).order_by(AuditEntry.id)))


def rebuilt(leaves: list[bytes]) -> bytes:
    """The tree of RFC 6962 section 2.1, as the RFC writes it down and not as the product builds it."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + rebuilt(leaves[:half]) + rebuilt(leaves[half:])).digest()


def test_what_is_done_with_credentials_is_entered_with_ids_alone(own: Organisation) -> None:
    issued = own.new(name="Zebra 17", rights=["read"])
    own.ask("DELETE", f"/v1/credentials/{issued['id']}")
    own.ask("DELETE", f"/v1/credentials/{issued['id']}")  # changes nothing and is not entered
    status, seen = own.ask("GET", "/v1/audit")
    assert status == 200
    revoked, made, first = seen["entries"]
    by = {"kind": "credential", "id": public_of(own.token), "partner": own.did}
    assert [(entry["action"], entry["actor"]) for entry in (revoked, made)] == [
        ("credential.revoked", by),
        ("credential.issued", by),
    ]
    assert revoked["what"] == {"credential": issued["id"], "partner": own.did}
    assert made["what"].keys() == {"credential", "rights", "expiresAt", "partner"}
    assert first["actor"] == {"kind": "command", "id": "", "partner": None}
    assert issued["token"] not in json.dumps(seen)
    assert "Zebra" not in json.dumps(seen)


def test_a_change_that_is_rolled_back_leaves_no_entry(own: Organisation) -> None:
    before = own.ask("GET", "/v1/audit")[1]
    with own.stage.engine.connect().execution_options(writes=True) as connection:
        transaction = connection.begin()
        audit.record(connection, ANYONE, "test.undone", own.did, {})
        transaction.rollback()
    assert own.ask("GET", "/v1/audit")[1] == before


def test_an_organisation_reads_what_concerns_it_and_nothing_else(own: Organisation, shared_stage: Stage) -> None:
    other = Organisation(shared_stage)
    operator = Actor("person", "p-1", Partner(did="did:web:operator.example", name={}, roles=128, created_at=1))
    with writing(shared_stage.engine) as connection:
        audit.record(connection, operator, "partner.suspended", own.did, {})
    actions = [entry["action"] for entry in own.ask("GET", "/v1/audit")[1]["entries"]]
    assert actions == ["partner.suspended", "credential.issued"]
    assert "partner.suspended" not in str(other.ask("GET", "/v1/audit"))
    assert own.ask("GET", f"/v1/audit?partner={own.did}") == own.ask("GET", "/v1/audit")
    refused = own.ask("GET", f"/v1/audit?partner={other.did}")
    assert kind(refused) == (403, "right-missing")
    assert "'administer'" in refused[1]["detail"]


def test_administrators_read_all_or_one_organisations(own: Organisation, operator: Organisation) -> None:
    every = operator.ask("GET", "/v1/audit?limit=500")[1]["entries"]
    assert {own.did, operator.did} <= {entry["what"].get("partner") for entry in every}
    only = operator.ask("GET", f"/v1/audit?partner={own.did}")[1]["entries"]
    assert {entry["what"]["partner"] for entry in only} == {own.did}


def test_the_log_is_paged_to_the_end(own: Organisation) -> None:
    for number in range(6):
        enter(own.stage, partner=own.did, number=number)
    address, seen = "/v1/audit?limit=3", []
    while address:
        page = own.ask("GET", address)[1]
        seen += [entry["what"].get("number") for entry in page["entries"]]
        address = f"/v1/audit?limit=3&after={page['next']}" if page["next"] else ""
    assert seen == [5, 4, 3, 2, 1, 0, None]


@pytest.mark.parametrize(
    "query",
    [
        *("day=yesterday", "day=2026-02-30", "day=2026-1-1", "day=", "day=1969-12-31", "day=%00"),
        *("limit=0", "limit=501", "after=0", "after=x", "after=99999999999999999999"),
    ],
)
def test_an_ill_formed_question_is_refused_with_its_parameter(own: Organisation, query: str) -> None:
    refused = own.ask("GET", f"/v1/audit?{query}")
    assert kind(refused) == (400, "invalid-parameter")
    assert refused[1]["errors"][0]["parameter"] == query.partition("=")[0]


def test_no_did_is_no_reason_to_stumble(operator: Organisation) -> None:
    assert kind(operator.ask("GET", "/v1/audit?partner=%00")) == (400, "invalid-parameter")
    assert operator.ask("GET", "/v1/audit?partner=nobody") == (200, {"entries": [], "next": None})


def test_a_days_root_can_be_rebuilt_from_what_is_shown(empty: Stage, now: list[int]) -> None:
    for number in range(5):
        enter(empty, number=number, text="für 高山")
    now[0] += DAY_MS
    enter(empty)
    with reading(empty.engine) as connection:
        root = audit.day_root(connection, "2026-11-02")
        rows, _ = audit.page(connection, None, "2026-11-02", None, 100)
    shown = [audit.as_json(row) for row in reversed(rows)]
    assert [entry["what"]["number"] for entry in shown] == [0, 1, 2, 3, 4]
    assert root == rebuilt([rfc8785.dumps(entry) for entry in shown])
    assert len({entry["salt"] for entry in shown}) == 5
    with writing(empty.engine) as connection:  # an entry altered afterwards no longer leads to the root
        connection.execute(update(AuditEntry).where(AuditEntry.id == shown[2]["id"]).values(what={"number": 7}))
        assert audit.day_root(connection, "2026-11-02") != root


def test_finished_days_with_entries_are_sealed_in_order_and_once(empty: Stage, now: list[int]) -> None:
    enter(empty)
    enter(empty)
    now[0] += 2 * DAY_MS  # nothing on the third
    enter(empty)
    now[0] += DAY_MS
    enter(empty)
    with writing(empty.engine) as connection:
        assert audit.days_to_seal(connection, "2026-11-02") == []
        found = audit.days_to_seal(connection, "2026-11-05")
        assert [(day, count) for day, count, _ in found] == [("2026-11-02", 2), ("2026-11-04", 1)]
        assert found[0][2] == audit.day_root(connection, "2026-11-02")
        with pytest.raises(ValueError, match="not the next day"):
            audit.note_sealed(connection, *found[1])
        with pytest.raises(ValueError, match="not those of this root"):
            audit.note_sealed(connection, "2026-11-02", 2, b"\0" * 32)
    assert seal(empty, "2026-11-05") == found
    assert seal(empty, "2026-11-05") == []
    with writing(empty.engine) as connection, pytest.raises(ValueError, match="not the next day"):
        audit.note_sealed(connection, "2026-11-05", 1, audit.day_root(connection, "2026-11-05"))  # it is not over


def test_nothing_is_added_to_a_sealed_day_even_when_the_clock_goes_back(empty: Stage, now: list[int]) -> None:
    enter(empty)
    now[0] += DAY_MS
    (sealed,) = seal(empty, "2026-11-03")
    now[0] -= DAY_MS
    enter(empty, action="test.late")
    now[0] -= 5 * DAY_MS
    enter(empty, action="test.later")
    late = entries(empty)[1:]
    assert [row.at for row in late] == [MONDAY + DAY_MS] * 2
    assert [row.what["clockAt"] for row in late] == [MONDAY + 8 * 3_600_000, MONDAY + 8 * 3_600_000 - 5 * DAY_MS]
    with reading(empty.engine) as connection:
        assert audit.day_root(connection, "2026-11-02") == sealed[2]
    now[0] = MONDAY + 2 * DAY_MS
    assert [(day, count) for day, count, _ in seal(empty, "2026-11-04")] == [("2026-11-03", 2)]


def test_an_entry_on_its_way_is_waited_for_before_its_day_is_sealed(empty: Stage, now: list[int]) -> None:
    enter(empty)
    found: list[list[tuple[str, int, bytes]]] = []
    with writing(empty.engine) as connection:
        audit.record(connection, ANYONE, "test.slow", None, {})
        now[0] += DAY_MS
        sealing = threading.Thread(target=lambda: found.append(seal(empty, "2026-11-03")))
        sealing.start()
        sealing.join(0.3)
        assert sealing.is_alive()
    sealing.join(10)
    assert [(day, count) for day, count, _ in found[0]] == [("2026-11-02", 2)]


def test_the_days_are_listed_with_their_roots_once_they_are_sealed(
    empty: Stage, own: Organisation, operator: Organisation, now: list[int]
) -> None:
    clear(empty)
    enter(empty)
    now[0] += DAY_MS
    (sealed,) = seal(empty, "2026-11-03")
    enter(empty)
    enter(empty)
    expected = [
        {"day": "2026-11-03", "count": 2, "root": None, "eventID": None, "sealed": False},
        {
            "day": "2026-11-02",
            "count": 1,
            "root": "0x" + sealed[2].hex(),
            "eventID": "urn:uuid:2026-11-02",
            "sealed": True,
        },
    ]
    assert own.ask("GET", "/v1/audit/days") == (200, expected)
    assert operator.ask("GET", "/v1/audit/days") == (200, expected)


def test_the_whole_log_needs_the_right_and_the_role(shared_stage: Stage) -> None:
    lost = Organisation(shared_stage, Role.OPERATOR)
    lost.token = lost.issued(("administer", "manage"))
    secret = f"did:web:{secrets.token_hex(4)}.example"
    enter(shared_stage, partner=secret)
    assert secret in str(lost.ask("GET", "/v1/audit"))
    with writing(shared_stage.engine) as connection:
        connection.execute(update(Partner).where(Partner.did == lost.did).values(roles=int(Role.BRAND)))
    assert secret not in str(lost.ask("GET", "/v1/audit"))
