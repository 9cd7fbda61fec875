"""A row of an import as it is kept: what was in the file, what was understood, what is wrong, what became of it."""

import json
import uuid
import zlib
from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from chain_service.events.imports.tables import letters
from chain_service.partners.vault import DataKey

Status = Literal["right", "wrong", "posted", "refused"]
_PURPOSE = b"import rows"


class Mistake(TypedDict):
    """`column` counted from 0, None for the row as a whole; `code` and `values` as words.json says them."""

    column: int | None
    code: str
    values: dict[str, Any]
    detail: str


class Line(TypedDict):
    """`row`: its number in the file; `cells`: their text; `content`: JSON of the interface; `columns`: by JSON pointer
    into it where a member came from; `name`: the canonical item that is described, empty for milestones."""

    row: int
    cells: list[str]
    content: dict[str, Any]
    columns: dict[str, int]
    name: str
    status: Status
    mistakes: list[Mistake]


def event_id(import_id: str, row: int) -> str:
    """The same for the same row of the same import, however often it is posted."""
    return uuid.uuid5(uuid.UUID(import_id), str(row)).urn


def may_be_ours(event_id: str) -> bool:
    """Whether an eventID has the form of those above."""
    try:
        return uuid.UUID(event_id).version == 5
    except ValueError:
        return False


def mistake(column: int | None, code: str, detail: str = "", **values: Any) -> Mistake:
    """One thing that is wrong; a column of -1 is none of the file's."""
    return {"column": None if column == -1 else column, "code": code, "values": values, "detail": detail}


def cell_of(row: int, column: int | None) -> str | None:
    """As the spreadsheet program calls it, such as C12."""
    return None if column is None else f"{letters(column)}{row}"


def column_of(columns: dict[str, int], pointer: str) -> int | None:
    """Where the value at a JSON pointer came from: the column of the longest known beginning."""
    while pointer:
        if pointer in columns:
            return None if columns[pointer] == -1 else columns[pointer]
        pointer = pointer.rpartition("/")[0]
    return None


def encrypted(key: DataKey, lines: Sequence[Line]) -> bytes:
    """Lines as the database keeps them."""
    return key.encrypt(zlib.compress(json.dumps(lines, ensure_ascii=False).encode(), 1), _PURPOSE)


def decrypted(key: DataKey, content: bytes) -> list[Line]:
    """What encrypted() made. Raises encryption.Undecryptable."""
    found: list[Line] = json.loads(zlib.decompress(key.decrypt(content, _PURPOSE)))
    return found
