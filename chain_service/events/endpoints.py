"""The EPCIS 2.0 REST binding for capture and query, under /epcis (EPCIS 2.0 section 12)."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import IntegrityError

from chain_service import body
from chain_service.db import reading, writing
from chain_service.errors import Problem, epcis
from chain_service.events import addresses, examples, jobs, paging, query, service
from chain_service.events.document import Reading, read, read_event
from chain_service.events.visibility import Narrowing, Visibility
from chain_service.kit.canonical import InvalidJson
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.held_keys import require_good
from chain_service.partners.models import Partner

router = APIRouter(prefix="/epcis", tags=["EPCIS 2.0"])
MEDIA_TYPES = {"application/json", "application/ld+json"}
BEHAVIOUR = "GS1-Capture-Error-Behaviour"
VERSIONS = {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.0",
}


class LinkedData(Response):
    """JSON-LD, as EPCIS answers queries."""

    media_type = "application/ld+json"


@router.options("/capture", include_in_schema=False)
@router.options("/events", include_in_schema=False)
def options(request: Request) -> Response:
    """What the capture interface accepts (EPCIS 2.0 section 12.4, discovery)."""
    limit = str(request.app.state.settings.max_document_bytes)
    allow = {"Allow": "OPTIONS, GET, HEAD, POST", "GS1-EPCIS-Capture-File-Size-Limit": limit}
    return Response(status_code=204, headers={**VERSIONS, **allow, BEHAVIOUR: "rollback, proceed"})


@router.post(
    "/capture",
    status_code=202,
    response_class=Response,
    responses=examples.CAPTURE,
    openapi_extra=examples.DOCUMENT_BODY,
)
async def capture(request: Request, partner: ActingPartner, visibility: Narrowing = "public") -> Response:
    """Capture an EPCISDocument: `202` with the job's address in `Location`.

    The header `GS1-Capture-Error-Behaviour` says what one bad event does: `rollback` (the default) stores none,
    `proceed` stores the others. All errors are named at once, each with a JSON pointer. `visibility` narrows who may
    see the events.
    """
    behaviour = request.headers.get(BEHAVIOUR, "rollback").lower()
    if behaviour not in ("rollback", "proceed"):
        detail = f"{BEHAVIOUR} is 'rollback' or 'proceed'"
        raise epcis(400, "ValidationException", detail, [{"parameter": BEHAVIOUR, "detail": detail}])
    narrowed = Visibility.named(visibility)
    return await run_in_threadpool(_capture, request, partner, await _body(request), behaviour, narrowed)


def _capture(request: Request, partner: Partner, data: bytes, behaviour: str, narrowed: int) -> Response:
    require_good(request, partner.did)
    content = _read(read, data, partner)
    if content.document_errors:
        raise _refused(content)
    errors = content.errors
    refused = bool(errors) and (behaviour == "rollback" or not content.events)
    with writing(request.app.state.engine) as connection:
        job = jobs.keep(
            connection, request.app.state.vault, partner.did, behaviour, narrowed, None if refused else data, errors
        )
    location = {"Location": f"/epcis/capture/{job}"}
    if refused:
        raise _refused(content, location)
    request.app.state.captures.add(job, content)
    return Response(status_code=202, headers={**location, **VERSIONS})


@router.get("/capture", responses=examples.JOBS)
def capture_jobs(
    request: Request,
    partner: ActingPartner,
    per_page: Annotated[int, Query(alias="perPage", ge=1, le=100)] = 30,
    token: Annotated[str | None, Query(alias="nextPageToken")] = None,
) -> Response:
    """The capture jobs of the organisation that asks, newest first."""
    try:
        with reading(request.app.state.engine) as connection:
            page, more = jobs.page(connection, partner.did, per_page, token)
        errors = jobs.errors_of(request.app.state.vault, page)
    except ValueError as error:
        wrong = {"parameter": "nextPageToken", "detail": str(error)}
        raise epcis(400, "QueryParameterException", str(error), [wrong]) from None
    headers = {"Link": paging.next_link(request, more)} if more else {}
    return JSONResponse([jobs.as_json(row, errors.get(row.id, [])) for row in page], headers=headers)


@router.get("/capture/{capture_id}", responses=examples.JOB)
def capture_job(request: Request, capture_id: str, partner: ActingPartner) -> dict[str, Any]:
    """One capture job: whether it still runs, what it refused and why, and the promise to seal what it accepted.

    Only the organisation that captured may read it.
    """
    with reading(request.app.state.engine) as connection:
        row = jobs.one(connection, capture_id)
    if row is None or row.partner != partner.did:
        raise epcis(404, "NoSuchResourceException", "There is no capture job of this id.")
    return jobs.as_json(row, jobs.errors_of(request.app.state.vault, [row]).get(row.id, []))


@router.post("/events", status_code=201, responses=examples.EVENT_CREATED, openapi_extra=examples.EVENT_BODY)
async def post_event(request: Request, partner: ActingPartner, visibility: Narrowing = "public") -> Response:
    """Capture one event, at once: `201` with its address in `Location` and the promise to seal it.

    The promise is null where this very event was captured before.
    """
    return await run_in_threadpool(_post_event, request, partner, await _body(request), Visibility.named(visibility))


def _post_event(request: Request, partner: Partner, data: bytes, narrowed: int) -> Response:
    require_good(request, partner.did)
    content = _read(read_event, data, partner)
    if content.errors:
        raise _refused(content)
    try:
        try:
            promise = _store(request, partner, content, narrowed)
        except IntegrityError:  # another process captured this event at the same moment
            promise = _store(request, partner, content, narrowed)
    except KeyUnavailable:
        detail = "The key that signs for your organisation cannot be used now; nothing was stored."
        raise Problem(503, "no-key", "Signing is not possible now", detail, headers={"Retry-After": "60"}) from None
    stated = content.events[0]
    location = f"/epcis/events/{addresses.quoted(stated.event_id)}{'?declaration=1' if stated.declaration else ''}"
    answer = {"eventID": stated.event_id, "promise": promise}
    return JSONResponse(answer, 201, headers={"Location": location, **VERSIONS})


def _store(request: Request, partner: Partner, content: Reading, narrowed: int) -> dict[str, Any] | None:
    stating = request.app.state.stating
    with writing(request.app.state.engine) as connection:
        vault = request.app.state.vault
        _, refused, digests = service.store(connection, vault, partner.did, content.events, stating.state, narrowed)
        if refused:
            status = 409 if refused[0].kind == "conflict" else 403
            errors = [refused[0].as_json()]
            raise Problem(status, refused[0].kind, "The event was not stored", refused[0].detail, errors)
        return dict(stating.promise(digests)) if digests else None


@router.get(
    "/events", response_class=LinkedData, responses=examples.EVENTS, openapi_extra=examples.parameters(query.PARAMETERS)
)
def events(request: Request, actor: Acting) -> Response:
    """Query events by the parameters of the SimpleEventQuery; see the list. Pages by `perPage` and `nextPageToken`.

    With a token also those that your organisation may see.
    """
    vault = request.app.state.vault
    asked = query.parse(request.url.query, vault)
    with reading(request.app.state.engine) as connection:
        page, more = query.run(connection, vault, asked, actor.reads_as)
    headers = {**VERSIONS, **({"Link": paging.next_link(request, more)} if more else {})}
    return LinkedData(query.document(page), headers=headers)


@router.get("/events/{event_id:path}", response_class=LinkedData, responses=examples.ONE_EVENT)
def event(
    request: Request,
    actor: Acting,
    event_id: str,
    declaration: Annotated[int | None, Query(ge=0, le=1, description="1: the declaration of an error")] = None,
) -> Response:
    """One event by its eventID, percent-encoded: the first that was stated under it, or what declares it erroneous.

    Where more than one was stated under this eventID, `Link` names the query for all of them.
    """
    event_id = addresses.named_by(request, "/epcis/events/")
    with reading(request.app.state.engine) as connection:
        known = query.by_event_id(connection, request.app.state.vault, event_id, actor.reads_as)
    found = [row for row in known if declaration is None or row.declaration == bool(declaration)]
    if not found:
        raise epcis(404, "NoSuchResourceException", "No event of this eventID is known here.")
    headers = dict(VERSIONS)
    if len(known) > 1:
        headers["Link"] = f'</epcis/events?EQ_eventID={addresses.quoted(event_id)}>; rel="collection"'
    return LinkedData(query.event(found[0]), headers=headers)


async def _body(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        named = media_type[:80] or "a body without Content-Type"
        raise epcis(415, "UnsupportedMediaTypeException", f"Send application/ld+json or application/json, not {named}.")
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise epcis(415, "UnsupportedMediaTypeException", f"Send the document as it is, not with {encoding[:80]}.")
    limit: int = request.app.state.settings.max_document_bytes
    try:
        return await body.read(request, limit)
    except body.TooLong:
        detail = f"A capture has at most {limit} bytes; split the document."
        raise epcis(413, "CaptureLimitExceededException", detail) from None


def _read(reader: Callable[[bytes, int], Reading], data: bytes, partner: Partner) -> Reading:
    try:
        return reader(data, partner.roles)
    except InvalidJson as error:
        place = {"pointer" if error.place.startswith("/") else "place": error.place} if error.place else {}
        raise epcis(400, "ValidationException", str(error), [{**place, "detail": error.reason}]) from None


def _refused(content: Reading, headers: dict[str, str] | None = None) -> Problem:
    count = len(content.errors)
    detail = f"{count} thing{'s are' if count > 1 else ' is'} wrong; nothing was stored."
    kind = (403, "SecurityException") if content.only_forbidden else (400, "ValidationException")
    problem = epcis(*kind, detail, content.errors)
    problem.headers = headers or {}
    return problem
