"""The EPCIS 2.0 REST binding for capture and query, under /epcis (EPCIS 2.0 section 12)."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy import insert, select, tuple_

from chain_service.db import reading, writing
from chain_service.errors import Problem, epcis
from chain_service.events import examples, query, service
from chain_service.events.document import Reading, read, read_event
from chain_service.events.models import CaptureJob
from chain_service.kit import clock
from chain_service.kit.canonical import InvalidJson
from chain_service.partners.models import Partner
from chain_service.partners.roles import may_say, to_names
from chain_service.partners.service import authenticated

router = APIRouter(prefix="/epcis", tags=["EPCIS 2.0"])
Reporter = Annotated[Partner, Depends(authenticated)]
MEDIA_TYPES = {"application/json", "application/ld+json"}
VERSIONS = {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.0",
}


@router.options("/capture", include_in_schema=False)
@router.options("/events", include_in_schema=False)
def options(request: Request) -> Response:
    """What the capture interface accepts (EPCIS 2.0 section 12.4, discovery)."""
    limit = str(request.app.state.settings.max_document_bytes)
    allow = {"Allow": "OPTIONS, GET, POST", "GS1-EPCIS-Capture-File-Size-Limit": limit}
    return Response(status_code=204, headers={**VERSIONS, **allow, "GS1-Capture-Error-Behaviour": "rollback, proceed"})


@router.post("/capture", status_code=202, responses=examples.CAPTURE, openapi_extra=examples.DOCUMENT_BODY)
async def capture(request: Request, partner: Reporter) -> Response:
    """Capture an EPCISDocument: `202` with the job's address in `Location`.

    The header `GS1-Capture-Error-Behaviour` says what one bad event does: `rollback` (the default) stores none,
    `proceed` stores the others. All errors are named at once, each with a JSON pointer.
    """
    data = await _body(request)
    behaviour = request.headers.get("GS1-Capture-Error-Behaviour", "rollback").lower()
    if behaviour not in ("rollback", "proceed"):
        detail = "GS1-Capture-Error-Behaviour is 'rollback' or 'proceed'"
        raise epcis(
            400, "ValidationException", detail, [{"parameter": "GS1-Capture-Error-Behaviour", "detail": detail}]
        )
    return await run_in_threadpool(_capture, request, partner, data, behaviour)


def _capture(request: Request, partner: Partner, data: bytes, behaviour: str) -> Response:
    content = _read(read, data)
    if content.document_errors:
        raise _invalid(content)
    content = _within_roles(content, partner)
    job_id = str(uuid.uuid4())
    refused = bool(content.errors) and (behaviour == "rollback" or not content.events)
    values = {
        "id": job_id,
        "partner": partner.did,
        "behaviour": behaviour,
        "document": None if refused else data,
        "created_at": clock.now_ms(),
        "finished_at": clock.now_ms() if refused else None,
        "success": not refused,
        "errors": content.errors,
    }
    with writing(request.app.state.engine) as connection:
        connection.execute(insert(CaptureJob).values(values))
    location = {"Location": f"/epcis/capture/{job_id}"}
    if refused:
        problem = _invalid(content)
        problem.headers = location
        raise problem
    request.app.state.captures.add(job_id, content)
    return Response(status_code=202, headers={**location, **VERSIONS})


@router.get("/capture", responses=examples.JOBS)
def capture_jobs(
    request: Request,
    partner: Reporter,
    per_page: Annotated[int, Query(alias="perPage", ge=1, le=100)] = 30,
    token: Annotated[str | None, Query(alias="nextPageToken")] = None,
) -> Response:
    """The capture jobs of the organisation that asks, newest first."""
    wanted = select(CaptureJob.__table__).where(CaptureJob.partner == partner.did)
    if token:
        try:
            before = query.decode_page(token)
        except ValueError as error:
            raise epcis(400, "QueryParameterException", str(error), [{"parameter": "nextPageToken"}]) from None
        wanted = wanted.where(tuple_(CaptureJob.created_at, CaptureJob.id) < before)
    with reading(request.app.state.engine) as connection:
        ordered = wanted.order_by(CaptureJob.created_at.desc(), CaptureJob.id.desc())
        rows = connection.execute(ordered.limit(per_page + 1)).all()
    headers = {}
    if len(rows) > per_page:
        last = rows[per_page - 1]
        headers["Link"] = query.next_link(request, query.encode_page(last.created_at, last.id))
    return JSONResponse([_job(row) for row in rows[:per_page]], headers=headers)


@router.get("/capture/{capture_id}", responses=examples.JOB)
def capture_job(request: Request, capture_id: str) -> dict[str, Any]:
    """One capture job: whether it still runs, what it refused and why, and the promise to seal what it accepted.

    Its id cannot be guessed; who was given the address may read it.
    """
    wanted = select(CaptureJob.__table__).where(CaptureJob.id == capture_id)
    with reading(request.app.state.engine) as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise epcis(404, "NoSuchResourceException", "There is no capture job of this id.")
    return _job(row)


@router.post("/events", status_code=201, responses=examples.EVENT_CREATED, openapi_extra=examples.EVENT_BODY)
async def post_event(request: Request, partner: Reporter) -> Response:
    """Capture one event, at once: `201` with its address in `Location` and the promise to seal it."""
    data = await _body(request)
    return await run_in_threadpool(_post_event, request, partner, data)


def _post_event(request: Request, partner: Partner, data: bytes) -> Response:
    content = _within_roles(_read(read_event, data), partner)
    if content.errors:
        raise _invalid(content)
    stating = request.app.state.stating
    with writing(request.app.state.engine) as connection:
        _, refused, digests = service.store(connection, partner.did, content.events, stating.state)
    event_id = content.events[0].event_id
    if refused:
        status = 409 if refused[0].kind == "conflict" else 403
        raise Problem(status, refused[0].kind, "The event was not stored", refused[0].detail, [refused[0].as_json()])
    answer = {"eventID": event_id, "promise": stating.promise(digests) if digests else None}
    return JSONResponse(answer, 201, headers={"Location": f"/epcis/events/{query.quoted(event_id)}", **VERSIONS})


@router.get("/events", responses=examples.EVENTS, openapi_extra=examples.parameters(query.PARAMETERS))
def events(request: Request) -> Response:
    """Query events by the parameters of the SimpleEventQuery; see the list. Pages by `perPage` and `nextPageToken`."""
    asked = query.parse(request.query_params.multi_items())
    with reading(request.app.state.engine) as connection:
        page, more = query.run(connection, asked)
    headers = {**VERSIONS, **({"Link": query.next_link(request, more)} if more else {})}
    return Response(query.document(page, asked), media_type="application/ld+json", headers=headers)


@router.get("/events/{event_id:path}", responses=examples.ONE_EVENT)
def event(request: Request, event_id: str) -> Response:
    """One event by its eventID, percent-encoded. Where it was declared erroneous, the declaration follows it."""
    with reading(request.app.state.engine) as connection:
        found = query.by_event_id(connection, event_id)
    if not found:
        raise epcis(404, "NoSuchResourceException", "No event of this eventID is known here.")
    return Response(query.document(found, None), media_type="application/ld+json", headers=VERSIONS)


async def _body(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        detail = f"Send application/ld+json or application/json, not {media_type or 'a body without Content-Type'}."
        raise epcis(415, "UnsupportedMediaTypeException", detail)
    limit: int = request.app.state.settings.max_document_bytes
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise epcis(
                413, "CaptureLimitExceededException", f"A capture has at most {limit} bytes; split the document."
            )
    return bytes(data)


def _read(reader: Any, data: bytes) -> Reading:
    try:
        content: Reading = reader(data)
    except InvalidJson as error:
        place = {"pointer" if error.place.startswith("/") else "place": error.place} if error.place else {}
        raise epcis(400, "ValidationException", str(error), [{**place, "detail": error.reason}]) from None
    return content


def _within_roles(content: Reading, partner: Partner) -> Reading:
    """The reading with the events that the partner's roles do not let it state among the errors."""
    allowed, errors = [], list(content.event_errors)
    for stated in content.events:
        step = stated.facts.step
        if may_say(partner.roles, step):
            allowed.append(stated)
        else:
            detail = f"a partner with the roles {', '.join(to_names(partner.roles))} may not state {step}"
            errors.append({"pointer": f"{stated.place}/bizStep", "detail": detail})
    return Reading(allowed, content.document_errors, errors)


def _invalid(content: Reading) -> Problem:
    count = len(content.errors)
    detail = f"{count} thing{'s are' if count > 1 else ' is'} wrong; nothing was stored."
    return epcis(400, "ValidationException", detail, content.errors)


def _job(row: Any) -> dict[str, Any]:
    job = {
        "captureID": row.id,
        "createdAt": clock.iso(row.created_at),
        "running": row.finished_at is None,
        "success": row.success,
        "captureErrorBehaviour": row.behaviour,
        "errors": row.errors,
    }
    if row.finished_at is not None:
        job["finishedAt"] = clock.iso(row.finished_at)
    if row.promise:
        job["promise"] = row.promise
    return job
