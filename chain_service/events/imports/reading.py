"""A file becomes lines, some hundred at a time: what was understood, and what is wrong by row and cell."""

from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from chain_service.db import reading
from chain_service.events.imports import descriptions, milestones, tables
from chain_service.events.imports.columns import Header, header
from chain_service.events.imports.faults import Unreadable
from chain_service.events.imports.lines import Line, mistake
from chain_service.events.imports.rows import Reader
from chain_service.events.imports.tables import Row, rows, text
from chain_service.events.imports.words import POSTED, plain, sentence
from chain_service.events.milestones.service import Recalled
from chain_service.kit import canonical
from chain_service.kit.digests import sha256
from chain_service.partners.models import Partner
from chain_service.partners.vault import Vault

CHUNK = 500
_TITLES_ABOVE = 10  # a file may have so many rows of its own above the header


class Table:
    """The lines of a file under its header, `chunks()` checked against the database as of when each is asked for."""

    def __init__(self, kind: str, data: bytes, zone: str, uploaded: str, most_rows: int, recalled: Recalled) -> None:
        """Raises Unreadable where the file has no header that is known."""
        self._kind = kind
        self._most = most_rows
        self._recalled = recalled
        if (
            tables.is_text(data)
            and sum(1 for _ in islice(rows(data), most_rows + _TITLES_ABOVE + 1)) > most_rows + _TITLES_ABOVE
        ):
            raise Unreadable("too-many-rows", most=most_rows)  # before a hundred thousand rows are checked for nothing
        self._rows = rows(data)
        self.header = self._find_header()
        self._reader = Reader(self.header, ZoneInfo(zone), uploaded, milestones.step_of)
        self._seen: dict[bytes, int] = {}  # by what a row says, the first that said it
        self._made: set[str] = set()

    def _find_header(self) -> Header:
        first: Unreadable | None = None
        for _, row in zip(range(_TITLES_ABOVE), self._rows, strict=False):
            try:
                return header(self._kind, row.cells)
            except Unreadable as error:
                if error.code != "missing-column":
                    raise
                first = first or error
        raise first or Unreadable("empty-file")

    def chunks(self, engine: Engine, vault: Vault, partner: Partner) -> Iterator[list[Line]]:
        """Raises Unreadable, also after some chunks."""
        count, lines = 0, []
        for row in self._rows:
            count += 1
            if count > self._most:
                raise Unreadable("too-many-rows", most=self._most)
            lines.append(self._line(row))
            if len(lines) == CHUNK:
                yield self._checked(engine, vault, partner, lines)
                lines = []
        if count == 0:
            raise Unreadable("no-rows")
        if lines:
            yield self._checked(engine, vault, partner, lines)

    def _line(self, row: Row) -> Line:
        read = self._reader.milestone if self._kind == "milestones" else self._reader.description
        content, wrong, columns = read(row.cells)
        line: Line = {
            "row": row.number,
            "cells": [text(cell) for cell in row.cells],
            "content": content,
            "columns": columns,
            "name": "",
            "status": "right",
            "mistakes": [],
        }
        for column, fault in wrong:
            detail = sentence(fault.code, fault.values, "", "en")
            line["mistakes"].append(mistake(column, fault.code, detail, **fault.values))
        status = self.header.status
        if status is not None and status < len(row.cells) and plain(text(row.cells[status])) in POSTED:
            line["mistakes"].append(mistake(status, "posted-before", sentence("posted-before", {}, "", "en")))
        return line

    def _checked(self, engine: Engine, vault: Vault, partner: Partner, lines: list[Line]) -> list[Line]:
        with reading(engine) as connection:
            self._check(connection, vault, partner, lines)
        for line in lines:
            if not line["mistakes"]:
                said = line["name"] or canonical.dumps(line["content"]).decode()
                first = self._seen.setdefault(sha256(said.encode())[:16], line["row"])
                if first != line["row"]:
                    values = {"row": first}
                    line["mistakes"].append(
                        mistake(None, "repeated-row", sentence("repeated-row", values, "", "en"), **values)
                    )
            if line["mistakes"]:
                line["status"] = "wrong"
        return lines

    def _check(self, connection: Connection, vault: Vault, partner: Partner, lines: list[Line]) -> None:
        if self._kind == "milestones":
            milestones.check(connection, vault, partner, lines, self._made, self._recalled)
        else:
            descriptions.check(connection, partner, lines)


def previewed(kind: str, line: Line) -> dict[str, object]:
    """A line as its reader is shown it: what was understood, and whether it is right."""
    content = line["content"] if kind == "milestones" else {**line["content"]["said"], "item": line["content"]["item"]}
    return {"row": line["row"], "status": line["status"], **content, **({"item": line["name"]} if line["name"] else {})}
