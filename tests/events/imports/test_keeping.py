"""What is kept of imports, how long, and how it goes."""

import secrets

import pytest
from sqlalchemy import select, update

from chain_service.db import reading, writing
from chain_service.events.imports import service as imports
from chain_service.events.imports.lines import event_id
from chain_service.events.imports.models import Import, ImportChunk
from tests.events.imports.sheets import (
    HEADER,
    WHEN,
    csv_of,
    errors,
    look,
    made_rows,
    posted,
    problem,
    read,
    stored,
    upload,
)
from tests.stage import Stage


def test_a_deleted_import_is_gone_with_its_key_and_what_it_posted_stays(shared_stage: Stage) -> None:
    stage = shared_stage
    made = read(stage, csv_of(made_rows(2)))["id"]
    posted(stage, made)
    with reading(stage.engine) as connection:
        key = connection.execute(select(Import.key).where(Import.id == made)).scalar_one()
    assert stage.vault.keys([key])
    assert stage.client.delete(f"/v1/imports/{made}", headers=stage.headers()).status_code == 204
    assert problem(stage.client.get(f"/v1/imports/{made}", headers=stage.headers())) == (404, "unknown-import")
    with reading(stage.engine) as connection:
        assert connection.execute(select(ImportChunk.first).where(ImportChunk.import_id == made)).all() == []
    assert stage.vault.keys([key]) == {}
    assert stored(stage, made, range(2, 4)) == 2


def test_nothing_of_a_file_is_readable_in_the_database(stage: Stage) -> None:
    secret = f"secret-{secrets.token_hex(6)}"
    made = read(stage, csv_of([[*HEADER, "Note"], ["(00)395211010000000018", "arrived", secret, WHEN, secret]]))
    assert errors(stage, made["id"])
    with reading(stage.engine) as connection:
        for model in (Import, ImportChunk):
            for row in connection.execute(select(model.__table__)):
                assert secret not in repr(tuple(row))


def test_imports_of_thirty_days_are_destroyed(stage: Stage) -> None:
    made, kept = (read(stage, csv_of(made_rows(1)))["id"] for _ in range(2))
    with writing(stage.engine) as connection:
        connection.execute(
            update(Import).where(Import.id == made).values(created_at=Import.created_at - 31 * 86_400_000)
        )
    stage.client.app.state.imports.delete_old()  # type: ignore[attr-defined]
    listed = stage.client.get("/v1/imports", headers=stage.headers()).json()["imports"]
    assert [each["id"] for each in listed] == [kept]


def test_an_import_goes_with_an_event_that_is_erased_and_no_other_does(stage: Stage) -> None:
    made, other = (read(stage, csv_of(made_rows(2)))["id"] for _ in range(2))
    posted(stage, made)
    posted(stage, other)
    with reading(stage.engine) as connection:
        key = connection.execute(select(Import.key).where(Import.id == made)).scalar_one()
    answer = stage.client.delete(f"/v1/events/{event_id(made, 3)}", headers=stage.headers())
    assert answer.status_code == 204, answer.text
    assert problem(stage.client.get(f"/v1/imports/{made}", headers=stage.headers())) == (404, "unknown-import")
    stage.client.app.state.imports.destroy_erased()  # type: ignore[attr-defined]
    assert stage.vault.keys([key]) == {}
    assert stage.vault.erased([key]) == {key}
    assert look(stage, other)["posted"] == 2
    assert stored(stage, made, range(2, 3)) == 1


def test_an_organisation_keeps_only_so_many_imports(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_KEPT", 1)
    assert upload(stage, csv_of(made_rows(1))).status_code == 202
    assert problem(upload(stage, csv_of(made_rows(1)))) == (409, "imports-full")
