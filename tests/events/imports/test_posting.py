"""Imports from upload to result: what is wrong by row and cell, posting once, stopping, dying, deleting."""

import csv
import time
from datetime import datetime
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from chain_service.db import writing
from chain_service.events.imports import tasks
from chain_service.events.imports.lines import event_id
from chain_service.events.imports.models import Import
from chain_service.events.imports.reading import Table
from chain_service.events.imports.tasks import Imports
from chain_service.partners import service as partners
from chain_service.partners.models import Partner
from chain_service.partners.roles import Role
from tests.anchoring import crashing as dying
from tests.events.imports import crashing
from tests.events.imports.sheets import (
    HEADER,
    SITE,
    WHEN,
    csv_of,
    errors,
    link,
    look,
    made_rows,
    post,
    posted,
    problem,
    read,
    settled,
    stored,
    told,
    upload,
    xlsx_of,
)  # fmt: skip
from tests.events.milestones.posting import describe, new_gtin, new_sscc
from tests.stage import Stage


def test_the_right_rows_are_posted_and_the_wrong_ones_named_by_cell(shared_stage: Stage) -> None:
    stage, gtin = shared_stage, new_gtin()
    rows = made_rows(6, gtin)
    rows += [
        [link("m0", gtin), "arrived", SITE, "03/04/2026"],
        [link("stranger", new_gtin()), "arrived", SITE, WHEN],
        ["9.5211E+12", "arrived", SITE, WHEN],
        [link("m1", gtin), "beamed up", SITE, WHEN],
        [link("m2", gtin), "arrived", "Gate 99", WHEN],
        [link("m3", gtin), "arrived", SITE, "2126-11-01 08:00"],
        [link("m4", gtin), "arrived", SITE, WHEN],
        [link("m4", gtin), "arrived", SITE, WHEN],
    ]
    made = read(stage, csv_of(rows), zone="Asia/Shanghai")
    assert (made["state"], made["rows"], made["wrong"], made["problem"]) == ("ready", 14, 7, None)
    found = errors(stage, made["id"])
    assert told(found) == [
        ("D8", "ambiguous-date"),
        ("A9", "unknown-item"),
        ("A10", "damaged-number"),
        ("B11", "unknown-step"),
        ("C12", "unknown-place"),
        ("D13", "future-time"),
        (None, "repeated-row"),
    ]
    assert found[-1]["values"] == {"row": 14}
    assert found[0]["column"] == "Time"
    assert made["codes"]["ambiguous-date"] == 1
    assert told(errors(stage, made["id"], code="unknown-step")) == [("B11", "unknown-step")]
    assert problem(post(stage, made["id"], which="all")) == (409, "rows-are-wrong")
    done = posted(stage, made["id"])
    assert (done["state"], done["posted"], done["refused"], done["wrong"]) == ("done", 7, 0, 7)
    assert stored(stage, made["id"], range(2, 16)) == 7
    receipt_of = event_id(made["id"], 2)
    event = stage.client.get(f"/epcis/events/{receipt_of}").json()
    assert (event["eventTime"], event["bizStep"].rpartition("-")[2]) == ("2026-11-01T08:00:00+08:00", "commissioning")


def test_what_is_recalled_is_named_before_anything_is_posted(shared_stage: Stage) -> None:
    stage, gtin = shared_stage, new_gtin()
    describe(stage, gtin)
    first, second = link("r1", gtin), link("r2", gtin)
    assert posted(
        stage, read(stage, csv_of(made_rows(0) + [[each, "made", SITE, WHEN] for each in (first, second)]))["id"]
    )
    rows = [HEADER, *([each, "delivered", SITE, WHEN] for each in (first, second))]
    table = Table("milestones", csv_of(rows), "UTC", "2026-11-02T00:00:00Z", 10, lambda *_: {second})
    carrier = Partner(did=stage.carrier, name={}, roles=int(Role.LOGISTICS | Role.WAREHOUSE), created_at=0)
    (lines,) = table.chunks(stage.engine, stage.vault, carrier)
    assert [(line["status"], [each["code"] for each in line["mistakes"]]) for line in lines] == [
        ("right", []),
        ("wrong", ["recalled-item"]),
    ]


