"""The SimpleEventQuery over captured events (EPCIS 2.0 section 8.2.7.1) and its answer."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, true

from chain_service.errors import epcis
from chain_service.events import paging, records
from chain_service.events.models import Event, EventItem
from chain_service.events.visibility import visible_to
from chain_service.kit import clock
from chain_service.kit.curie import MAX_URI
from chain_service.kit.digital_link import canonical_name
from chain_service.kit.vocabulary import disposition_uri, step_uri
from chain_service.partners.vault import Vault

MAX_PAGE = 1000
_BARE_WORDS = re.compile(r"\w+(?:,\w+)+")
_PATTERN = "urn:epc:idpat:"
_MOST_DIGITS = 18  # of a row's number
TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ITEM_ROLES = {
    "MATCH_epc": ("epc", "child"),
    "MATCH_parentID": ("parent",),
    "MATCH_inputEPC": ("input",),
    "MATCH_outputEPC": ("output",),
    "MATCH_anyEPC": ("epc", "child", "parent", "input", "output"),
    "MATCH_epcClass": ("class", "child"),
    "MATCH_inputEPCClass": ("input",),
    "MATCH_outputEPCClass": ("output",),
    "MATCH_anyEPCClass": ("class", "child", "input", "output"),
}


@dataclass
class Query:
    """A parsed query: conditions that all hold, the page's size and where it begins."""

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    per_page: int = 30
    after: tuple[int, int] | None = None
    descending: bool | None = None
    by_record_time: bool = False


def parse(query_string: str, vault: Vault) -> Query:
    """A Query from a URL's query string, not decoded yet.

    Several values are separated by commas, by '|' or by repeating the parameter; a comma inside a value is
    percent-encoded. Raises a QueryParameterException naming the parameter that is unknown or ill-formed.
    """
    query = Query()
    for name, values in _parameters(query_string).items():
        try:
            _apply(query, vault, name, values)
        except ValueError as error:
            shown = {"parameter": name[:80], "detail": str(error)}
            raise epcis(400, "QueryParameterException", str(error), [shown]) from None
    return query


def _parameters(query_string: str) -> dict[str, list[str]]:
    """Each parameter's values, decoded."""
    found: dict[str, list[str]] = {}
    for part in query_string.split("&"):
        name, _, raw = part.partition("=")
        if not name:
            continue
        values = found.setdefault(unquote_plus(name), [])
        for value in re.split(r"[,|]|%7[Cc]", raw):
            decoded = unquote_plus(value)
            values += decoded.split(",") if _BARE_WORDS.fullmatch(decoded) else [decoded]
    return found


def _apply(query: Query, vault: Vault, name: str, values: list[str]) -> None:
    if any("\0" in value for value in values):
        raise ValueError("the character NUL stands in no value")
    if any(len(value) > MAX_URI for value in values):
        raise ValueError(f"a value has at most {MAX_URI} characters")
    if name in ITEM_ROLES:
        if not name.endswith("Class") and any(value.startswith(_PATTERN) for value in values):
            raise ValueError("patterns of EPCs are not matched here: ask for their class, such as /01/ and a GTIN")
        names = [vault.fingerprint(canonical_name(value)) for value in values if value]
        query.conditions.append(
            exists().where(EventItem.event == Event.id, EventItem.role.in_(ITEM_ROLES[name]), EventItem.name.in_(names))
        )
    elif name in _LISTED:
        column, convert = _LISTED[name]
        wanted: list[Any] = [convert(value) for value in values if value]
        if column.key not in _READABLE:
            wanted = [vault.fingerprint(value) for value in wanted]
        query.conditions.append(column.in_(wanted))
    elif name not in _COMPARED and name not in _SHAPING:
        raise ValueError(f"there is no parameter {name[:80]}")
    elif len(values) > 1:
        raise ValueError("this parameter stands once, with one value")
    elif name in _COMPARED:
        query.conditions.append(_COMPARED[name](clock.parse_time(values[0].replace(" ", "+"))))
    else:
        _SHAPING[name](query, values[0])


def _type(value: str) -> str:
    if value not in TYPES:
        raise ValueError(f"an eventType is one of {', '.join(TYPES)}")
    return value


def _action(value: str) -> str:
    if value not in ("ADD", "OBSERVE", "DELETE"):
        raise ValueError("an action is ADD, OBSERVE or DELETE")
    return value


def _set_page(query: Query, value: str) -> None:
    number = int(value) if value.isascii() and value.isdigit() else 0
    if not 1 <= number <= MAX_PAGE:
        raise ValueError(f"a whole number from 1 to {MAX_PAGE} is due")
    query.per_page = number


