"""The SimpleEventQuery over captured events (EPCIS 2.0 section 8.2.7.1) and its answer."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, true

from chain_service.errors import epcis
from chain_service.events.models import Event, EventItem
from chain_service.kit import clock
from chain_service.kit.digital_link import canonical_name
from chain_service.kit.vocabulary import disposition_uri, step_uri

MAX_PAGE = 1000
TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ITEM_ROLES = {
    "MATCH_epc": ("epc", "child"),
    "MATCH_parentID": ("parent",),
    "MATCH_inputEPC": ("input",),
    "MATCH_outputEPC": ("output",),
    "MATCH_anyEPC": ("epc", "child", "parent", "input", "output"),
    "MATCH_epcClass": ("class",),
    "MATCH_inputEPCClass": ("input",),
    "MATCH_outputEPCClass": ("output",),
    "MATCH_anyEPCClass": ("class", "input", "output"),
}


@dataclass
class Query:
    """A parsed query: conditions that all hold, the page's size and where it begins."""

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    per_page: int = 30
    after: tuple[int, int] | None = None
    descending: bool = False
    by_record_time: bool = False


def parse(parameters: Sequence[tuple[str, str]]) -> Query:
    """A Query from URL parameters; values of one parameter may be separated by commas or by repeating it.

    Raises a QueryParameterException naming the parameter that is unknown or ill-formed.
    """
    query = Query()
    joined: dict[str, list[str]] = {}
    for name, value in parameters:
        joined.setdefault(name, []).append(value)
    for name, values in joined.items():
        try:
            _apply(query, name, values)
        except (ValueError, KeyError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"there is no parameter {name}"
            raise epcis(400, "QueryParameterException", reason, [{"parameter": name, "detail": reason}]) from None
    return query


def _apply(query: Query, name: str, values: list[str]) -> None:
    if name in ITEM_ROLES:
        names = [canonical_name(value) for value in _split(values)]
        query.conditions.append(
            exists().where(EventItem.event == Event.id, EventItem.role.in_(ITEM_ROLES[name]), EventItem.name.in_(names))
        )
    elif name in _LISTED:
        column, convert = _LISTED[name]
        query.conditions.append(column.in_([convert(value) for value in _split(values)]))
    elif name in _COMPARED:
        if len(values) > 1:
            raise ValueError("this parameter stands once")
        query.conditions.append(_COMPARED[name](clock.parse_time(values[0].replace(" ", "+"))))
    else:
        _SHAPING[name](query, values[-1])


def _split(values: list[str]) -> list[str]:
    # An identifier may hold a comma only percent-encoded; '|' separates values in the standard's XML binding.
    return [part for value in values for part in value.replace("|", ",").split(",") if part]


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
    time, row = decode_page(value)
    query.after = (time, int(row))


def _set_order(query: Query, value: str) -> None:
    if value not in ("eventTime", "recordTime"):
        raise ValueError("orderBy is eventTime or recordTime")
    query.by_record_time = value == "recordTime"


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


def run(connection: Connection, query: Query) -> tuple[list[Row[Any]], str | None]:
    """One page of events and the token of the next, if there is one."""
    time = Event.record_time if query.by_record_time else Event.event_time
    after: ColumnElement[bool] = true()
    if query.after:
        at, row = query.after
        beyond = (time < at, Event.id < row) if query.descending else (time > at, Event.id > row)
        after = or_(beyond[0], and_(time == at, beyond[1]))
    order = (time.desc(), Event.id.desc()) if query.descending else (time, Event.id)
    wanted = select(Event.id, time.label("time"), Event.document, Event.record_time)
    rows = connection.execute(wanted.where(*query.conditions, after).order_by(*order).limit(query.per_page + 1)).all()
    if len(rows) <= query.per_page:
        return list(rows), None
    last = rows[query.per_page - 1]
    return list(rows[: query.per_page]), encode_page(last.time, last.id)


def by_event_id(connection: Connection, event_id: str) -> Sequence[Row[Any]]:
    """Every event of this eventID, of all partners, declarations of errors last."""
    wanted = select(Event.id, Event.document, Event.record_time).where(Event.event_id == event_id)
    return connection.execute(wanted.order_by(Event.declaration, Event.id)).all()


def document(rows: Sequence[Row[Any]], query: Query | None) -> bytes:
    """An EPCISQueryDocument; for one event (query None), the event itself or a document of all that share its id."""
    listed = [{**json.loads(row.document), "recordTime": clock.iso(row.record_time)} for row in rows]
    if query is None and len(listed) == 1:
        return _dumps(listed[0])
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": listed}}
    return _dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": clock.iso(clock.now_ms()),
            "epcisBody": {"queryResults": results},
        }
    )


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def encode_page(time: int, row: int | str) -> str:
    """An opaque token for the page after this row."""
    return base64.urlsafe_b64encode(f"{time} {row}".encode()).decode().rstrip("=")


def decode_page(token: str) -> tuple[int, str]:
    """The row that a token names. Raises ValueError when the token is not one of ours."""
    try:
        time, row = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(" ")
        return int(time), row
    except (ValueError, UnicodeDecodeError):
        raise ValueError("this nextPageToken is not one of ours") from None


def next_link(request: Request, token: str) -> str:
    """The Link header of the next page (RFC 8288, EPCIS 2.0 section 12.7)."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "nextPageToken"]
    return f'<{request.url.path}?{urlencode([*kept, ("nextPageToken", token)])}>; rel="next"'


def quoted(event_id: str) -> str:
    """An eventID as one path segment."""
    return quote(event_id, safe="")