def test_errors_come_in_pages_of_whole_rows(shared_stage: Stage) -> None:
    rows = [HEADER, *(["9.5E+12", "beamed", SITE, WHEN] for _ in range(7))]
    made = read(shared_stage, csv_of(rows))
    found, after = [], 0
    while True:
        page = look(shared_stage, made["id"], part="/errors", limit=4, after=after)
        assert len(page["errors"]) <= 4
        found += page["errors"]
        if page["next"] is None:
            break
        after = page["next"]
    assert told(found) == [(f"{column}{row}", code) for row in range(2, 9) for column, code in
                           (("A", "damaged-number"), ("B", "unknown-step"))]  # fmt: skip


def test_a_workbook_becomes_events_with_measurements_documents_and_shipment(shared_stage: Stage) -> None:
    stage, gtin, sscc = shared_stage, new_gtin(), new_sscc()
    digest = "ab" * 32
    rows = [
        ["GTIN", "序列号", "步骤", "地点", "时间", "温度 (℃)", "备注", "文件名称", "文件 SHA-256", "货运单元", "司机"],
        [int(gtin), "s1", "生产完成", int(SITE), datetime(2026, 11, 1, 8, 0), 4.25, "好", "CMR", digest, None, "Wang"],
        [int(gtin), "s1", "Packed", SITE, 46327.375, None, None, None, None, f"(00){sscc}", "Li"],
    ]
    made = read(stage, xlsx_of(rows), zone="Asia/Shanghai", name="货.xlsx")
    assert (made["wrong"], made["ignored"], made["name"]) == (0, ["司机"], "货.xlsx"), errors(stage, made["id"])
    first, second = made["preview"]
    assert first["items"] == [link("s1", gtin)]
    assert (first["time"], second["time"]) == ("2026-11-01T08:00:00+08:00", "2026-11-01T09:00:00+08:00")
    assert first["measurements"] == [{"type": "Temperature", "value": 4.25, "uom": "CEL"}]
    assert posted(stage, made["id"])["posted"] == 2
    event = stage.client.get(f"/epcis/events/{event_id(made['id'], 3)}").json()
    assert (event["type"], event["parentID"]) == ("AggregationEvent", f"https://id.gs1.org/00/{sscc}")


def test_posting_again_stores_nothing_twice_and_the_same_file_is_told(shared_stage: Stage) -> None:
    data = csv_of(made_rows(3))
    made = read(shared_stage, data)
    assert posted(shared_stage, made["id"])["posted"] == 3
    assert posted(shared_stage, made["id"])["posted"] == 3
    again = upload(shared_stage, data).json()
    assert again["sameAs"] == made["id"]
    assert settled(shared_stage, again["id"])["sameAs"] == made["id"]
    assert [each["code"] for each in errors(shared_stage, again["id"])] == ["already-posted"] * 3
    assert errors(shared_stage, again["id"])[0]["values"]["eventID"] == event_id(made["id"], 2)
    assert upload(shared_stage, csv_of(made_rows(3))).json()["sameAs"] is None


def test_a_result_file_that_comes_back_posts_no_row_twice(shared_stage: Stage) -> None:
    stage, gtin = shared_stage, new_gtin()
    made = read(stage, csv_of([*made_rows(2, gtin), [link("m1", gtin), "arrived", "nowhere", WHEN]]))
    posted(stage, made["id"])
    answer = stage.client.get(f"/v1/imports/{made['id']}/result?format=xlsx&language=zh", headers=stage.headers())
    book = load_workbook(BytesIO(answer.content))
    book.active["G4"].value = SITE
    out = BytesIO()
    book.save(out)
    again = read(stage, out.getvalue())
    assert [each["code"] for each in errors(stage, again["id"])] == ["posted-before", "posted-before"]
    assert posted(stage, again["id"])["posted"] == 1


