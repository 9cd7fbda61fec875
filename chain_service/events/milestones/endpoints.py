"""Posting milestones in the short form, preparing them for who signs itself, and putting right what was wrong."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from chain_service import body
from chain_service.db import reading, writing
from chain_service.events import addresses
from chain_service.events.milestones import correction, examples, forms, idempotency, listing, refusals, service
from chain_service.events.milestones.duplicates import posted_before
from chain_service.events.milestones.forms import Form
from chain_service.events.milestones.service import Examined
from chain_service.events.milestones.steps import STEPS
from chain_service.events.visibility import Narrowing, Visibility
from chain_service.kit import canonical
from chain_service.partners.access import ActingPartner
from chain_service.partners.held_keys import require_good
from chain_service.partners.models import Partner

router = APIRouter(prefix="/v1", tags=["Milestones"])
MOST_BYTES = 1024 * 1024
_PREFIX = "/v1/milestones/"
_Key = Annotated[
    str | None,
    Header(alias=idempotency.HEADER, description="1 to 255 printable characters of your own, new for each milestone"),
]


@router.get("/steps", responses=examples.STEPS)
def steps() -> dict[str, Any]:
    """The words for what partners do, what each is in the CBV, and which roles may say it."""
    return {"steps": [step.as_json() for step in STEPS.values()]}


@router.post("/milestones", status_code=202, responses=examples.POSTED, openapi_extra=examples.BODY)
async def post(
    request: Request, partner: ActingPartner, visibility: Narrowing = "public", key: _Key = None
) -> Response:
    """Post that a step happened to items, at a place: `202` with the eventIDs and the promise to seal them.

    With the same `Idempotency-Key` and body the answer is the very same again. The same step for the same items at the
    same place within 15 minutes is taken for a mistake unless `repeat` is true.
    """
    key = idempotency.key_of(key)
    narrowed = Visibility.named(visibility)
    content = await body.json(request, MOST_BYTES)
    return await run_in_threadpool(_post, request, partner, content, narrowed, key)


def _post(request: Request, partner: Partner, content: Any, narrowed: int, key: str | None) -> Response:
    require_good(request, partner.did)
    form, errors = forms.read(content)
    if form is None:
        raise refusals.refused(errors)
    if key is None:
        return JSONResponse(_stored(request, partner, form, narrowed), 202)
    sent = [content, narrowed]
    with request.app.state.milestone_keys.hold(partner.did, key):
        try:
            answer = _once(request, partner, form, narrowed, key, sent)
        except IntegrityError:  # another process was quicker
            answer = _once(request, partner, form, narrowed, key, sent)
    return JSONResponse(answer, 202)


def _once(request: Request, partner: Partner, form: Form, narrowed: int, key: str, sent: Any) -> dict[str, Any]:
    """The answer to a key, which is worked on at most once."""
    vault = request.app.state.vault
    with writing(request.app.state.engine) as connection:
        before = idempotency.answered(connection, vault, partner.did, key, sent)
        if before is not None:
            event_ids = idempotency.event_ids(vault, partner.did, key, before.events)
            warnings = service.retold(form, before.warnings)
            return {"eventIDs": event_ids, "promise": before.promise, "warnings": warnings}
        (event_id,) = idempotency.event_ids(vault, partner.did, key, 1)
        answer = _store(request, connection, partner, form, narrowed, event_id)
        kept = (len(answer["eventIDs"]), answer["promise"], answer["warnings"])
        idempotency.note(connection, vault, partner.did, key, sent, kept)
        return answer


def _stored(request: Request, partner: Partner, form: Form, narrowed: int) -> dict[str, Any]:
    with writing(request.app.state.engine) as connection:
        return _store(request, connection, partner, form, narrowed, None)


def _store(
    request: Request, connection: Connection, partner: Partner, form: Form, narrowed: int, event_id: str | None
) -> dict[str, Any]:
    """Stores the event of a form, in the caller's transaction. Raises Problem 403, 409 or 422."""
    state = request.app.state
    examined = _examine(request, connection, partner, form, event_id, "")
    stated = [each for each in examined.stated if each]
    if not form.repeat and (before := posted_before(connection, state.vault, partner.did, stated[0])):
        raise refusals.already_posted(before)
    event_ids, refused, digests = service.state(connection, state.vault, partner, stated, state.stating, narrowed)
    if refused:
        raise refusals.not_stored(refused)
    promise = dict(state.stating.promise(digests)) if digests else None
    return {"eventIDs": event_ids, "promise": promise, "warnings": examined.warnings}


