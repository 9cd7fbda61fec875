"""Templates: an empty table with the right header; as XLSX with text columns, so that no code loses its digits, and a
sheet that says how to fill it in."""

from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from chain_service.events.imports import results
from chain_service.events.imports.words import WORDS
from chain_service.events.milestones.steps import STEPS

_ROWS = 2000  # with a list of the steps to choose from
_TEXT = {"item", "serial", "lot", "place", "shipment", "document-sha256"}
_TIMES = {"time", "expected-by"}
_BEFORE = {"milestones": "note", "items": "image"}  # where measurements stand


def as_csv(kind: str, language: str) -> bytes:
    """The header alone."""
    return results.as_csv([[title for _, title, _ in _columns(kind, language)]])


def as_xlsx(kind: str, language: str) -> bytes:
    """Header and a second sheet with explanations and the words of steps."""
    words = WORDS["templates"]
    book = Workbook()
    sheet: Any = book.active
    sheet.title = words["sheet"][kind][language]
    columns = _columns(kind, language)
    for number, (name, title, _) in enumerate(columns, 1):
        cell = sheet.cell(1, number, title)
        cell.font = Font(bold=True)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 34 if name == "item" else 18
        if name in _TEXT:
            sheet.column_dimensions[letter].number_format = "@"
        elif name in _TIMES:
            sheet.column_dimensions[letter].number_format = "yyyy-mm-dd hh:mm"
    sheet.freeze_panes = "A2"
    help_sheet: Any = book.create_sheet(words["help"][language])
    _explain(help_sheet, columns, language)
    if kind == "milestones":
        first = _list_steps(help_sheet, language)
        at = 1 + [name for name, _, _ in columns].index("step")
        choice = DataValidation(
            type="list",
            formula1=f"'{help_sheet.title}'!$A${first}:$A${first + len(STEPS) - 1}",
            allow_blank=True,
            showErrorMessage=False,  # the other language and the short words are as good
        )
        choice.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{_ROWS}")
        sheet.add_data_validation(choice)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _columns(kind: str, language: str) -> list[tuple[str, str, str]]:
    """Name, title and explanation of each column."""
    found = []
    words = WORDS["templates"]
    for name, column in WORDS["columns"][kind].items():
        if name == _BEFORE[kind]:
            if kind == "milestones":
                found.append(("measurement", words["measurement"][language], words["measurementHelp"][language]))
            else:
                found += [(bound, words[bound][language], words["limitHelp"][language]) for bound in ("min", "max")]
        found.append((name, column[language], column["help"][language]))
    return found


def _explain(sheet: Any, columns: list[tuple[str, str, str]], language: str) -> None:
    words = WORDS["templates"]
    sheet.append([words["column"][language], words["meaning"][language]])
    for _, title, meaning in columns:
        sheet.append([title, meaning])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 80
    for cell in (sheet["A1"], sheet["B1"]):
        cell.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2, min_col=2, max_col=2):
        row[0].alignment = Alignment(wrap_text=True)


def _list_steps(sheet: Any, language: str) -> int:
    """Enters the steps below the columns; returns the row of the first."""
    words = WORDS["templates"]
    sheet.append([])
    sheet.append([words["steps"][language], words["word"][language]])
    sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    first = int(sheet.max_row) + 1
    for step in STEPS.values():
        sheet.append([step.zh if language == "zh" else step.en, step.word])
    return first
