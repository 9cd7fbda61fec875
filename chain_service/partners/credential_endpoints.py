"""Credentials of an organisation's systems, under /v1/credentials: listed, issued and revoked by who manages it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chain_service.db import reading, writing
from chain_service.errors import Problem, documented
from chain_service.kit import clock
from chain_service.partners import credentials
from chain_service.partners.access import Acting, ActingPartner, right_missing
from chain_service.partners.actors import in_order
from chain_service.partners.people.forms import sent

router = APIRouter(prefix="/v1/credentials", tags=["Credentials"])
_MOST_BYTES = 16 * 1024
_NAME = r"^[^\x00-\x1f\x7f]*$"  # no control characters


class Asked(BaseModel):
    """A credential as it is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=_NAME)]
    rights: Annotated[list[Literal["state", "describe", "read", "manage", "administer"]], Field(min_length=1)]
    expiresInDays: Annotated[int, Field(ge=1, le=credentials.MOST_DAYS)] = credentials.DAYS


_ASKED = {"name": "Warehouse scanner", "rights": ["state", "read"], "expiresInDays": 365}
_LISTED = {  # a null would not be shown: FastAPI leaves it out of examples
    "id": "k7vqj2mzpd",
    "name": "Warehouse scanner",
    "rights": ["state", "read"],
    "createdAt": "2026-11-01T00:31:02.114Z",
    "createdBy": "b3d9c2f0-6a57-4d0f-9a3e-0c1d2e3f4a5b",
    "expiresAt": "2027-11-01T00:31:02.114Z",
    "revokedAt": "2026-12-24T17:00:00.000Z",
    "lastUsedAt": "2026-11-02T08:14:45.003Z",
}
_ISSUED = {
    "id": "k7vqj2mzpd",
    "token": "cs_k7vqj2mzpd_kUuV…",
    "name": "Warehouse scanner",
    "rights": ["state", "read"],
    "expiresAt": "2027-11-01T00:31:02.114Z",
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"example": _ASKED}}}}
_UNKNOWN = Problem(404, "no-such-credential", "No such credential", "Your organisation has no credential of this id.")
_LIST = {
    200: {"description": "The credentials", "content": {"application/json": {"example": {"credentials": [_LISTED]}}}}
}
_NEW: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "Issued; the token is shown this once",
        "content": {"application/json": {"example": _ISSUED}},
    },
    400: documented("Not JSON", Problem(400, "not-json", "The body is not the JSON that is due")),
    403: documented("You lack a right that you would grant", right_missing("describe")),
    422: documented(
        "A member is missing, unknown or ill-formed", Problem(422, "invalid-body", "The body is not what is due")
    ),
}
_GONE: dict[int | str, dict[str, Any]] = {
    204: {"description": "It opens nothing any more"},
    404: documented("Not one of your organisation's", _UNKNOWN),
}


@router.get("", responses=_LIST)  # type: ignore[arg-type]
def listed(request: Request, partner: ActingPartner) -> dict[str, Any]:
    """The credentials of your organisation, newest first, also those that expired or were revoked; never a token."""
    with reading(request.app.state.engine) as connection:
        return {"credentials": credentials.listed(connection, partner.did)}


@router.post("", status_code=201, responses=_NEW, openapi_extra=_BODY)
def issue(
    request: Request, actor: Acting, partner: ActingPartner, asked: Annotated[Asked, Depends(sent(Asked, _MOST_BYTES))]
) -> Response:
    """Issue a credential for a system of your organisation; its token is shown this once.

    Nobody grants a right that they lack. It ends by itself after `expiresInDays`: 365 where not given, at most 730.
    """
    lacking = [right for right in in_order(asked.rights) if right not in actor.rights]
    if lacking:
        raise right_missing(lacking[0])
    with writing(request.app.state.engine) as connection:
        new = credentials.issue(connection, partner.did, asked.name, asked.rights, actor, asked.expiresInDays)
    shown = {"name": asked.name, "rights": in_order(asked.rights), "expiresAt": clock.iso(new.expires_at)}
    return JSONResponse({"id": new.id, "token": new.token, **shown}, 201, {"Cache-Control": "no-store"})


@router.delete("/{credential_id}", status_code=204, response_class=Response, responses=_GONE)
def revoke(
    request: Request,
    credential_id: Annotated[str, Path(description="the part of the token after cs_", examples=["k7vqj2mzpd"])],
    actor: Acting,
    partner: ActingPartner,
) -> Response:
    """Revoke a credential: its token is refused from now on. The same again changes nothing."""
    with writing(request.app.state.engine) as connection:
        if "\0" in credential_id or not credentials.revoke(connection, partner.did, credential_id, actor):
            raise _UNKNOWN
    return Response(status_code=204)
