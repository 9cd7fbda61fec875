"""Labels and master data, under /v1/labels and /v1/items.

A label is made whether or not its item was ever issued, so that nothing is learnt by asking.
"""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError

from chain_service import body
from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.items import examples, service
from chain_service.items.labels import (
    LARGEST_X_MM,
    MEDIA_TYPES,
    SMALLEST_X_MM,
    X_DIMENSION_MM,
    Format,
    InvalidLabel,
    label,
)
from chain_service.items.resolver import item_of
from chain_service.items.schemas import Description
from chain_service.kit.gs1 import InvalidKey
from chain_service.partners.access import ActingPartner
from chain_service.partners.models import Partner

router = APIRouter(prefix="/v1")
_PREFIX = "/v1/labels"
LinkPath = Annotated[str, Path(description="of a GS1 Digital Link, percent-encoded", examples=["01/09521101100105"])]
_SECONDS_FRESH = 3600
_MOST_BYTES = 256 * 1024  # of a description: all languages of all its texts


@router.get("/labels/{digital_link_path:path}", tags=["Labels"], response_class=Response, responses=examples.LABEL)
def read_label(
    request: Request,
    digital_link_path: LinkPath,
    x: Annotated[
        float, Query(ge=SMALLEST_X_MM, le=LARGEST_X_MM, description="width of a module in print, mm")
    ] = X_DIMENSION_MM,
    text: Annotated[bool, Query(description="the keys in digits and letters under the code")] = True,
) -> Response:
    """The label of an item: its Digital Link on this service's public address, for print.

    The path is that of the Digital Link and `.svg` or `.png`, for instance
    `/v1/labels/01/09521234543213/21/A1.svg`. Error correction M, quiet zone of 4 modules.
    """
    # Decoded, a serial number's %2F could not be told from the slash between keys.
    path = request.scope["raw_path"].decode("ascii", "replace").removeprefix(_PREFIX)
    stem, _, fmt = path.rpartition(".")
    if fmt not in MEDIA_TYPES:
        raise Problem(404, "http", "Not found", "A label's address ends in .svg or .png.")
    kind = cast(Format, fmt)
    try:
        data = label(stem, request.app.state.settings.public_url, kind, x_mm=x, text=text)
    except (InvalidKey, InvalidLabel) as error:
        raise Problem(
            400, "malformed-key", "This is not a GS1 Digital Link", str(error), [{"detail": str(error)}]
        ) from None
    headers = {"Cache-Control": f"public, max-age={_SECONDS_FRESH}", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=MEDIA_TYPES[kind], headers=headers)


@router.put(
    "/items/{digital_link_path:path}",
    status_code=204,
    response_class=Response,
    tags=["Items"],
    responses=examples.DESCRIBED,
    openapi_extra=examples.DESCRIPTION_BODY,
)
async def describe(request: Request, digital_link_path: LinkPath, partner: ActingPartner) -> Response:
    """Describe a product, a lot or a place by its Digital Link path, such as `01/09521101100105`.

    The same again changes nothing. Only the partner that described an item first may describe it anew.
    """
    item = item_of(request, "/v1/items")
    said = _description(await body.read(request, _MOST_BYTES))
    return await run_in_threadpool(_describe, request, partner, item.name, said)


def _description(data: bytes) -> Description:
    content = body.parsed(data)
    try:
        return Description.model_validate(content)
    except ValidationError as error:
        raise RequestValidationError([{**found, "loc": ("body", *found["loc"])} for found in error.errors()]) from None


def _describe(request: Request, partner: Partner, name: str, said: Description) -> Response:
    if not service.may_describe(partner.roles, name, said.kind):
        detail = "A product is described by a partner with the role brand or producer; a place by any partner."
        raise Problem(403, "role-may-not-describe", "Your roles do not let you describe a product", detail)
    with writing(request.app.state.engine) as connection:
        new = service.describe(connection, partner.did, name, said)
    return Response(status_code=201 if new else 204)


@router.get("/items/{digital_link_path:path}", tags=["Items"], responses=examples.DESCRIPTION)
def description(request: Request, digital_link_path: LinkPath) -> dict[str, Any]:
    """What its partner says of an item or place; it is not proven."""
    item = item_of(request, "/v1/items")
    with reading(request.app.state.engine) as connection:
        found = service.descriptions(connection, {item.name}).get(item.name)
    if found is None:
        raise Problem(404, "no-description", "Nothing is said of this item", "No partner described it.")
    return {"item": item.name, **found}
