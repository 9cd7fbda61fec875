"""Labels and master data, under /v1/labels and /v1/items.

A label is made whether or not its item was ever issued, so that nothing is learnt by asking.
"""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from chain_service.db import reading, writing
from chain_service.errors import MEDIA_TYPE, Problem
from chain_service.items import service
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
from chain_service.partners.models import Partner
from chain_service.partners.service import authenticated

router = APIRouter(prefix="/v1")
_PREFIX = "/v1/labels"
_SECONDS_FRESH = 3600
_EXAMPLE_PROBLEM = {
    "type": "https://ns.chain-service.example/problems/malformed-key",
    "title": "This is not a GS1 Digital Link",
    "status": 400,
    "detail": "the check digit of GTIN 09521234543210 is wrong: 3 would be right",
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The label.",
        "content": {
            "image/svg+xml": {"example": '<svg xmlns="http://www.w3.org/2000/svg" width="16.335mm" …'},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    400: {"description": "The key is malformed.", "content": {MEDIA_TYPE: {"example": _EXAMPLE_PROBLEM}}},
}


@router.get("/labels/{digital_link_path:path}", tags=["Labels"], response_class=Response, responses=_RESPONSES)
def read_label(
    request: Request,
    digital_link_path: str,
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
    tags=["Items"],
    responses={201: {"description": "Described for the first time"}, 403: {"description": "Another partner's item"}},
)
def describe(
    request: Request, description: Description, partner: Annotated[Partner, Depends(authenticated)]
) -> Response:
    """Describe a product, a lot or a place by its Digital Link path, such as `01/09521101100105`.

    The same again changes nothing. Only the partner that described an item first may describe it anew.
    """
    item = item_of(request, "/v1/items")
    with writing(request.app.state.engine) as connection:
        new = service.describe(connection, partner.did, item.name, description)
    return Response(status_code=201 if new else 204)


@router.get("/items/{digital_link_path:path}", tags=["Items"])
def description(request: Request) -> dict[str, Any]:
    """What its partner says of an item or place; it is not proven."""
    item = item_of(request, "/v1/items")
    with reading(request.app.state.engine) as connection:
        found = service.descriptions(connection, {item.name}).get(item.name)
    if found is None:
        raise Problem(404, "no-description", "Nothing is said of this item", "No partner described it.")
    return {"item": item.name, **found}
