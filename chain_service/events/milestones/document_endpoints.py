"""Documents that events name by their SHA-256: put in, taken out by who may see such an event, erased."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy.exc import IntegrityError

from chain_service import body
from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.events.milestones import documents, examples
from chain_service.kit.digests import sha256
from chain_service.partners import audit
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.models import Partner

router = APIRouter(prefix="/v1/documents", tags=["Documents"])
_Digest = Annotated[
    str,
    Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of its bytes, in hexadecimal", examples=[examples.DOCUMENT]),
]


@router.put(
    "/{digest}",
    status_code=201,
    response_class=Response,
    responses=examples.DOCUMENT_PUT,
    openapi_extra=examples.DOCUMENT_BODY,
)
async def put(request: Request, partner: ActingPartner, digest: _Digest) -> Response:
    """Put in a document, at most 10 MB: `201`, or `204` where it was there. It is kept encrypted.

    It goes when it is deleted, or with the last of your events that name it.
    """
    content = await body.read(request, documents.MOST_BYTES)
    return await run_in_threadpool(_put, request, partner, digest, content)


def _put(request: Request, partner: Partner, digest: str, content: bytes) -> Response:
    if sha256(content).hex() != digest:
        detail = f"The bytes that came have the SHA-256 {sha256(content).hex()}."
        raise Problem(422, "digest-mismatch", "This is not the document of that name", detail)
    state = request.app.state
    try:
        with writing(state.engine) as connection:
            new = documents.put(connection, state.vault, partner.did, digest, content)
    except documents.TooMuch as error:
        raise Problem(413, "documents-full", "There is no room for more documents", f"{error}.") from None
    except IntegrityError:  # another request put it in at the same moment
        new = False
    return Response(status_code=201 if new else 204)


@router.get("/{digest}", response_class=Response, responses=examples.DOCUMENT_READ)
def read(request: Request, actor: Acting, digest: _Digest) -> Response:
    """A document's bytes, for its owner and for who may see an event of its owner that names it."""
    state = request.app.state
    with reading(state.engine) as connection:
        content = documents.read(connection, state.vault, digest, actor.reads_as)
    if content is None:
        raise _none()
    headers = {
        "Content-Disposition": f'attachment; filename="{digest[:16]}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.delete("/{digest}", status_code=204, response_class=Response, responses=examples.DOCUMENT_GONE)
def remove(request: Request, actor: Acting, partner: ActingPartner, digest: _Digest) -> Response:
    """Erase a document of your organisation. Events that name it keep its name and digest."""
    state = request.app.state
    with writing(state.engine) as connection:
        if not documents.remove(connection, state.vault, partner.did, digest):
            raise _none()
        audit.record(connection, actor, "document.erased", partner.did, {})
    state.finish_erasure()
    return Response(status_code=204)


def _none() -> Problem:
    return Problem(404, "no-such-document", "No such document", "There is none of this digest that you may see.")
