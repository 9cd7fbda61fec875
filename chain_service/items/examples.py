"""OpenAPI examples of this room."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.items.schemas import EXAMPLE, openapi
from chain_service.partners.service import no_token

Responses = dict[int | str, dict[str, Any]]

_REASON = "the check digit of GTIN 09521234543210 is wrong: 3 would be right"
_MALFORMED = documented(
    "The key is malformed; the reason is named",
    Problem(400, "malformed-key", "This is not a GS1 Digital Link", _REASON, [{"detail": _REASON}]),
)
LABEL: Responses = {
    200: {
        "description": "The label",
        "content": {
            "image/svg+xml": {"example": '<svg xmlns="http://www.w3.org/2000/svg" width="16.335mm" …'},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    400: _MALFORMED,
    404: documented("Neither .svg nor .png", Problem(404, "http", "Not found")),
}
DESCRIBED: Responses = {
    201: {"description": "Described for the first time"},
    204: {"description": "Described anew"},
    400: _MALFORMED,
    401: documented("No token, or not a good one", no_token()),
    403: documented("Another partner's item", Problem(403, "not-your-item", "Another partner describes this item")),
    413: documented("Larger than 256 KB", Problem(413, "too-large", "The request is too large")),
    422: documented(
        "JSON, but not a description",
        Problem(
            422,
            "invalid-body",
            "The body is not what is due",
            errors=[{"pointer": "/kind", "detail": "Input should be 'product' or 'place'"}],
        ),
    ),
}
DESCRIPTION: Responses = {
    200: {
        "description": "What its partner says",
        "content": {
            "application/json": {
                "example": {"item": "https://id.gs1.org/01/09521101100105", "partner": "did:web:…", **EXAMPLE}
            }
        },
    },
    400: _MALFORMED,
    404: documented("Nobody described it", Problem(404, "no-description", "Nothing is said of this item")),
}
DESCRIPTION_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": openapi(), "example": EXAMPLE}},
    }
}
