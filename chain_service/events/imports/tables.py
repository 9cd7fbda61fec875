"""Rows of an uploaded file, whatever its format, read one after another.

A cell is text, a number, a truth value, a moment without zone (a spreadsheet's date), nothing, or a Fault.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from chain_service.events.imports import csv_file, xlsx_file
from chain_service.events.imports.faults import Fault, Unreadable

Value = str | int | float | bool | datetime | Fault | None
MOST_COLUMNS = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and every workbook with a password
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


class Row(NamedTuple):
    """`number` as the spreadsheet program counts, from 1; cells without the empty ones at the end."""

    number: int
    cells: list[Value]


def rows(data: bytes) -> Iterator[Row]:
    """The rows of a CSV or XLSX file that hold anything. Raises Unreadable, also while it is read."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("empty-file")
    if data.startswith(_OLE):
        raise Unreadable("old-workbook")
    if not is_text(data):
        read: Iterator[list[Value]] = xlsx_file.rows(_workbook(data), MOST_COLUMNS)
    elif data.startswith(_FOREIGN):
        raise Unreadable("unknown-format")
    else:
        read = iter(csv_file.rows(data))
    for number, cells in enumerate(read, 1):
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Unreadable("too-many-columns", row=number, most=MOST_COLUMNS)
        if cells:
            yield Row(number, cells)


def is_text(data: bytes) -> bool:
    """Whether a file is read as CSV."""
    return not data.startswith(b"PK")


def _workbook(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unreadable("damaged-workbook") from None


def text(value: Value) -> str:
    """A cell as the result file repeats it."""
    if value is None or isinstance(value, Fault):
        return "" if value is None else str(value.values.get("text", ""))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def letters(column: int) -> str:
    """The letters of a column counted from 0, such as C for 2."""
    name, left = "", column + 1
    while left:
        left, rest = divmod(left - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