def test_the_result_names_what_became_of_each_row_and_runs_no_formula(shared_stage: Stage) -> None:
    stage, gtin = shared_stage, new_gtin()
    header = [*HEADER, "Note", "Temperature (CEL)"]
    rows = [
        header,
        [link("r1", gtin), "made", SITE, WHEN, "=cmd|' /C calc'!A0", -3.5],
        [link("r1", gtin), "arrived", "nowhere", WHEN, "+1+2", ""],
    ]
    out = StringIO()
    csv.writer(out).writerows(rows)
    made = read(stage, out.getvalue().encode())
    posted(stage, made["id"])
    for language, (right, wrong) in {"en": ("posted", "wrong, not posted"), "zh": ("已提交", "有误，未提交")}.items():
        address = f"/v1/imports/{made['id']}/result?language={language}"
        answer = stage.client.get(f"{address}&format=csv", headers=stage.headers())
        as_csv = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
        assert [row[1] for row in as_csv[1:]] == [right, wrong]
        assert as_csv[1][2] == event_id(made["id"], 2)
        assert as_csv[2][3].startswith("C3: ")
        assert [row[-2:] for row in as_csv[1:]] == [["'=cmd|' /C calc'!A0", "-3.5"], ["'+1+2", ""]]
        book = load_workbook(BytesIO(stage.client.get(f"{address}&format=xlsx", headers=stage.headers()).content))
        cells = [list(row) for row in book.active.iter_rows()]
        assert [[cell.value or "" for cell in row] for row in cells] == as_csv
        assert all(cell.data_type != "f" for row in cells for cell in row)


def test_too_many_rows_are_refused_by_name(stage: Stage) -> None:
    stage.client.app.state.imports._most_rows = 10  # type: ignore[attr-defined]
    made = read(stage, csv_of(made_rows(11)))
    assert (made["state"], made["problem"]["code"], made["problem"]["values"]) == (
        "failed",
        "too-many-rows",
        {"most": 10},
    )
    assert "10 rows" in made["problem"]["detail"]
    assert problem(post(stage, made["id"])) == (409, "not-ready")


def test_a_million_rows_are_refused_before_they_are_all_read(shared_stage: Stage) -> None:
    row = b"x,arrived,,\n"
    began = time.monotonic()
    made = read(shared_stage, b"Item,Step,Place,Time\n" + row * 1_000_000)
    assert (made["problem"]["code"], made["state"]) == ("too-many-rows", "failed")
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"Item,Place\nx,y\n", "missing-column"), (b"Item,Step\n", "no-rows"), (b"\x89PNG\r\n", "unknown-format")],
)
def test_a_file_of_no_use_fails_with_its_reason(shared_stage: Stage, data: bytes, code: str) -> None:
    made = read(shared_stage, data)
    assert (made["state"], made["problem"]["code"]) == ("failed", code)


def test_bad_parameters_and_large_files_are_refused(shared_stage: Stage) -> None:
    assert problem(upload(shared_stage, b"x", zone="Mars/Olympus")) == (400, "invalid-parameter")
    assert problem(upload(shared_stage, b"x", kind="people")) == (400, "invalid-parameter")
    longest = shared_stage.settings.import_max_bytes
    assert problem(upload(shared_stage, bytes(longest + 1))) == (413, "too-large")
    assert upload(shared_stage, b"Item,Step\n" + b" " * 11_000_000).status_code == 202  # more than a capture may have