def _set_token(query: Query, value: str) -> None:
    time, row = paging.decode(value)
    if not row.isdigit() or len(row) > _MOST_DIGITS:
        raise ValueError("this nextPageToken is not one of ours")
    query.after = (time, int(row))


def _set_order(query: Query, value: str) -> None:
    if value not in ("eventTime", "recordTime"):
        raise ValueError("orderBy is eventTime or recordTime")
    query.by_record_time = value == "recordTime"
    if query.descending is None:  # EPCIS 2.0 section 8.2.7.1: without orderDirection, downwards
        query.descending = True


def _set_direction(query: Query, value: str) -> None:
    if value not in ("ASC", "DESC"):
        raise ValueError("orderDirection is ASC or DESC")
    query.descending = value == "DESC"


def _set_declared(query: Query, value: str) -> None:
    if value not in ("true", "false"):
        raise ValueError("EXISTS_errorDeclaration is true or false")
    query.conditions.append(Event.declaration.is_(value == "true"))


_LISTED: dict[str, tuple[Any, Callable[[str], str]]] = {
    "eventType": (Event.type, _type),
    "EQ_bizStep": (Event.step, step_uri),
    "bizStep": (Event.step, step_uri),
    "EQ_disposition": (Event.disposition, disposition_uri),
    "EQ_action": (Event.action, _action),
    "EQ_eventID": (Event.event_id, str),
    "EQ_readPoint": (Event.read_point, canonical_name),
    "EQ_bizLocation": (Event.biz_location, canonical_name),
}
_READABLE = ("type", "action")  # the others are kept as fingerprints
_COMPARED: dict[str, Callable[[int], ColumnElement[bool]]] = {
    "GE_eventTime": lambda time: Event.event_time >= time,
    "LT_eventTime": lambda time: Event.event_time < time,
    "GE_recordTime": lambda time: Event.record_time >= time,
    "LT_recordTime": lambda time: Event.record_time < time,
}
_SHAPING: dict[str, Callable[[Query, str], None]] = {
    "perPage": _set_page,
    "nextPageToken": _set_token,
    "orderBy": _set_order,
    "orderDirection": _set_direction,
    "EXISTS_errorDeclaration": _set_declared,
}
PARAMETERS = [*_LISTED, *ITEM_ROLES, *_COMPARED, *_SHAPING]


@dataclass(frozen=True, slots=True)
class Found:
    """An event that was asked for: its RFC 8785 form, and when it was recorded (Unix milliseconds)."""

    document: bytes
    record_time: int
    declaration: bool


def run(connection: Connection, vault: Vault, query: Query, reader: str | None) -> tuple[list[Found], str | None]:
    """One page of the events that `reader` (a DID, or everybody) may see, and the token of the next, if any."""
    time = Event.record_time if query.by_record_time else Event.event_time
    descending = bool(query.descending)
    after: ColumnElement[bool] = true()
    if query.after:
        at, row = query.after
        beyond = (time < at, Event.id < row) if descending else (time > at, Event.id > row)
        after = or_(beyond[0], and_(time == at, beyond[1]))
    order = (time.desc(), Event.id.desc()) if descending else (time, Event.id)
    page = _WANTED.add_columns(time.label("time")).where(*query.conditions, after, visible_to(reader))
    rows: list[Any] = list(connection.execute(page.order_by(*order).limit(query.per_page + 1)))
    shown = rows[: query.per_page]
    last = shown[-1] if len(rows) > query.per_page else None
    return _found(connection, vault, shown), None if last is None else paging.encode(last.time, last.id)


def by_event_id(connection: Connection, vault: Vault, event_id: str, reader: str | None) -> list[Found]:
    """Every event of this eventID that `reader` may see, the first stated first, declarations of errors last."""
    known = _WANTED.where(Event.event_id == vault.fingerprint(event_id), visible_to(reader))
    return _found(connection, vault, list(connection.execute(known.order_by(Event.declaration, Event.id))))


_WANTED = select(Event.id, Event.declaration, Event.record_time).where(Event.erased_at.is_(None))


def _found(connection: Connection, vault: Vault, rows: Sequence[Row[Any]]) -> list[Found]:
    contents = records.read(connection, vault, [row.id for row in rows])
    return [Found(contents[row.id].document, row.record_time, row.declaration) for row in rows if row.id in contents]


def event(row: Found) -> bytes:
    """The event itself, with the time of its capture."""
    return _dumps(_event(row))


def document(rows: Sequence[Found]) -> bytes:
    """An EPCISQueryDocument."""
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": [_event(row) for row in rows]}}
    return _dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": clock.iso(clock.now_ms()),
            "epcisBody": {"queryResults": results},
        }
    )


def _event(row: Found) -> dict[str, Any]:
    return {**json.loads(row.document), "recordTime": clock.iso(row.record_time)}


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
