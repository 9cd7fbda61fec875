"""OpenAPI examples of milestones, sites, posting rules and documents."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.events.milestones.errors import error
from chain_service.events.milestones.steps import STEPS as WORDS

Responses = dict[int | str, dict[str, Any]]

ITEM = "https://id.gs1.org/01/09521234543213/21/A1"
EVENT_ID = "urn:uuid:6b0fd2a2-8d3c-8a91-9c0e-5f4d3c2b1a09"
DOCUMENT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_PLACE = "https://id.gs1.org/414/9521321000018"
MILESTONE: dict[str, Any] = {
    "items": ["(01)09521234543213(21)A1"],
    "step": "arrived",
    "place": "9521321000018",
    "time": "2026-11-25T08:00:00+08:00",
    "measurements": [{"type": "Temperature", "value": 4.2, "uom": "CEL"}],
    "documents": [{"name": "CMR 4711", "sha256": DOCUMENT}],
    "note": "Seal intact",
    "expected": {"step": "delivered", "by": "2026-11-27T18:00:00+08:00"},
}
_PROMISE = {
    "operator": "0x9c39314ac326f2b1732c8d14f347a268de943850",
    "statements": ["0x5f31c1257474873a115733224c5b4da4deeb3c884afd9468ee07c5cf7775887c"],
    "sealBy": 1793496600,
    "signature": "0x882f805d…1b",
}
_EVENT = {
    "@context": [
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        {"cs": "https://ns.chain-service.example/terms/"},
    ],
    "type": "ObjectEvent",
    "eventID": EVENT_ID,
    "eventTime": "2026-11-25T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "OBSERVE",
    "bizStep": "arriving",
    "cs:milestone": "arrived",
    "disposition": "in_progress",
    "epcList": [ITEM],
    "readPoint": {"id": _PLACE},
    "bizLocation": {"id": _PLACE},
}


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


def _problem(description: str, status: int, kind: str, title: str, *errors: dict[str, Any]) -> dict[str, Any]:
    detail = str(errors[0]["detail"]) if errors else ""
    return documented(description, Problem(status, kind, title, detail, errors))


_UNKNOWN = error("/items/0", "unknown-item", f"nobody knows {ITEM} here", item=ITEM)
_TWICE = error("", "already-posted", f"Your organisation posted this within 15 minutes: {EVENT_ID}.", eventID=EVENT_ID)
_BAD_JSON = _problem("Not JSON", 400, "not-json", "The body is not the JSON that is due")
_NO_JSON = _problem("Not sent as JSON", 415, "unsupported-media-type", "The body is not JSON")
_WRONG: Responses = {
    400: _BAD_JSON,
    413: _problem("Too large", 413, "too-large", "The request is too large"),
    415: _NO_JSON,
    422: _problem(
        "Something is wrong with it; each error has a `code`", 422, "unknown-item", "Nobody knows this item", _UNKNOWN
    ),
}
STEPS: Responses = {200: _json("The words", {"steps": [WORDS["arrived"].as_json()]})}
POSTED: Responses = {
    202: _json("Stored and signed", {"eventIDs": [EVENT_ID], "promise": _PROMISE, "warnings": []}),
    409: _problem("The same was posted within 15 minutes", 409, "already-posted", "This was posted already", _TWICE),
    **_WRONG,
}
PREPARED: Responses = {200: _json("What to sign", {"events": [_EVENT], "warnings": []}), **_WRONG}
_DECLARED = error("", "already-declared", "This event is declared wrong already.", eventID=EVENT_ID, correctedBy=[])
CORRECTED: Responses = {
    202: _json(
        "Both are stored and signed",
        {
            "declared": EVENT_ID,
            "eventIDs": ["urn:uuid:1d0e9f6a-3c55-4a2b-b7d1-0a9b8c7d6e5f"],
            "promise": _PROMISE,
            "warnings": [],
        },
    ),
    404: _problem("Your organisation stated no such event", 404, "no-such-event", "No such event of yours"),
    409: _problem("It is declared wrong already", 409, "already-declared", "Nothing was stored", _DECLARED),
    **_WRONG,
}
LISTED: Responses = {
    200: _json(
        "A page; `next` is null on the last one",
        {
            "milestones": [
                {
                    "eventID": EVENT_ID,
                    "step": "arrived",
                    "items": [ITEM],
                    "itemCount": 1,
                    "place": _PLACE,
                    "time": "2026-11-25T08:00:00+08:00",
                    "recordedAt": "2026-11-25T00:00:03.120Z",
                    "note": "Seal intact",
                    "site": "Gate 4",
                    "sealed": True,
                    "declared": None,
                }
            ],
            "next": None,
        },
    )
}
_NO_DOCUMENT = _problem("There is none that you may see", 404, "no-such-document", "No such document")
DOCUMENT_PUT: Responses = {
    201: {"description": "Kept"},
    204: {"description": "It was there already"},
    413: _problem(
        "Larger than 10 MB, or no room is left", 413, "documents-full", "There is no room for more documents"
    ),
    422: _problem("Other bytes", 422, "digest-mismatch", "This is not the document of that name"),
}
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "%PDF-1.7 …"}}
DOCUMENT_READ: Responses = {200: {"description": "Its bytes", "content": _BYTES}, 404: _NO_DOCUMENT}
DOCUMENT_GONE: Responses = {204: {"description": "Erased"}, 404: _NO_DOCUMENT}
DOCUMENT_BODY = {"requestBody": {"required": True, "content": _BYTES}}


def _body(example: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


BODY = _body(MILESTONE)
CORRECTION_BODY = _body({"reason": "incorrect_data", "milestone": {**MILESTONE, "step": "received"}})
