"""The audit log as its readers see it, under /v1/audit: an organisation's own part, or all of it for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from chain_service.db import reading
from chain_service.errors import Problem, documented
from chain_service.partners import audit
from chain_service.partners.access import Acting, ActingPartner, require

router = APIRouter(prefix="/v1/audit", tags=["Audit"])
_MOST_DAYS = 1000
_ENTRY = {
    "id": 814,
    "at": 1793493062114,
    "actor": {"kind": "person", "id": "b3d9c2f0-6a57-4d0f-9a3e-0c1d2e3f4a5b", "partner": "did:web:dairy.example"},
    "action": "credential.issued",
    "what": {
        "credential": "k7vqj2mzpd",
        "rights": ["state", "read"],
        "expiresAt": 1825029062114,
        "partner": "did:web:dairy.example",
    },
    "salt": "0x5b0c1e5f7a9d4c3b8e6f1a2d5c7b9e0f",
}
_DAY = {
    "day": "2026-11-01",
    "count": 12,
    "root": "0x7c1d9ce0b7a6f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c",
    "eventID": "urn:uuid:7c9f4b0e-2f0a-4a53-9f6e-3c1a9f0c2b11",
    "sealed": True,
}


def _wrong(parameter: str, detail: str) -> Problem:
    errors = [{"parameter": parameter, "detail": detail}]
    return Problem(400, "invalid-parameter", "A parameter is wrong", errors=errors)


_ENTRIES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Entries, newest first; `next` is the `after` of the next page, or null",
        "content": {"application/json": {"example": {"entries": [_ENTRY], "next": 814}}},
    },
    400: documented("A parameter is ill-formed", _wrong("day", "a day reads 2026-11-01")),
}
_DAYS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The days, newest first", "content": {"application/json": {"example": [_DAY]}}}
}


@router.get("", responses=_ENTRIES)
def entries(
    request: Request,
    actor: Acting,
    own: ActingPartner,
    after: Annotated[int | None, Query(ge=1, le=2**53 - 1, description="only older than the entry of this id")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="so many at most")] = 100,
    day: Annotated[str | None, Query(description="only of this UTC day", examples=["2026-11-01"])] = None,
    partner: Annotated[str | None, Query(description="only of this organisation, by its DID")] = None,
) -> dict[str, Any]:
    """What was changed, when and by whom: `manage` reads what concerns its own organisation, `administer` all.

    An entry's RFC 8785 bytes, as shown, are a leaf of its day's tree (RFC 6962, in the order of ids).
    """
    if "administer" not in actor.rights:
        if partner not in (None, own.did):
            require(actor, "administer")
        partner = own.did
    if day is not None and not audit.is_day(day):
        raise _wrong("day", "a day reads 2026-11-01")
    if "\0" in (partner or ""):  # PostgreSQL refuses it even in a question
        raise _wrong("partner", "no DID")
    with reading(request.app.state.engine) as connection:
        rows, more = audit.page(connection, partner, day, after, limit)
    return {"entries": [audit.as_json(row) for row in rows], "next": more}


@router.get("/days", responses=_DAYS)
def days(request: Request) -> list[dict[str, Any]]:
    """The log's days, newest first: how many entries each has, its Merkle root and the event that states it.

    Both are null until the day is sealed. Nothing is added to a sealed day.
    """
    with reading(request.app.state.engine) as connection:
        return audit.days(connection, _MOST_DAYS)