def test_imports_are_only_for_their_own_organisation_and_right(shared_stage: Stage) -> None:
    stage = shared_stage
    made = read(stage, csv_of(made_rows(1)))["id"]
    for method, part in (("GET", ""), ("GET", "/errors"), ("GET", "/result"), ("POST", "/post"), ("POST", "/stop")):
        answer = stage.client.request(method, f"/v1/imports/{made}{part}", headers=stage.headers(stage.carrier))
        assert problem(answer) == (404, "unknown-import"), part
    assert problem(stage.client.get("/v1/imports/%00", headers=stage.headers())) == (404, "unknown-import")
    with writing(stage.engine) as connection:
        token = partners.issue_token(connection, stage.brand, rights=["describe"])
    only = {"Authorization": f"Bearer {token}"}
    assert problem(stage.client.get(f"/v1/imports/{made}", headers=only)) == (403, "right-missing")
    assert made not in [each["id"] for each in stage.client.get("/v1/imports", headers=only).json()["imports"]]
    listed = stage.client.get("/v1/imports", headers=stage.headers()).json()["imports"]
    assert made in [each["id"] for each in listed]


def test_posting_stops_and_goes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    made = read(stage, csv_of(made_rows(1200)))["id"]
    original = Imports._post_chunk

    def slowly(self: Imports, import_id: str) -> bool:
        time.sleep(0.3)
        return original(self, import_id)

    monkeypatch.setattr(tasks.Imports, "_post_chunk", slowly)
    assert post(stage, made).status_code == 202
    while not look(stage, made)["posted"]:
        time.sleep(0.02)
    assert stage.client.post(f"/v1/imports/{made}/stop", headers=stage.headers()).status_code == 202
    stopped = settled(stage, made)
    assert stopped["state"] == "stopped"
    assert 0 < stopped["posted"] < 1200
    assert problem(stage.client.post(f"/v1/imports/{made}/stop", headers=stage.headers())) == (409, "not-posting")
    done = posted(stage, made)
    assert (done["posted"], stored(stage, made, range(2, 1202))) == (1200, 1200)


@pytest.mark.parametrize("happens", [False, True], ids=["before a chunk is stored", "stored, not committed"])
def test_a_killed_process_leaves_nothing_half_and_the_next_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, happens: bool
) -> None:
    made = read(stage, csv_of(made_rows(1200)))["id"]
    ours: Imports = stage.client.app.state.imports  # type: ignore[attr-defined]
    ours.stop()
    assert post(stage, made).status_code == 202
    dying.dies(crashing.serve, stage.settings.model_dump(), 1, happens)
    assert look(stage, made)["posted"] == 500
    assert stored(stage, made, range(2, 1202)) == 500
    with writing(stage.engine) as connection:  # instead of waiting until the dead process is given up
        connection.execute(update(Import).values(held_until=0))
    following = Imports(stage.engine, stage.vault, stage.client.app.state.stating, 100_000, 30)  # type: ignore[attr-defined]
    following.start()
    done = settled(stage, made)
    following.stop()
    assert (done["state"], done["posted"]) == ("done", 1200)
    assert stored(stage, made, range(2, 1202)) == 1200


def test_what_became_wrong_since_is_refused_and_told(stage: Stage) -> None:
    gtin = new_gtin()
    describe(stage, gtin)
    made = read(stage, csv_of(made_rows(2, gtin)))["id"]
    stage.client.app.state.imports._recalled = lambda *_: {link("m1", gtin)}  # type: ignore[attr-defined]
    done = posted(stage, made)
    assert done["posted"] + done["refused"] == 2
    assert [each["code"] for each in errors(stage, made)] == (["recalled-item"] if done["refused"] else [])


@pytest.mark.parametrize("kind", ["milestones", "items"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_template_is_read_as_it_is_and_has_no_rows(shared_stage: Stage, kind: str, language: str) -> None:
    for fmt in ("csv", "xlsx"):
        answer = shared_stage.client.get(f"/v1/imports/templates/{kind}?format={fmt}&language={language}")
        assert answer.status_code == 200
        made = read(shared_stage, answer.content, kind=kind)
        assert made["problem"]["code"] == "no-rows", made
        assert made["ignored"] == []
