"""Files as people save them: encodings, separators, workbooks, and what is refused as a whole."""

import zipfile
from datetime import datetime
from io import BytesIO

import pytest

from chain_service.events.imports.columns import header
from chain_service.events.imports.faults import Fault, Unreadable
from chain_service.events.imports.tables import letters, rows
from tests.events.imports.sheets import HEADER, csv_of, xlsx_of

CHINESE = "物品,步骤,地点\n(00)395211010000000018,已到达,上海洋山港\n"


def cells(data: bytes) -> list[list[object]]:
    return [row.cells for row in rows(data)]


def refused(data: bytes) -> tuple[str, dict[str, object]]:
    with pytest.raises(Unreadable) as error:
        list(rows(data))
    return error.value.code, error.value.values


def repacked(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one of its parts changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if part in name:
                assert old in content, name
                content = content.replace(old, new, 1)
            after.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_the_encoding_of_a_csv_is_found_out(encoding: str) -> None:
    assert cells(CHINESE.encode(encoding))[1][2] == "上海洋山港"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_out(separator: str) -> None:
    assert cells(csv_of([["Item", "Step"], ["a", "b"]], separator)) == [["Item", "Step"], ["a", "b"]]


def test_a_line_that_names_the_separator_is_no_row() -> None:
    assert cells(b"sep=;\nItem;Step, of it\n") == [["Item", "Step, of it"]]


def test_a_quoted_cell_keeps_its_lines_and_separators() -> None:
    assert cells(b'Item,Note\n"a;\nb","1, 2 and ""3"""\n')[1] == ["a;\nb", '1, 2 and "3"']


def test_blank_rows_and_columns_are_ignored_and_rows_keep_their_numbers() -> None:
    assert [(row.number, row.cells) for row in rows(b"Item,Step,,\n,,,\n\na,b,,\n\n,,\n")] == [
        (1, ["Item", "Step"]),
        (4, ["a", "b"]),
    ]


@pytest.mark.parametrize("text", ["Käse,arrived\n", "Fromage affiné,arrivé\n", "Müller;Größe\n"])
def test_western_code_pages_are_refused_with_their_line(text: str) -> None:
    assert refused(b"Item,Step\n" + text.encode("cp1252"))[0] == "unknown-encoding"
    assert refused(b"Item,Step\n" + text.encode("cp1252"))[1]["line"] == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"\xef\xbb\xbf\r\n", "empty-file"),
        (b"%PDF-1.7 ...", "unknown-format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old-workbook"),
        (b"PK\x03\x04 and nothing", "damaged-workbook"),
        (b'Item,Step\n"never closed,b\n', "malformed-csv"),
        (b"Item," * 300, "too-many-columns"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_name(data: bytes, code: str) -> None:
    assert refused(data)[0] == code


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<w/>")
    assert refused(out.getvalue())[0] == "unknown-format"


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread() -> None:
    out = BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("xl/workbook.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(301):
            part.write(bytes(1 << 20))
    assert len(out.getvalue()) < 1 << 20
    assert refused(out.getvalue())[0] == "unpacks-too-large"


def test_entities_of_a_workbook_are_never_read() -> None:
    bomb = repacked(xlsx_of([HEADER]), "sheet1.xml", b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet')
    assert refused(bomb)[0] == "damaged-workbook"


def test_one_cell_far_away_takes_no_memory() -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert cells(repacked(xlsx_of([["Item", "Step"]]), "sheet1.xml", b"</sheetData>", far)) == [["Item", "Step"]]


def test_cells_of_a_workbook_keep_their_kind() -> None:
    moment = datetime(2026, 11, 25, 14, 30)
    assert cells(xlsx_of([["a", 4.25, 7, True, moment, None, " "]])) == [["a", 4.25, 7, True, moment]]


def test_a_formula_gives_its_kept_value_and_is_named_where_it_has_none() -> None:
    data = xlsx_of([["Item", "Step"], ["=A1", "=UPPER(B1)"]])
    assert cells(data)[1] == [
        Fault("formula-without-value", {"text": "=A1"}),
        Fault("formula-without-value", {"text": "=UPPER(B1)"}),
    ]
    kept = repacked(data, "sheet1.xml", b"<f>A1</f><v></v>", b"<f>A1</f><v>5</v>")
    kept = kept if cells(kept)[1][0] == 5 else repacked(data, "sheet1.xml", b"<f>A1</f><v />", b"<f>A1</f><v>5</v>")
    assert cells(kept)[1][0] == 5


def test_error_values_and_merged_cells_are_named() -> None:
    data = xlsx_of([["Item", "Step"], ["#N/A", "x"], ["a", "y"], ["b", "z"]], merge="A3:A4")
    found = cells(data)
    assert found[1][0] == Fault("error-value", {"text": "#N/A"})
    assert [row[0].code for row in found[2:]] == ["merged-cell", "merged-cell"]  # type: ignore[attr-defined]
    assert found[2][0].values["range"] == "A3:A4"  # type: ignore[attr-defined]


def test_the_first_sheet_that_is_visible_is_read() -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("shown").append(["Item"])
    out = BytesIO()
    book.save(out)
    assert cells(out.getvalue()) == [["Item"]]


@pytest.mark.parametrize(
    "titles",
    [["Item", "Step", "Place"], ["物品", "步骤", "地点"], ["GTIN", " STEP ", "Site"], ["条码", "节点", "站点"]],
)
def test_columns_are_known_in_english_and_chinese(titles: list[str]) -> None:
    assert header("milestones", titles).named == {"item": 0, "step": 1, "place": 2}


def test_measurements_have_their_type_and_unit_in_the_title() -> None:
    found = header("milestones", ["Item", "Step", "Temperature (CEL)", "Relative Humidity", "湿度 （％）"])
    assert [(each.type, each.uom) for each in found.measured.values()] == [
        ("Temperature", "CEL"),
        ("RelativeHumidity", "P1"),
    ]
    assert found.ignored == ["Relative Humidity"]


def test_limits_of_items_have_their_bound_in_the_title() -> None:
    found = header("items", ["Item", "Temperature min (CEL)", "温度上限 (CEL)"])
    assert [(each.type, each.uom, each.bound) for each in found.measured.values()] == [
        ("Temperature", "CEL", "min"),
        ("Temperature", "CEL", "max"),
    ]


@pytest.mark.parametrize(
    ("titles", "code"),
    [
        (["Item", "Place"], "missing-column"),
        (["Item", "Step", "物品"], "repeated-column"),
        (["Item", "Step", "Temperature (CEL)", "温度 (°C)"], "repeated-column"),
    ],
)
def test_a_header_that_lacks_or_repeats_a_column_is_refused(titles: list[str], code: str) -> None:
    with pytest.raises(Unreadable) as error:
        header("milestones", titles)
    assert error.value.code == code


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [letters(number) for number in (0, 2, 25, 26, 701, 702)] == ["A", "C", "Z", "AA", "ZZ", "AAA"]