def _examine(
    request: Request, connection: Connection, partner: Partner, form: Form, event_id: str | None, pointer: str
) -> Examined:
    state = request.app.state
    examined = service.examine(
        connection, state.vault, partner, [form], [event_id], pointers=[pointer], recalled=state.recalled
    )
    if examined.errors:
        raise refusals.refused(examined.errors)
    return examined


@router.post("/milestones/prepare", responses=examples.PREPARED, openapi_extra=examples.BODY)
async def prepare(request: Request, partner: ActingPartner, key: _Key = None) -> Response:
    """The event of a milestone, as stated, for who signs itself: sign it and hand it in at `POST /v1/statements`.

    Nothing is stored. With an `Idempotency-Key` the eventID is always the same.
    """
    key = idempotency.key_of(key)
    return await run_in_threadpool(_prepare, request, partner, await body.json(request, MOST_BYTES), key)


def _prepare(request: Request, partner: Partner, content: Any, key: str | None) -> Response:
    form, errors = forms.read(content)
    if form is None:
        raise refusals.refused(errors)
    event_id = idempotency.event_ids(request.app.state.vault, partner.did, key, 1)[0] if key else None
    with reading(request.app.state.engine) as connection:
        examined = _examine(request, connection, partner, form, event_id, "")
    events = [stated.event for stated in examined.stated if stated]
    answer = canonical.dumps({"events": events, "warnings": examined.warnings})
    return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post(
    "/milestones/{event_id:path}/correction",
    status_code=202,
    responses=examples.CORRECTED,
    openapi_extra=examples.CORRECTION_BODY,
)
async def correct(request: Request, partner: ActingPartner, event_id: str) -> Response:
    """Declare a milestone of your organisation wrong and post the right one, both or neither.

    The right one is seen by whom the wrong one is; without a `time` it happened when the wrong one is said to have.
    """
    event_id = addresses.named_by(request, _PREFIX).removesuffix("/correction")
    return await run_in_threadpool(_correct, request, partner, event_id, await body.json(request, MOST_BYTES))


def _correct(request: Request, partner: Partner, event_id: str, content: Any) -> Response:
    require_good(request, partner.did)
    state = request.app.state
    with writing(state.engine) as connection:
        wrong = correction.find(connection, state.vault, partner.did, event_id)
        reason, form, errors = correction.read(content, wrong)
        if errors:
            raise refusals.refused(errors)
        examined = Examined()
        if form is not None:
            new_id = correction.new_event_id()
            examined = _examine(request, connection, partner, form, new_id, "/milestone")
        right = [each for each in examined.stated if each]
        declared = correction.declaration(wrong, reason, right[0] if right else None)
        both = [*right, declared]
        _, refused, digests = service.state(connection, state.vault, partner, both, state.stating, wrong.narrowed)
        if refused:
            raise refusals.not_stored(refused)
        promise = dict(state.stating.promise(digests))
    answer = {
        "declared": event_id,
        "eventIDs": [each.event_id for each in right],
        "promise": promise,
        "warnings": examined.warnings,
    }
    return JSONResponse(answer, 202)


@router.get("/milestones", responses=examples.LISTED)
def listed(
    request: Request,
    partner: ActingPartner,
    after: Annotated[int | None, Query(ge=1, description="`next` of the page before", examples=[4711])] = None,
    limit: Annotated[int, Query(ge=1, le=listing.MOST)] = 30,
    q: Annotated[
        str,
        Query(
            max_length=listing.LONGEST_QUESTION, description="a code of an item, a site or place, a step, an eventID"
        ),
    ] = "",
) -> dict[str, Any]:
    """What your organisation posted, newest first, whichever way it came, with what is sealed or corrected."""
    state = request.app.state
    with reading(state.engine) as connection:
        found, following = listing.page(
            connection, state.vault, partner.did, q.strip(), after, limit, state.stating.sealed
        )
    return {"milestones": found, "next": following}
