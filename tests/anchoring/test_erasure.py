"""Erasure: nothing readable or guessable is left in database, vault, backups or logs; the seal stays whole."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text, update

from chain_service.anchoring import erasure
from chain_service.anchoring.models import Statement
from chain_service.app import create
from chain_service.db import connect, reading, writing
from chain_service.events import records
from chain_service.events.models import Event, EventItem
from chain_service.kit.digests import from_hex, item_digest, sha256
from chain_service.verification.kept import Passports
from chain_service.verification.receipt import parse
from tests.events.documents import Json, declared_wrong, document, new_event, new_item
from tests.stage import Stage
from tests.verification.test_passports import path_of


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that the service says to its log, SQL statements included."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def captured(stage: Stage, *events: Json) -> list[Json]:
    """Captures and seals; returns the receipts."""
    job = stage.capture(document(*events))
    assert job["success"], job
    stage.seal()
    return [stage.receipt(quote(event["eventID"], safe="")) for event in events]


def erase(stage: Stage, event: Json, partner: str | None = None) -> int:
    url = f"/v1/events/{quote(event['eventID'], safe='')}"
    return int(stage.client.delete(url, headers=stage.headers(partner)).status_code)


def passport(stage: Stage, item: str) -> Json:
    stage.client.app.state.passports = Passports()
    return dict(stage.client.get(f"/v1/passports{path_of(item)}").json())


def secrets_of(receipt: Json) -> dict[str, bytes]:
    """What must not be found again, and what could be guessed to try whether it was there."""
    event, statement = receipt["event"], receipt["statement"]
    item = event["epcList"][0]
    plain = {
        "eventID": event["eventID"],
        "UUID": event["eventID"].rpartition(":")[2],
        "item": item,
        "serial": item.rpartition("/")[2],
        "salt": receipt["salt"][2:],
        "signature": receipt["reporter"]["signature"][2:],
        "event digest": statement["eventDigest"][2:],
        "subjects": statement["subjects"][2:],
        "step": statement["step"],
        "place": statement["place"],
        "time": str(statement["eventTime"]),
        "event hash": receipt["eventHash"],
    }
    found = {name: value.encode() for name, value in plain.items()}
    for name in ("salt", "signature", "event digest", "subjects"):
        found[f"{name}, raw"] = bytes.fromhex(plain[name])
    found["eventID guessed"] = sha256(event["eventID"].encode())
    found["item guessed"] = item_digest(item)
    found["time, raw"] = statement["eventTime"].to_bytes(8, "big")[2:]  # as SQLite stores it
    return found


def files(stage: Stage) -> bytes:
    """All bytes of the databases: files on SQLite, every row of every table as text on PostgreSQL, and the vault."""
    kept = b"".join(path.read_bytes() for path in stage.folder.rglob("*.db*"))
    if stage.engine.dialect.name == "postgresql":
        with reading(stage.engine) as connection:
            tables = (
                connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
            )
            for table in tables:
                rows = connection.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t")).scalars().all()
                kept += "\n".join(rows).encode()
    return kept


def left(stage: Stage, receipt: Json, content: bytes) -> list[str]:
    return [name for name, value in secrets_of(receipt).items() if value.lower() in content.lower()]


def test_nothing_readable_or_guessable_is_left_in_database_vault_and_log(
    stage: Stage, told: pytest.LogCaptureFixture
) -> None:
    event = new_event(eventTime="2026-03-04T05:06:07.891Z", readPoint={"id": "https://id.gs1.org/414/9521321000117"})
    (receipt,) = captured(stage, event)
    conflict = stage.capture(document({**event, "disposition": "damaged"}))
    assert not conflict["success"]
    statement = receipt["statement"]["eventTime"]
    assert erase(stage, event) == 204
    assert left(stage, receipt, files(stage)) == []
    said = "\n".join(record.getMessage() for record in told.records if record.name != "httpx")  # the test's own client
    assert left(stage, receipt, said.encode()) == []
    assert str(statement) not in re.sub(r"\D+", " ", files(stage).decode("latin-1")).split()


def test_a_backup_of_before_opens_nothing_once_its_key_is_destroyed(stage: Stage, tmp_path: Path) -> None:
    if stage.engine.dialect.name != "sqlite":
        pytest.skip("a backup of PostgreSQL is a file in a folder that another user owns; the records are the same")
    event, other = new_event(), new_event()
    receipt, _ = captured(stage, event, other)
    with sqlite3.connect(stage.folder / "test.db") as live, sqlite3.connect(tmp_path / "backup.db") as backup:
        live.backup(backup)
    restored = connect(f"sqlite:///{tmp_path / 'backup.db'}")
    with reading(restored) as connection:
        rows = list(connection.execute(select(Event.id).order_by(Event.id)).scalars())
        assert len(records.read(connection, stage.vault, rows)) == 2, "until then it opens"
    assert erase(stage, event) == 204
    content = (tmp_path / "backup.db").read_bytes()
    assert set(left(stage, receipt, content)) <= {"time, raw"}, "of the fields the time alone is readable in a backup"
    with reading(restored) as connection:
        assert list(records.read(connection, stage.vault, rows)) == rows[1:]
    restored.dispose()


def test_the_passport_says_who_erased_it_and_when_and_where_its_leaf_stands(stage: Stage) -> None:
    item = new_item()
    event, other = new_event(epcList=[item]), new_event(epcList=[item])
    receipt, _ = captured(stage, event, other)
    assert erase(stage, event) == 204
    content = passport(stage, item)
    (erased,) = [step["erased"] for step in content["steps"] if "erased" in step]
    assert erased["by"] == stage.brand
    assert stage.brand in content["partners"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", erased["at"])
    assert (erased["batch"], erased["index"], erased["path"]) == (receipt["batch"], receipt["index"], receipt["path"])
    assert [step["receipt"]["event"]["eventID"] for step in content["steps"] if "receipt" in step] == [other["eventID"]]
    assert event["eventID"] not in str(content)


def test_the_other_statements_of_its_batch_stay_proven_and_a_kept_receipt_too(stage: Stage) -> None:
    events = [new_event() for _ in range(5)]
    receipts = captured(stage, *events)
    assert erase(stage, events[2]) == 204
    for event, before in zip(events[:2], receipts[:2], strict=True):
        assert stage.receipt(quote(event["eventID"], safe="")) == before
    assert parse(receipts[2]).place is not None
    with reading(stage.engine) as connection:
        kept = connection.execute(select(Statement.leaf_hash, Statement.content).order_by(Statement.position)).all()
    assert [row.content is None for row in kept] == [False, False, True, False, False]
    assert all(row.leaf_hash for row in kept)


def test_what_is_erased_before_its_seal_is_sealed_all_the_same(stage: Stage) -> None:
    item = new_item()
    event = new_event(epcList=[item])
    stage.capture(document(event, new_event()))
    assert erase(stage, event) == 204
    assert passport(stage, item)["steps"][0]["erased"]["batch"] is None
    stage.seal()
    assert passport(stage, item)["steps"][0]["erased"]["batch"]["count"] == 2


def test_an_event_is_erased_with_the_declaration_that_it_was_an_error(stage: Stage) -> None:
    item = new_item()
    event = new_event(epcList=[item])
    captured(stage, event)
    captured(stage, declared_wrong(event))
    assert erase(stage, event) == 204
    assert [next(iter(step)) for step in passport(stage, item)["steps"]] == ["erased", "erased"]


def test_what_is_erased_is_answered_like_what_never_was(stage: Stage) -> None:
    event = new_event()
    (receipt,) = captured(stage, event)
    assert erase(stage, event) == 204
    event_id = quote(event["eventID"], safe="")
    unknown = stage.client.get("/v1/receipts/urn%3Aunknown")
    for key in (event_id, parse_digest(receipt)):
        answer = stage.client.get(f"/v1/receipts/{key}", headers=stage.headers())
        assert (answer.status_code, answer.json()) == (404, unknown.json())
    assert stage.client.get(f"/epcis/events/{event_id}", headers=stage.headers()).status_code == 404
    assert erase(stage, event) == 404


def parse_digest(receipt: Json) -> str:
    from chain_service.kit.digests import to_hex
    from chain_service.kit.eip712 import statement_digest

    return to_hex(statement_digest(parse(receipt).statement, receipt["network"]))


def test_only_its_reporter_erases_an_event(stage: Stage) -> None:
    event = new_event()
    captured(stage, event)
    assert erase(stage, event, stage.carrier) == 404
    url = f"/v1/events/{quote(event['eventID'], safe='')}"
    assert stage.client.delete(url).status_code == 401
    assert stage.receipt(quote(event["eventID"], safe=""))["event"]["eventID"] == event["eventID"]


def test_a_partner_erases_its_own_event_of_an_id_that_another_used_too(stage: Stage) -> None:
    event = new_event()
    captured(stage, event)
    stage.capture(document(event), stage.carrier)
    stage.seal()
    assert erase(stage, event, stage.carrier) == 204
    assert stage.receipt(quote(event["eventID"], safe=""))["reporter"]["partner"] == stage.brand


def test_what_was_erased_may_be_stated_anew_with_a_new_salt(stage: Stage) -> None:
    event = new_event()
    (before,) = captured(stage, event)
    assert erase(stage, event) == 204
    (after,) = captured(stage, event)
    assert after["event"] == before["event"]
    assert after["salt"] != before["salt"]


def test_a_key_that_outlived_a_crash_is_destroyed_at_the_next_start(stage: Stage) -> None:
    event = new_event()
    captured(stage, event)
    with reading(stage.engine) as connection:
        key = connection.execute(select(Event.key)).scalar_one()
    with writing(stage.engine) as connection:
        assert erasure.erase(connection, stage.vault, stage.brand, event["eventID"])
    assert key in stage.vault.keys([key])
    with TestClient(create(stage.settings, stage.vault)):
        assert stage.vault.keys([key]) == {}
    with reading(stage.engine) as connection:
        assert connection.execute(select(Event.key)).scalar_one() is None


def test_the_key_of_a_finished_capture_is_destroyed(stage: Stage) -> None:
    stage.capture(document(new_event()))
    stage.client.app.state.captures.destroy_spent_keys()
    with reading(stage.engine) as connection:
        keys = connection.execute(text("SELECT count(*) FROM capture_jobs WHERE key IS NOT NULL")).scalar_one()
    assert keys == 0


def test_salts_and_events_are_not_readable_in_the_files_even_before(stage: Stage) -> None:
    (receipt,) = captured(stage, new_event())
    readable = set(left(stage, receipt, files(stage)))
    assert readable <= {"time", "time, raw"}
    assert from_hex(receipt["salt"]) not in files(stage)


def test_a_key_that_the_vault_did_not_destroy_is_destroyed_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, told: pytest.LogCaptureFixture
) -> None:
    event = new_event()
    captured(stage, event)
    with reading(stage.engine) as connection:
        key = connection.execute(select(Event.key)).scalar_one()
    with monkeypatch.context() as away:
        away.setattr(
            stage.client.app.state.vault, "destroy", lambda *_, **__: connect("sqlite:////nowhere/at-all.db").connect()
        )
        assert erase(stage, event) == 204
    assert "not destroyed yet" in told.text
    assert stage.vault.keys([key])
    erasure.try_to_finish(stage.engine, stage.vault)
    assert not stage.vault.keys([key])


def test_what_a_backup_brings_back_stops_nothing_and_is_erased_again(stage: Stage) -> None:
    item = new_item()
    event, other = (new_event(epcList=[item]) for _ in range(2))
    captured(stage, event, other)
    kept = [(model, model.id if model is Event else model.event) for model in (Event, Statement)]
    with reading(stage.engine) as connection:
        number = connection.execute(select(func.min(Event.id))).scalar_one()
        before = [connection.execute(select(model.__table__).where(which == number)).one() for model, which in kept]
        items = connection.execute(select(EventItem.__table__).where(EventItem.event == number)).one()
    assert erase(stage, event) == 204
    with writing(stage.engine) as connection:
        for (model, which), row in zip(kept, before, strict=True):
            connection.execute(update(model).where(which == number).values(row._asdict()))
        connection.execute(update(EventItem).where(EventItem.event == number).values(items._asdict()))
    assert [*passport(stage, item)["steps"][0]] == ["undisclosed"], "it can't be read, and keeps nobody from the others"
    with TestClient(create(stage.settings, stage.vault)):
        pass
    assert sorted(key for step in passport(stage, item)["steps"] for key in step if key in ("erased", "receipt")) == [
        "erased",
        "receipt",
    ]
    with reading(stage.engine) as connection:
        row = connection.execute(select(Event.__table__).where(Event.id == number)).one()
    assert (row.key, row.content, row.event_id) == (None, None, None)
