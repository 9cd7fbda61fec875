"""One row of a file as a short-form milestone or a description: JSON of the interface, with what is wrong by column."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from chain_service.events.imports import keys, times
from chain_service.events.imports.columns import Header
from chain_service.events.imports.faults import Fault
from chain_service.events.imports.tables import Value, text
from chain_service.events.imports.words import WORDS, plain
from chain_service.kit.digital_link import CANONICAL

Wrong = list[tuple[int | None, Fault]]  # column (from 0), None: the row as a whole
_GTIN = re.compile(r"\d{8}|\d{12,14}")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?(E[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}")


class Reader:
    """Reads rows under one header; `zone`: where the file's clock stands; `uploaded`: the time of rows that name none,
    ISO 8601; `step_of`: a word for a step in the interface's form, or the word itself."""

    def __init__(self, header: Header, zone: ZoneInfo, uploaded: str, step_of: Callable[[str], str]) -> None:
        self._header = header
        self._zone = zone
        self._uploaded = uploaded
        self._step_of = step_of

    def milestone(self, cells: list[Value]) -> tuple[dict[str, Any], Wrong, dict[str, int]]:
        """The short form, what is wrong, and the column by JSON pointer of each member."""
        at, wrong = _Cells(self._header, cells), _Faults()
        items = self._items(at, wrong)
        content: dict[str, Any] = {"items": items, "step": self._step_of(at.text("step", wrong))}
        columns = {"/items": self._header.named["item"], "/step": self._header.named["step"]}
        for name in ("place", "shipment", "note"):
            if name in self._header.named:
                columns[f"/{name}"] = self._header.named[name]
            value = at.key(name, wrong) if name in ("shipment", "place") else at.text(name, wrong)
            if value:
                content[name] = value
        content["time"] = self._time(at, "time", wrong) or self._uploaded
        columns["/time"] = self._header.named.get("time", -1)
        content["measurements"] = self._measurements(at, wrong, columns)
        name, digest = at.text("document-name", wrong), at.text("document-sha256", wrong)
        if name or digest:
            content["documents"] = [{"name": name, "sha256": digest.lower()}]
        for member, column in (("name", "document-name"), ("sha256", "document-sha256")):
            columns[f"/documents/0/{member}"] = self._header.named.get(column, -1)
        by = self._time(at, "expected-by", wrong)
        expected = {
            "step": self._step_of(at.text("expected-step", wrong)),
            "place": at.key("expected-place", wrong),
            "by": by,
        }
        if any(expected.values()):
            content["expected"] = {member: value for member, value in expected.items() if value}
        for member in expected:
            columns[f"/expected/{member}"] = self._header.named.get(f"expected-{member}", -1)
        return {member: value for member, value in content.items() if value != []}, wrong.found, columns

    def _items(self, at: "_Cells", wrong: "_Faults") -> list[str]:
        value = at.value("item", wrong)
        column = self._header.named["item"]
        if value is None:
            return []
        pieces: list[Any] = [value] if not isinstance(value, str) else re.split(r"[;；\n]", value)
        found = []
        for piece in pieces:
            key = keys.mended(piece) if not isinstance(piece, str) or piece.strip() else ""
            if isinstance(key, Fault):
                wrong.add(column, key)
            elif key:
                found.append(key)
        serial, lot = at.key("serial", wrong), at.key("lot", wrong)
        if not serial and not lot:
            return found
        if len(found) != 1 or not _GTIN.fullmatch(found[0]):
            wrong.add(column, Fault("serial-without-gtin", {"item": "; ".join(found)[:80]}))
            return found
        return [link(found[0], "21" if serial else "10", serial or lot)]

    def _time(self, at: "_Cells", name: str, wrong: "_Faults") -> str:
        value = at.value(name, wrong)
        if value is None:
            return ""
        stamp = times.understood(value if not isinstance(value, bool) else str(value), self._zone)
        if isinstance(stamp, Fault):
            wrong.add(self._header.named[name], stamp)
            return ""
        return stamp

    def _measurements(self, at: "_Cells", wrong: "_Faults", columns: dict[str, int]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for column, measured in self._header.measured.items():
            number = at.number(column, wrong)
            if number is not None:
                for member in ("type", "value", "uom"):
                    columns[f"/measurements/{len(found)}/{member}"] = column
                found.append({"type": measured.type, "value": number, "uom": measured.uom})
        return found

    def description(self, cells: list[Value]) -> tuple[dict[str, Any], Wrong, dict[str, int]]:
        """{"item": code, "said": members of a Description}, what is wrong, and the column by pointer of each member."""
        at, wrong = _Cells(self._header, cells), _Faults()
        columns = {f"/{name.replace('-', '/')}": column for name, column in self._header.named.items()}
        item = at.key("item", wrong)
        lot = at.key("lot", wrong)
        if not item and not wrong.found:
            wrong.add(self._header.named["item"], Fault("missing", {}))
        if item and lot and not _GTIN.fullmatch(item):
            wrong.add(self._header.named["item"], Fault("serial-without-gtin", {"item": item[:80]}))
        elif lot:
            item = link(item, "10", lot)
        kind = plain(at.text("kind", wrong))
        said: dict[str, Any] = {"kind": WORDS["kinds"].get(kind, "product")} if kind else {}
        if kind and kind not in WORDS["kinds"]:
            wrong.add(self._header.named["kind"], Fault("unknown-kind", {"text": kind[:40]}))
        for member in ("name", "brand", "description", "city"):
            texts = {language: at.text(f"{member}-{language}", wrong) for language in ("en", "zh")}
            if given := {language: value for language, value in texts.items() if value}:
                said[member] = given
        for member in ("image", "country"):
            if value := at.text(member, wrong):
                said[member] = value.upper() if member == "country" else value
        limits: dict[str, dict[str, Any]] = {}
        for column, measured in self._header.measured.items():
            number = at.number(column, wrong)
            if number is not None:
                limits.setdefault(measured.type, {"uom": measured.uom})[measured.bound] = number
            columns.setdefault(f"/limits/{measured.type}", column)
        return {"item": item, "said": said | ({"limits": limits} if limits else {})}, wrong.found, columns


def link(gtin: str, qualifier: str, value: str) -> str:
    """The Digital Link of an instance or lot of a GTIN."""
    escaped = "".join(c if (c.isalnum() and c.isascii()) or c in "-_.~" else f"%{ord(c):02X}" for c in value)
    return f"{CANONICAL}/01/{gtin.zfill(14)}/{qualifier}/{escaped}"


class _Faults:
    """What is wrong with a row, each column once."""

    def __init__(self) -> None:
        self.found: Wrong = []

    def add(self, column: int | None, fault: Fault) -> None:
        if (column, fault) not in self.found:
            self.found.append((column, fault))


class _Cells:
    """The cells of a row by the names of their columns; a cell that is a Fault is noted and empty."""

    def __init__(self, header: Header, cells: list[Value]) -> None:
        self._named = header.named
        self._cells = cells

    def value(self, name: str, wrong: _Faults) -> Any:
        return self._at(self._named[name], wrong) if name in self._named else None

    def _at(self, column: int, wrong: _Faults) -> Any:
        value = self._cells[column] if column < len(self._cells) else None
        if isinstance(value, Fault):
            wrong.add(column, value)
            return None
        if not isinstance(value, str):
            return value
        value = value.strip()
        return (value[1:] if re.match(r"'[=+\-@]", value) else value) or None

    def text(self, name: str, wrong: _Faults) -> str:
        return text(self.value(name, wrong))

    def key(self, name: str, wrong: _Faults) -> str:
        """A code, in which the program may have lost digits."""
        value = self.value(name, wrong)
        if value is None:
            return ""
        key = keys.mended(value if isinstance(value, (str, int, float)) else text(value))
        if isinstance(key, str) and name.endswith("place") and len(key) == 12 and key.isdigit():
            return key.zfill(13)  # of a GLN; a GTIN may have 12
        if isinstance(key, Fault) and isinstance(value, str) and key.code != "damaged-number":
            return value  # a site or a lot may be called 1234567
        if isinstance(key, Fault):
            wrong.add(self._named[name], key)
            return ""
        return key if name not in ("serial", "lot") else text(value)

    def number(self, column: int, wrong: _Faults) -> int | float | None:
        value = self._at(column, wrong)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        written = str(value).replace("−", "-")
        if not _NUMBER.fullmatch(written) or _THOUSANDS.fullmatch(written):
            wrong.add(column, Fault("not-a-number", {"text": text(value)[:40]}))
            return None
        return float(written.replace(",", ".")) if re.search("[.,eE]", written) else int(written)
