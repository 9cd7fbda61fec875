"""The room for posting many, in a real browser on the real service: a clerk with a list, and a brand with its items."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from chain_service.events.imports.tasks import Imports
from tests.events.milestones.posting import new_gtin
from tests.pages.running import Running, running_on

Open = Callable[..., Page]
SITE = "9521321000018"
WHEN = "2026-11-01 08:00"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, anvil: str) -> Iterator[Running]:
    with running_on(tmp_path_factory.mktemp("running"), anvil) as made:
        yield made


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def thousand_rows() -> tuple[list[list[Any]], str]:
    """A list of which seven rows are wrong, each in another way."""
    gtin = new_gtin()
    rows: list[list[Any]] = [["Item", "Step", "Place", "Time", "Temperature (CEL)", "Note", "Driver"]]
    for number in range(1000):
        item = f"https://id.gs1.org/01/{gtin}/21/{number // 2}"
        rows.append([item, ("made", "Arrived")[number % 2], SITE, WHEN, 4 + number % 10 / 10, "in order", "Wang"])
    wrong = {100: 0, 200: 1, 300: 2, 400: 3, 500: 4, 600: 3}
    values = ["9.5211E+12", "beamed up", "Gate 99", "03/04/2026", "cold"]
    for row, column in wrong.items():
        rows[row][column] = values[column]
    rows[600][3] = "2126-11-01 08:00"
    rows[702] = list(rows[700])
    return rows, gtin


def choose(page: Page, name: str, data: bytes) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "", "buffer": data})
    page.wait_for_url("**/#many/*")


def shot(page: Page, name: str) -> None:
    """A picture to look at, where a folder for them is named."""
    import os

    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_clerk_posts_a_thousand_rows_of_which_seven_are_wrong(
    running: Running, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, _ = thousand_rows()
    page = open_page(width=1280, height=900)
    running.enter(page, running.person(running.stage.brand, ["state"]), "#many")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post many")
    expect(page.locator("#many-zone")).to_have_value("Asia/Shanghai")
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    template = load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    assert [cell.value for cell in template.worksheets[0][1]][:3] == ["Item", "Serial", "Lot"]
    shot(page, "many-list-en")

    choose(page, "gate 4.xlsx", workbook(rows))
    expect(page.locator("#counts")).to_have_text("1000 rows: 993 right, 7 wrong.", timeout=20_000)
    expect(page.locator("#room")).to_contain_text("Columns that are not used: Driver")
    table = page.get_by_role("table", name="What is wrong").locator("tbody tr")
    expect(table).to_have_count(7)
    said = table.all_inner_texts()
    for cell in ("A101", "B201", "C301", "D401", "E501", "D601", "Row 703"):
        assert any(cell in row for row in said), (cell, said)
    expect(table.filter(has_text="D401")).to_contain_text("03/04/2026 can be read in two ways")
    page.locator("#errors-code").select_option(label="Unknown step (1)")
    expect(table).to_have_count(1)
    expect(table).to_contain_text("beamed up is no step")
    page.locator("#errors-code").select_option(label="All (7)")
    expect(table).to_have_count(7)
    understood = page.get_by_role("table", name="As understood").locator("tbody tr")
    expect(understood).to_have_count(20)
    expect(understood.nth(1)).to_contain_text("Arrived")
    expect(understood.nth(1)).to_contain_text("1 Nov 2026, 08:00 UTC+08:00")
    shot(page, "many-ready-en")

    original = Imports._post_chunk

    def slowly(self: Imports, import_id: str) -> bool:
        time.sleep(0.8)
        return original(self, import_id)

    monkeypatch.setattr(Imports, "_post_chunk", slowly)
    address = page.url
    page.get_by_role("button", name="Post the 993 right rows").click()
    expect(page.locator("progress.run")).to_be_visible()
    shot(page, "many-posting-en")
    page.goto(f"{running.url}/console/#account")  # left, and found again
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Post many")
    page.goto(f"{running.url}/console/#many")
    page.get_by_role("link", name="gate 4.xlsx").first.click()
    assert page.url == address
    expect(page.locator("#counts")).to_contain_text("993 of 993 posted.", timeout=20_000)
    expect(page.locator("#room .badge").first).to_have_text("posted, with rows left out")
    with page.expect_download() as download:
        page.get_by_role("link", name="Result file (Excel)").click()
    result = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    statuses = [row[1] for row in result.iter_rows(min_row=2, values_only=True)]
    assert (statuses.count("posted"), statuses.count("wrong, not posted")) == (993, 7)
    shot(page, "many-done-en")
    assert page.problems == []  # type: ignore[attr-defined]


def test_posting_is_stopped_and_goes_on(running: Running, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    gtin = new_gtin()
    rows = [["Item", "Step", "Place"], *([f"https://id.gs1.org/01/{gtin}/21/{n}", "made", SITE] for n in range(1200))]
    page = open_page(width=1280)
    running.enter(page, running.person(running.stage.brand, ["state"]), "#many")
    choose(page, "made.csv", "".join(",".join(row) + "\n" for row in rows).encode())
    original = Imports._post_chunk

    def slowly(self: Imports, import_id: str) -> bool:
        time.sleep(1)
        return original(self, import_id)

    monkeypatch.setattr(Imports, "_post_chunk", slowly)
    page.get_by_role("button", name="Post all 1200 rows").click()
    page.get_by_role("button", name="Stop").click()
    go_on = page.get_by_role("button", name="Go on with the other")
    expect(go_on).to_be_visible()
    monkeypatch.undo()
    go_on.click()
    expect(page.locator("#counts")).to_contain_text("1200 of 1200 posted.", timeout=20_000)
    expect(page.locator("#room .badge").first).to_have_text("all posted")
    page.get_by_role("button", name="Delete this upload").click()
    page.locator("dialog").get_by_role("button", name="Delete this upload").click()
    expect(page.locator("#notice")).to_contain_text("made.csv is deleted.")
    assert page.get_by_role("link", name="made.csv").count() == 0


def test_a_brand_describes_items_on_a_narrow_screen_in_chinese(running: Running, open_page: Open) -> None:
    gtin, other = new_gtin(), new_gtin()
    rows = [
        ["商品条码", "名称（中文）", "Name (English)", "温度下限 (℃)", "温度上限 (℃)"],
        [gtin, "奶粉", "Milk powder", 2, 6.5],
        [other, "牛奶", "Milk", 9, 6],
    ]
    page = open_page(width=390)
    email = running.person(running.stage.brand, ["state", "describe"])
    running.enter(page, email, "#many")
    page.locator("#language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("批量提交")
    page.locator("#many-kind-items").check()
    expect(page.locator("#many-zone")).to_have_count(0)
    shot(page, "many-list-zh-390")
    choose(page, "产品.xlsx", workbook(rows))
    expect(page.locator("#counts")).to_have_text("共 2 行：1 行正确，1 行有误。", timeout=20_000)
    expect(page.get_by_role("table", name="有误之处")).to_contain_text("D3")
    expect(page.get_by_role("table", name="有误之处")).to_contain_text("下限大于上限。")
    expect(page.get_by_role("table", name="读取结果")).to_contain_text("温度 2–\u20606.5 °C")
    shot(page, "many-items-zh-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="提交正确的 1 行").click()
    expect(page.locator("#counts")).to_contain_text("已提交 1 / 1 行", timeout=20_000)
    answer = running.stage.client.get(f"/v1/items/01/{gtin}").json()
    assert answer["name"] == {"zh": "奶粉", "en": "Milk powder"}
    page.locator("#language").click()
    expect(page.locator("#counts")).to_contain_text("2 rows: 1 right, 1 wrong.")
    shot(page, "many-items-en-390")
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old Excel workbook"),
        ("latin.csv", "Item,Step\nKäse,arrived\n".encode("cp1252"), "Save the file as CSV UTF-8"),
        ("place.csv", b"Item,Place\nx,y\n", "No column is called 'Step / "),
    ],
)
def test_a_file_of_no_use_says_why_and_what_to_do(
    running: Running, open_page: Open, name: str, data: bytes, said: str
) -> None:
    page = open_page(width=390)
    running.enter(page, running.person(running.stage.brand, ["state"]), "#many")
    choose(page, name, data)
    expect(page.locator(".verdict")).to_contain_text(said, timeout=20_000)
    expect(page.locator(".verdict")).to_contain_text("Nothing was posted.")
    shot(page, f"many-failed-{name}")


def test_who_may_neither_state_nor_describe_finds_no_such_room(running: Running, open_page: Open) -> None:
    page = open_page(width=1280)
    running.enter(page, running.person(running.stage.carrier, ["read", "manage"]), "#people")
    expect(page.locator("#room-list")).to_contain_text("People")
    assert "Post many" not in page.locator("#room-list").inner_text()
