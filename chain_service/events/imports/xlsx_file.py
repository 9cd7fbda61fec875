"""XLSX workbooks: the first visible sheet, read as a stream.

openpyxl shows a formula's cached value or the formula, never both, and no merged cells while it streams; so the sheet's
XML is looked through once before. A workbook is untrusted: what it unpacks to is limited, and no document type is read.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from chain_service.events.imports.faults import Fault, Unreadable

MOST_UNPACKED = 300 * 1024 * 1024  # bytes; 100,000 rows of ten columns have a quarter of it
_PIECE = 1 << 20
_OVERLAP = 256
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{2,32})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_MOST_MERGED = 10_000
_DAMAGED = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    ParseError,
    zipfile.BadZipFile,
    OSError,
    EOFError,
)


def rows(archive: zipfile.ZipFile, most_columns: int) -> Iterator[list[Any]]:
    """The rows of the first visible sheet, empty ones too. Raises Unreadable."""
    has_formulas, merged = _look_through(archive)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that mean nothing here
            yield from _read(archive, most_columns, has_formulas, merged)
    except Unreadable:
        raise
    except _DAMAGED:
        raise Unreadable("damaged-workbook") from None


def _look_through(archive: zipfile.ZipFile) -> tuple[bool, list[str]]:
    """Whether there are formulas, and the merged ranges of every sheet as 'sheet file\\0range'."""
    total, has_formulas = 0, False
    merged: list[str] = []
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > MOST_UNPACKED:  # zipfile reads no more of a part than this
        raise Unreadable("unpacks-too-large", megabytes=MOST_UNPACKED >> 20)
    if not any(info.filename.endswith("workbook.xml") for info in infos):
        raise Unreadable("unknown-format")
    try:
        for info in infos:
            if not info.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(info) as part:
                kept = b""
                while piece := part.read(_PIECE):
                    total += len(piece)
                    if total > MOST_UNPACKED:
                        raise Unreadable("unpacks-too-large", megabytes=MOST_UNPACKED >> 20)
                    look = kept + piece
                    if b"<!DOCTYPE" in look or b"<!ENTITY" in look:
                        raise Unreadable("damaged-workbook")
                    if "worksheets/" in info.filename:
                        has_formulas = has_formulas or _FORMULA.search(look) is not None
                        found = (f"{info.filename}\0{ref.decode()}" for ref in _MERGED.findall(look))
                        merged += [each for each in found if each not in merged[-_MOST_MERGED:]]
                        if len(merged) > _MOST_MERGED:
                            raise Unreadable("too-many-merged", most=_MOST_MERGED)
                    kept = look[-_OVERLAP:]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        raise Unreadable("damaged-workbook") from None
    return has_formulas, merged


def _read(archive: zipfile.ZipFile, most_columns: int, has_formulas: bool, merged: list[str]) -> Iterator[list[Any]]:
    source: Any = archive.fp
    values = load_workbook(source, read_only=True, data_only=True, keep_links=False)
    sheet = _first_visible(values)
    beside = None
    if has_formulas:
        formulas = load_workbook(source, read_only=True, data_only=False, keep_links=False)
        beside = _rows_of(formulas[sheet.title], most_columns)
    covered = _covered(merged, sheet._worksheet_path, most_columns)
    blank: Any = None
    for number, cells in enumerate(_rows_of(sheet, most_columns), 1):
        if cells is blank and beside is None and number not in covered:  # a file may skip to row 1,048,576
            yield []
            continue
        found = [_value(cell) for cell in cells]
        blank = cells if not any(value is not None for value in found) else blank  # the same object for all of them
        if beside is not None:
            for column, formula in enumerate(next(beside, ())):
                if formula.data_type == "f" and column < len(found) and found[column] is None:
                    found[column] = Fault("formula-without-value", {"text": _shown(formula.value)})
        for column, ref in covered.get(number, ()):
            found += [None] * (column + 1 - len(found))
            found[column] = Fault("merged-cell", {"range": ref, "text": str(found[column] or "")})
        yield found


def _first_visible(workbook: Any) -> Any:
    sheet = next((sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"), None)
    if sheet is None:
        raise Unreadable("no-sheet")
    return sheet


def _rows_of(sheet: Any, most_columns: int) -> Iterator[Any]:
    sheet.reset_dimensions()  # what a file says of its size may be anything
    return iter(sheet.iter_rows(max_col=most_columns + 1))


def _value(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "e":
        return Fault("error-value", {"text": str(value)})
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, datetime) or value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, time):
        return value.isoformat()
    return datetime(value.year, value.month, value.day) if hasattr(value, "year") else str(value)


def _shown(formula: Any) -> str:
    return str(formula)[:60]


def _covered(merged: list[str], path: str, most_columns: int) -> dict[int, list[tuple[int, str]]]:
    """By row, the columns (from 0) that merged ranges of this sheet cover, the first cell of each too."""
    found: dict[int, list[tuple[int, str]]] = {}
    cells = 0
    for each in merged:
        part, _, ref = each.partition("\0")
        if part.lstrip("/") != path.lstrip("/"):
            continue
        left, top, right, bottom = range_boundaries(ref)
        if None in (left, top, right, bottom):
            raise Unreadable("too-many-merged", most=_MOST_MERGED)
        right = min(int(right or 0), most_columns)
        for row in range(int(top or 0), int(bottom or 0) + 1):
            cells += max(0, right - int(left or 0) + 1)
            if cells > 20 * _MOST_MERGED:
                raise Unreadable("too-many-merged", most=_MOST_MERGED)
            found.setdefault(row, []).extend((column - 1, ref) for column in range(int(left or 1), right + 1))
    return found
