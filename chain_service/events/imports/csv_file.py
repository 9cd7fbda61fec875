"""CSV as spreadsheet programs write it: encoding and separator are found out, or the file is refused by name."""

import codecs
import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

from chain_service.events.imports.faults import Unreadable

SEPARATORS = (",", ";", "\t")
LONGEST_CELL = 100_000  # characters; more would be a quotation mark that never closes
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAMPLE = 4096
# Written Chinese keeps nearly always to GB 2312, whose second bytes are A1 to FE. Text of Western code pages that
# happens to decode as GB 18030 does not: there a letter of ASCII follows the accented one.
_PAIR = re.compile(rb"[\x81-\xfe][\x30-\xfe]")
_PLAUSIBLE = 0.9


def rows(data: bytes) -> Iterator[list[Any]]:
    """The records, each a list of texts; an empty line is an empty list. Raises Unreadable."""
    text = decoded(data)
    separator, text = _separator(text)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from reader
    except csv.Error:
        raise Unreadable("malformed-csv", line=reader.line_num) from None


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or GB 18030. Raises Unreadable naming the line that none of them explains."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    even, odd = (data[start:_SAMPLE:2].count(0) for start in (0, 1))
    if even + odd > len(data[:_SAMPLE]) // 50:  # letters of ASCII in UTF-16 have one, other texts have none
        return _strictly(data, "utf-16-le" if odd > even else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not _is_chinese(data):
            line = data.count(b"\n", 0, error.start) + 1
            raise Unreadable("unknown-encoding", line=line, byte=f"{data[error.start]:02X}") from None
    return _strictly(data, "gb18030")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("unknown-encoding", line=line, byte=f"{data[error.start]:02X}") from None


def _is_chinese(data: bytes) -> bool:
    pairs = _PAIR.findall(data)
    common = sum(1 for pair in pairs if pair[1] >= 0xA1)
    return bool(pairs) and common / len(pairs) >= _PLAUSIBLE


def _separator(text: str) -> tuple[str, str]:
    """The separator, and the text without a line `sep=;` that only says it."""
    told = re.match(r"sep=(.)\r?\n", text)
    if told and told[1] in SEPARATORS:
        return told[1], text[told.end() :]
    first = re.sub(r'"[^"]*"', "", text[:_SAMPLE].lstrip("\r\n").split("\n", 1)[0])
    return max(SEPARATORS, key=first.count), text
