"""Lines that describe items: checked as a description by form would be, and entered.

An empty cell changes nothing: what was said of an item before stays, so that a file may hold only some of the columns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from chain_service.errors import Problem
from chain_service.events.imports.lines import Line, mistake
from chain_service.events.imports.words import sentence
from chain_service.items import service
from chain_service.items.schemas import Description
from chain_service.kit import scanned
from chain_service.kit.gs1 import InvalidKey
from chain_service.partners.models import Partner

_IN_CHUNK = 100


def canonical(code: str, kind: str) -> str:
    """The canonical name of a code: of a place where one is described, else of an item. Raises InvalidKey."""
    if kind == "place":
        return scanned.place(code)
    try:
        return scanned.item(code).name
    except InvalidKey:
        if "414" not in code:
            raise
        return scanned.place(code)


def check(connection: Connection, partner: Partner, lines: Sequence[Line]) -> None:
    """Notes on each line what is wrong."""
    for line in lines:
        if not line["name"] and not line["mistakes"]:
            _name(line)
    known = _known(connection, lines)
    for line in lines:
        if not line["mistakes"]:
            _examine(line, known.get(line["name"]), partner)


def _name(line: Line) -> None:
    code = str(line["content"]["item"])
    try:
        line["name"] = canonical(code, line["content"]["said"].get("kind", "product"))
    except InvalidKey as error:
        line["mistakes"].append(mistake(line["columns"]["/item"], "malformed-item", error.reason, item=code[:80]))


def _known(connection: Connection, lines: Sequence[Line]) -> dict[str, Any]:
    names = sorted({line["name"] for line in lines if line["name"]})
    found: dict[str, Any] = {}
    for start in range(0, len(names), _IN_CHUNK):
        found |= service.descriptions(connection, set(names[start : start + _IN_CHUNK]))
    return found


def _examine(line: Line, before: Mapping[str, Any] | None, partner: Partner) -> Description | None:
    """The description that a line makes of what was said before, None where that is wrong."""
    at_item = line["columns"]["/item"]
    if before is not None and before["partner"] != partner.did:
        line["mistakes"].append(mistake(at_item, "not-your-item", item=line["name"]))
        return None
    said = merged({k: v for k, v in (before or {}).items() if k != "partner"}, line["content"]["said"])
    if not service.may_describe(partner.roles, line["name"], said.get("kind", "product")):
        line["mistakes"].append(mistake(None, "role-may-not-describe"))
        return None
    if not said.get("name"):
        column = line["columns"].get("/name/en", line["columns"].get("/name/zh", -1))
        line["mistakes"].append(mistake(column, "missing-name"))
        return None
    try:
        return Description.model_validate(said)
    except ValidationError as errors:
        for error in errors.errors():
            column = _column(line["columns"], error["loc"])
            given = line["cells"][column][:80] if 0 <= column < len(line["cells"]) else ""
            code = _code(error["type"], error["loc"])
            values = {"text": given, "reason": error["msg"], "uom": str(error["input"])[:10]}
            line["mistakes"].append(mistake(column, code, sentence(code, values, "", "en"), **values))
    return None


def _code(kind: str, location: tuple[int | str, ...]) -> str:
    """The code of what a description refuses: the texts of pydantic are English only."""
    if kind == "string_too_long":
        return "too-long"
    if location[:1] == ("limits",):
        return "unknown-unit" if location[-1] == "uom" else "limits-out-of-order"
    return {"country": "unknown-country", "image": "malformed-image", "kind": "unknown-kind"}.get(
        str(location[0]) if location else "", "malformed-description"
    )


def merged(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of an item before with what is said now; texts by language and limits by type stay beside it."""
    result = {"kind": "product", **before}
    for member, value in said.items():
        earlier = result.get(member)
        result[member] = {**earlier, **value} if isinstance(earlier, dict) and isinstance(value, dict) else value
    return result


def _column(columns: Mapping[str, int], location: tuple[int | str, ...]) -> int:
    for length in range(len(location), 0, -1):
        pointer = "".join(f"/{part}" for part in location[:length])
        if pointer in columns:
            return columns[pointer]
    return -1


def post(connection: Connection, partner: Partner, lines: Sequence[Line]) -> None:
    """Enters the lines that are right, in the caller's transaction, and notes on each what became of it."""
    right = [line for line in lines if line["status"] == "right"]
    known = _known(connection, right)
    for line in right:
        description = _examine(line, known.get(line["name"]), partner)
        if description is not None:
            try:
                with connection.begin_nested():
                    service.describe(connection, partner.did, line["name"], description)
            except Problem as problem:
                line["mistakes"].append(mistake(None, problem.type, problem.detail, item=line["name"]))
        line["status"] = "refused" if line["mistakes"] else "posted"
