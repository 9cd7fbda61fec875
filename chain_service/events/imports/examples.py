"""OpenAPI examples of imports."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.partners.service import no_token

Responses = dict[int | str, dict[str, Any]]

_ID = "3f0f6c1e-8a1f-4a52-9a0e-4b1de1d0c9a1"
_CSV = "Item,Step,Place,Time,Temperature (CEL)\n(00)395211010000000018,arrived,Gate 4,2026-11-25 14:30,4.2\n"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LISTED = {
    "id": _ID,
    "kind": "milestones",
    "name": "gate 4.xlsx",
    "state": "ready",
    "zone": "Asia/Shanghai",
    "rows": 1000,
    "wrong": 7,
    "posted": 0,
    "refused": 0,
    "createdAt": "2026-11-25T06:31:00.000Z",
    "startedAt": None,
    "finishedAt": None,
    "problem": None,
}
_ROW = {
    "row": 2,
    "status": "right",
    "items": ["(00)395211010000000018"],
    "step": "arrived",
    "place": "Gate 4",
    "time": "2026-11-25T14:30:00+08:00",
}
_WHOLE = {**_LISTED, "preview": [_ROW], "ignored": ["Driver"], "codes": {"ambiguous-date": 7}, "sameAs": None}
_ERROR = {
    "row": 12,
    "column": "Time",
    "cell": "D12",
    "code": "ambiguous-date",
    "detail": "03/04/2026 can be read in two ways. Write 2026-04-03 for 3 April 2026.",
    "values": {"text": "03/04/2026"},
}


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


_KNOWN: Responses = {
    401: documented("No token, or not a good one", no_token()),
    403: documented(
        "The right of this kind is missing", Problem(403, "right-missing", "You lack the right to do this")
    ),
}
_OWN: Responses = {
    **_KNOWN,
    404: documented("No such import of your organisation", Problem(404, "unknown-import", "There is no such import")),
}
UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string"}, "example": _CSV} for media in ("text/csv", _XLSX)},
    }
}
POST_BODY = {"requestBody": {"content": {"application/json": {"example": {"which": "right"}}}}}
UPLOADED: Responses = {
    202: _json("Kept, and being read", {"id": _ID, "sameAs": None}),
    400: documented("A parameter is wrong", Problem(400, "invalid-parameter", "A parameter is wrong")),
    409: documented(
        "This service holds no key of your organisation",
        Problem(409, "no-key-in-custody", "Your organisation signs itself"),
    ),
    413: documented("Larger than this service takes", Problem(413, "too-large", "The request is too large")),
    **_KNOWN,
}
LIST: Responses = {200: _json("The newest imports", {"imports": [_LISTED]}), **_KNOWN}
ONE: Responses = {200: _json("The import", _WHOLE), **_OWN}
ERRORS: Responses = {200: _json("What is wrong", {"errors": [_ERROR], "next": None}), **_OWN}
POSTED: Responses = {
    400: documented("No JSON", Problem(400, "not-json", "The body is not the JSON that is due")),
    422: documented("JSON, but not what is due", Problem(422, "invalid-body", "The body is not what is due")),
    202: _json("Being posted", {"id": _ID, "state": "posting"}),
    409: documented(
        "Not read yet, or not to be posted", Problem(409, "rows-are-wrong", "Some rows are wrong", "7 of 1000 rows …")
    ),
    **_OWN,
}
STOPPED: Responses = {
    202: _json("Stopped", {"id": _ID, "state": "stopped"}),
    409: documented("Nothing is being posted", Problem(409, "not-posting", "Nothing is being posted")),
    **_OWN,
}
_FILES = {"text/csv": {"example": _CSV}, _XLSX: {"example": "(a workbook)"}}
RESULT: Responses = {200: {"description": "The rows with their status", "content": _FILES}, **_OWN}
TEMPLATE: Responses = {200: {"description": "The empty file", "content": _FILES}}
DELETED: Responses = {204: {"description": "Deleted"}, **_OWN}
