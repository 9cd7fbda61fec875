"""An organisation's own sites: the places that its people name when they post."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select

from chain_service.db import reading, writing
from chain_service.errors import Problem, documented
from chain_service.kit import scanned
from chain_service.kit.digests import uuid_of
from chain_service.kit.gs1 import InvalidKey
from chain_service.partners import audit, sites
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.models import Partner
from chain_service.partners.people.forms import Name, documented_body, sent
from chain_service.partners.vault import Vault

router = APIRouter(prefix="/v1/sites", tags=["Sites"])
Responses = dict[int | str, dict[str, Any]]
_City = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
_Id = Annotated[str, Path(pattern=sites.ID, description="your own short word for the site", examples=["gate-4"])]


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


class NewSite(BaseModel):
    """A site: where it has a GLN, events carry that; else its position; else a URI of its own."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    gln: Annotated[str, Field(pattern=r"^[0-9]{13}$", description="13 digits")] | None = None
    geo: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = Field(
        None, description="latitude, longitude in degrees (WGS 84)"
    )
    city: _City | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(None, description="ISO 3166-1")


_NEW_SITE = {"name": "Gate 4", "gln": "9521321000018", "city": "Shanghai", "country": "CN"}
_SITE = {"id": "gate-4", "geo": None, "place": "https://id.gs1.org/414/9521321000018", **_NEW_SITE}
_UNKNOWN = Problem(404, "no-such-site", "Your organisation has no such site")
_LIST: Responses = {200: _json("The sites", {"sites": [_SITE]})}
_PUT: Responses = {
    201: _json("New", _SITE),
    204: {"description": "Replaced"},
    400: documented("Not JSON", Problem(400, "not-json", "The body is not the JSON that is due")),
    415: documented("Not sent as JSON", Problem(415, "unsupported-media-type", "The body is not JSON")),
    422: documented("Not what is due", Problem(422, "invalid-body", "The body is not what is due")),
}
_GONE: Responses = {204: {"description": "Removed"}, 404: documented("There is none", _UNKNOWN)}


@router.get("", responses=_LIST)
def read(request: Request, partner: ActingPartner) -> dict[str, Any]:
    """Your organisation's sites, by name."""
    with reading(request.app.state.engine) as connection:
        return {"sites": [sites.as_json(row) for row in sites.of(connection, partner.did)]}


@router.put(
    "/{site_id}",
    status_code=201,
    responses=_PUT,
    openapi_extra=documented_body(NewSite, _NEW_SITE),
)
def put(
    request: Request,
    actor: Acting,
    partner: ActingPartner,
    site_id: _Id,
    wanted: Annotated[NewSite, Depends(sent(NewSite))],
) -> Response:
    """Enter a site of your organisation (`201`), or replace it (`204`). What was posted keeps the place of then."""
    values = wanted.model_dump()
    values["geo"] = list(wanted.geo) if wanted.geo else None
    values["place"] = _place(request.app.state.vault, partner, site_id, wanted)
    with writing(request.app.state.engine) as connection:
        # Two new sites of one name at once would else both find it free.
        connection.execute(select(Partner.did).where(Partner.did == partner.did).with_for_update(key_share=True))
        try:
            new = sites.put(connection, partner.did, site_id, values)
        except ValueError as error:
            wrong = [{"pointer": "/name", "detail": str(error)}]
            raise Problem(422, "invalid-body", "The body is not what is due", errors=wrong) from None
        audit.record(connection, actor, "site.entered" if new else "site.changed", partner.did, {"site": site_id})
        row = next(row for row in sites.of(connection, partner.did) if row.id == site_id)
    return JSONResponse(sites.as_json(row), 201) if new else Response(status_code=204)


def _place(vault: Vault, partner: Partner, site_id: str, wanted: NewSite) -> str:
    """The canonical name of a site's place. Raises Problem 422 for a GLN whose check digit is wrong."""
    if wanted.gln is not None:
        try:
            return scanned.place(wanted.gln)
        except InvalidKey as error:
            wrong = [{"pointer": "/gln", "detail": error.reason}]
            raise Problem(422, "invalid-body", "The body is not what is due", errors=wrong) from None
    if wanted.geo is not None:
        latitude, longitude = (f"{degrees:.7f}".rstrip("0").rstrip(".") for degrees in wanted.geo)
        return f"geo:{latitude},{longitude}"
    return uuid_of(vault.fingerprint(f"site\n{partner.did}\n{site_id}"))


@router.delete("/{site_id}", status_code=204, response_class=Response, responses=_GONE)
def remove(request: Request, actor: Acting, partner: ActingPartner, site_id: _Id) -> Response:
    """Remove a site. What was posted keeps its place."""
    with writing(request.app.state.engine) as connection:
        if not sites.remove(connection, partner.did, site_id):
            raise _UNKNOWN
        audit.record(connection, actor, "site.removed", partner.did, {"site": site_id})
    return Response(status_code=204)
