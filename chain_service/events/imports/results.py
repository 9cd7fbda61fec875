"""The result file: every row as it was uploaded, with what became of it, in the language of who asks.

What a spreadsheet program would take for a formula is kept from being one by an apostrophe (OWASP 'CSV Injection').
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from chain_service.events.imports.lines import Line, cell_of, event_id
from chain_service.events.imports.words import WORDS, sentence

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BEGINS_FORMULA = re.compile(r"[=+\-@\t\r\n|]|[＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")  # of XML 1.0
_LONGEST = 32_767  # characters that a cell of XLSX holds


def safe(text: str) -> str:
    """A text that no spreadsheet program runs as a formula; a number stays one."""
    text = _FORBIDDEN.sub("", text)[:_LONGEST]
    return f"'{text}" if _BEGINS_FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def table(
    import_id: str, kind: str, titles: Sequence[str], chunks: Iterable[Sequence[Line]], language: str
) -> Iterator[list[str]]:
    """Header and rows: number, status, eventID, what is wrong, then the file's own columns."""
    own = [words[language] for name, words in WORDS["result"].items() if name != "eventID" or kind == "milestones"]
    kept = [number for number, title in enumerate(titles) if title not in own]  # of a result that came back
    yield [safe(text) for text in [*own, *(titles[number] for number in kept)]]
    for lines in chunks:
        for line in lines:
            cells = [line["cells"][number] if number < len(line["cells"]) else "" for number in kept]
            told = [str(line["row"]), WORDS["statuses"][line["status"]][language]]
            if kind == "milestones":
                told.append(event_id(import_id, line["row"]) if line["status"] == "posted" else "")
            wrong = " ".join(_said(line["row"], each, language) for each in line["mistakes"])
            yield [safe(text) for text in [*told, wrong, *cells]]


def _said(row: int, mistake: Any, language: str) -> str:
    cell = cell_of(row, mistake["column"])
    said = sentence(mistake["code"], mistake["values"], mistake["detail"], language)
    return f"{cell}: {said}" if cell else said


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a mark, by which Excel knows it."""
    out = StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """A workbook of one sheet in which every cell is text."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_text(sheet, text) for text in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: Any, text: str) -> Any:
    if not text.startswith("'"):
        return text or None
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
