"""Imports of spreadsheets, under /v1/imports: upload, look, post, stop, result, delete."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Row

from chain_service import body
from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.events.imports import examples, results, service, templates
from chain_service.events.imports.words import WORDS, Kind, Language
from chain_service.events.visibility import Narrowing, Visibility
from chain_service.partners.access import Acting, Actor, require, role_missing
from chain_service.partners.held_keys import require_good
from chain_service.partners.models import Partner
from chain_service.partners.roles import ACTING, to_names
from chain_service.partners.vault import DataKey

router = APIRouter(prefix="/v1/imports", tags=["Imports"])
RIGHTS: dict[str, str] = {"milestones": "state", "items": "describe"}
Format = Literal["csv", "xlsx"]
_MOST_WANTED = 1024  # bytes of a request to post
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Wanted(BaseModel):
    """Which rows to post: `right`: those that are right; `all`: every row, and none if one of them is wrong."""

    model_config = ConfigDict(extra="forbid")

    which: Literal["right", "all"] = "right"


@router.post("", status_code=202, responses=examples.UPLOADED, openapi_extra=examples.UPLOAD_BODY)
async def upload(
    request: Request,
    actor: Acting,
    kind: Annotated[Kind, Query(description="milestones (right `state`) or items (right `describe`)")],
    name: Annotated[str, Query(max_length=service.LONGEST_NAME, description="the file's name, to find it again")] = "",
    zone: Annotated[str, Query(max_length=64, description="IANA zone of times without offset")] = "UTC",
    visibility: Narrowing = "public",
) -> Response:
    """Upload a CSV or XLSX file; it is read and checked, and nothing is posted yet.

    `202` with the import's address in `Location`. CSV may be UTF-8, UTF-16 or GB 18030, separated by commas, semicolons
    or tabs. `sameAs` names an earlier import of the very same file.
    """
    partner = _may(actor, kind)
    if not _is_zone(zone):
        detail = f"'{zone}' is no time zone such as Asia/Shanghai"
        raise Problem(
            400, "invalid-parameter", "A parameter is wrong", detail, [{"parameter": "zone", "detail": detail}]
        )
    data = await body.read(request, request.app.state.settings.import_max_bytes)
    narrowed = Visibility.named(visibility)
    return await run_in_threadpool(_upload, request, partner, kind, _CONTROL.sub("", name), data, zone, narrowed)


def _upload(
    request: Request, partner: Partner, kind: Kind, name: str, data: bytes, zone: str, narrowed: int
) -> Response:
    if kind == "milestones":
        require_good(request, partner.did)
    state = request.app.state
    with writing(state.engine) as connection:
        made = service.keep(connection, state.vault, partner.did, kind, name, data, zone, narrowed)
        same = service.same_as(connection, service.one(connection, partner, made))
    state.imports.wake()
    return JSONResponse({"id": made, "sameAs": same}, 202, headers={"Location": f"/v1/imports/{made}"})


@router.get("", responses=examples.LIST)
def imports(request: Request, actor: Acting) -> dict[str, Any]:
    """The organisation's imports, newest first, of the kinds that the asker's rights open."""
    kinds = [kind for kind, right in RIGHTS.items() if right in actor.rights]
    with reading(request.app.state.engine) as connection:
        rows = service.of_partner(connection, _partner(actor).did, kinds)
    return {"imports": service.as_json(request.app.state.vault, rows)}


@router.get("/templates/{kind}", response_class=Response, responses=examples.TEMPLATE)
def template(
    kind: Kind,
    fmt: Annotated[Format, Query(alias="format")] = "xlsx",
    language: Annotated[Language, Query()] = "en",
) -> Response:
    """An empty file with the right columns, in English or Chinese."""
    made = templates.as_csv(kind, language) if fmt == "csv" else templates.as_xlsx(kind, language)
    return _file(made, fmt, f"{WORDS['templates']['sheet'][kind][language]}.{fmt}")


@router.get("/{import_id}", responses=examples.ONE)
def one(request: Request, import_id: str, actor: Acting) -> dict[str, Any]:
    """How far an import is: its state, counts, the first rows as understood, and how often each error came."""
    row = _row(request, actor, import_id)
    _key(request, row)
    with reading(request.app.state.engine) as connection:
        same = service.same_as(connection, row)
    return {**service.as_json(request.app.state.vault, [row], whole=True)[0], "sameAs": same}


@router.get("/{import_id}/errors", responses=examples.ERRORS)
def mistakes(
    request: Request,
    import_id: str,
    actor: Acting,
    after: Annotated[int, Query(ge=0, le=2**31, description="the last row of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    code: Annotated[str | None, Query(max_length=64, description="only errors of this code")] = None,
) -> dict[str, Any]:
    """What is wrong, by row and cell. `next` is the `after` of the next page; null on the last."""
    row = _row(request, actor, import_id)
    key = _key(request, row)
    with reading(request.app.state.engine) as connection:
        found, more = service.mistakes(connection, key, row, after, limit, code)
    return {"errors": found, "next": more}


@router.post("/{import_id}/post", status_code=202, responses=examples.POSTED, openapi_extra=examples.POST_BODY)
async def post(request: Request, import_id: str, actor: Acting) -> dict[str, Any]:
    """Post the rows that are right, or all. The same again, and after a stop, goes on; no row is posted twice."""
    return await run_in_threadpool(_post, request, import_id, actor, await body.read(request, _MOST_WANTED))


def _post(request: Request, import_id: str, actor: Actor, data: bytes) -> dict[str, Any]:
    row = _row(request, actor, import_id)
    wanted = _wanted(data)
    if row.kind == "milestones":
        require_good(request, row.partner)
    if wanted.which == "all" and row.wrong:
        detail = f"{row.wrong} of {row.rows} rows are wrong; nothing was posted."
        raise Problem(409, "rows-are-wrong", "Some rows are wrong", detail)
    return _changed(request, actor, row, "posting")


def _wanted(data: bytes) -> Wanted:
    """What is asked for; no body asks for the rows that are right."""
    content = body.parsed(data) if data else {}
    try:
        return Wanted.model_validate(content)
    except ValidationError as error:
        raise RequestValidationError([{**found, "loc": ("body", *found["loc"])} for found in error.errors()]) from None


@router.post("/{import_id}/stop", status_code=202, responses=examples.STOPPED)
def stop(request: Request, import_id: str, actor: Acting) -> dict[str, Any]:
    """Stop posting after the rows at hand; what is posted stays posted, and the rest can be posted later."""
    return _changed(request, actor, _row(request, actor, import_id), "stopped")


def _changed(request: Request, actor: Actor, row: Row[Any], wanted: str) -> dict[str, Any]:
    state = request.app.state
    with writing(state.engine) as connection:
        service.set_state(connection, service.one(connection, _partner(actor), row.id), wanted)
        now = service.one(connection, _partner(actor), row.id)
    state.imports.wake()
    return {"id": now.id, "state": now.state}


@router.get("/{import_id}/result", response_class=Response, responses=examples.RESULT)
def result(
    request: Request,
    import_id: str,
    actor: Acting,
    fmt: Annotated[Format, Query(alias="format")] = "xlsx",
    language: Annotated[Language, Query()] = "en",
) -> Response:
    """Every row as it was uploaded, with its status, eventID and errors in English or Chinese."""
    row = _row(request, actor, import_id)
    key = _key(request, row)
    about = service.about_of(key, row)
    with reading(request.app.state.engine) as connection:
        chunks = service.chunks(connection, key, row.id)
        rows = results.table(row.id, row.kind, about.get("titles", []), chunks, language)
        title = WORDS["templates"]["sheet"][row.kind][language]
        made = results.as_csv(rows) if fmt == "csv" else results.as_xlsx(rows, title)
    stem = service.name_of(key, row).rpartition(".")[0] or title
    return _file(made, fmt, f"{stem}-{row.created_at}.{fmt}")


@router.delete("/{import_id}", status_code=204, response_class=Response, responses=examples.DELETED)
def delete(request: Request, import_id: str, actor: Acting) -> Response:
    """Delete an import with its file and rows for good. What it posted stays posted."""
    row = _row(request, actor, import_id)
    with writing(request.app.state.engine) as connection:
        service.remove(connection, [row.id])
    request.app.state.vault.destroy([row.key])
    return Response(status_code=204)


def _row(request: Request, actor: Actor, import_id: str) -> Row[Any]:
    with reading(request.app.state.engine) as connection:
        row = service.one(connection, _partner(actor), import_id)
    _may(actor, row.kind)
    return row


def _key(request: Request, row: Row[Any]) -> DataKey:
    return service.key_of(request.app.state.vault, row)


def _partner(actor: Actor) -> Partner:
    assert actor.partner is not None  # by the rule of these addresses
    return actor.partner


def _may(actor: Actor, kind: str) -> Partner:
    """The organisation that acts, where it may import this kind. Raises Problem 403."""
    require(actor, RIGHTS[kind])
    partner = _partner(actor)
    if kind == "milestones" and not partner.roles & ACTING:
        raise role_missing(to_names(ACTING))
    return partner


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _file(data: bytes, fmt: Format, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=results.MEDIA_TYPES[fmt], headers=headers)
