"""Spreadsheets for tests, and the imports made of them."""

import time
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from httpx import Response
from openpyxl import Workbook
from sqlalchemy import select

from chain_service.db import reading
from chain_service.events.imports.lines import event_id
from chain_service.events.models import Event
from tests.events.milestones.posting import new_gtin
from tests.stage import Stage

GTIN = "09521101100105"
SITE = "9521321000018"  # a GLN
HEADER = ["Item", "Step", "Place", "Time"]
WHEN = "2026-11-01 08:00"
Json = dict[str, Any]


def link(serial: str, gtin: str = GTIN) -> str:
    return f"https://id.gs1.org/01/{gtin}/21/{serial}"


def csv_of(rows: Sequence[Sequence[Any]], separator: str = ",") -> bytes:
    return "".join(separator.join(str(cell) for cell in row) + "\n" for row in rows).encode()


def xlsx_of(rows: Sequence[Sequence[Any]], **changes: Any) -> bytes:
    """A workbook; `merge`: a range that is merged, `formats`: number formats by cell."""
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in changes.get("formats", {}).items():
        sheet[cell].number_format = number_format
    if "merge" in changes:
        sheet.merge_cells(changes["merge"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def upload(stage: Stage, data: bytes, partner: str | None = None, kind: str = "milestones", **more: str) -> Response:
    parameters = {"kind": kind, "name": "list.csv", **more}
    return stage.client.post("/v1/imports", params=parameters, content=data, headers=stage.headers(partner))


def read(stage: Stage, data: bytes, partner: str | None = None, kind: str = "milestones", **more: str) -> Json:
    """The import of a file, once it is read."""
    answer = upload(stage, data, partner, kind, **more)
    assert answer.status_code == 202, answer.text
    return settled(stage, answer.json()["id"], partner)


def look(stage: Stage, made: str, partner: str | None = None, part: str = "", **parameters: Any) -> Json:
    answer = stage.client.get(f"/v1/imports/{made}{part}", params=parameters, headers=stage.headers(partner))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def settled(stage: Stage, made: str, partner: str | None = None) -> Json:
    """An import, once nothing is done with it any more."""
    deadline = time.monotonic() + 30
    while (found := look(stage, made, partner))["state"] in ("reading", "posting"):
        assert time.monotonic() < deadline, "the import does not end"
        time.sleep(0.02)
    return found


def post(stage: Stage, made: str, partner: str | None = None, which: str = "right") -> Response:
    return stage.client.post(f"/v1/imports/{made}/post", json={"which": which}, headers=stage.headers(partner))


def posted(stage: Stage, made: str, partner: str | None = None) -> Json:
    answer = post(stage, made, partner)
    assert answer.status_code == 202, answer.text
    return settled(stage, made, partner)


def errors(stage: Stage, made: str, partner: str | None = None, **parameters: Any) -> list[Json]:
    return list(look(stage, made, partner, "/errors", **parameters)["errors"])


def told(found: Sequence[Json]) -> list[tuple[str | None, str]]:
    """Cell and code of errors."""
    return [(each["cell"], each["code"]) for each in found]


def made_rows(count: int, gtin: str | None = None) -> list[list[Any]]:
    """A header and rows that make items of a product."""
    gtin = gtin or new_gtin()
    return [HEADER, *([link(f"m{number}", gtin), "made", SITE, WHEN] for number in range(count))]


def stored(stage: Stage, made: str, rows: range) -> int:
    """How many events of an import's rows are stored."""
    prints = [stage.vault.fingerprint(event_id(made, row)) for row in rows]
    with reading(stage.engine) as connection:
        return len(connection.execute(select(Event.id).where(Event.event_id.in_(prints))).all())


def problem(answer: Any) -> tuple[int, str]:
    """Status of a refusal, and the last word of its type."""
    return answer.status_code, answer.json()["type"].rpartition("/")[2]
