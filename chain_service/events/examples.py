"""OpenAPI examples of this room."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]

EVENT: dict[str, Any] = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    "type": "ObjectEvent",
    "eventID": "urn:uuid:2a6e1c1e-1111-4222-8333-444455556666",
    "eventTime": "2026-11-01T08:30:00.000+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/01/09521234543213/21/A1"],
    "action": "OBSERVE",
    "bizStep": "shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "https://id.gs1.org/414/9521321000018"},
}
_BARE = {name: value for name, value in EVENT.items() if name != "@context"}
DOCUMENT: dict[str, Any] = {
    "@context": EVENT["@context"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-11-01T08:31:00.000+08:00",
    "epcisBody": {"eventList": [_BARE]},
}
_PROMISE = {
    "operator": "0x9c39314ac326f2b1732c8d14f347a268de943850",
    "statements": ["0x5f31c1257474873a115733224c5b4da4deeb3c884afd9468ee07c5cf7775887c"],
    "sealBy": 1793496600,
    "signature": "0x882f805d…1b",
}
_JOB = {
    "captureID": "7c9f4b0e-2f0a-4a53-9f6e-3c1a9f0c2b11",
    "createdAt": "2026-11-01T00:31:02.114Z",
    "finishedAt": "2026-11-01T00:31:02.160Z",
    "running": False,
    "success": True,
    "captureErrorBehaviour": "rollback",
    "errors": [],
    "promise": _PROMISE,
}
_REFUSED = {
    "type": "epcisException:ValidationException",
    "title": "Validation exception",
    "status": 400,
    "detail": "1 thing is wrong; nothing was stored.",
    "errors": [
        {
            "pointer": "/epcisBody/eventList/0/bizStep",
            "detail": "'shiping' is no business step of the CBV; a step of another vocabulary is a full URI",
        }
    ],
}


def _json(description: str, example: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"example": example}}}


def _problem(description: str, example: Any = None) -> dict[str, Any]:
    return _json(description, example or _REFUSED, "application/problem+json")


_WRITING: Responses = {
    400: _problem("Not the JSON or the EPCIS that is due; every error with its place"),
    401: {"description": "No token, or not a good one"},
    413: {"description": "Larger than this service takes"},
    415: {"description": "Neither application/ld+json nor application/json"},
}
CAPTURE: Responses = {202: {"description": "Accepted; the job is at the address in `Location`"}, **_WRITING}
JOB: Responses = {200: _json("The job", _JOB), 404: {"description": "No such job"}}
JOBS: Responses = {200: _json("The jobs, newest first; `Link` names the next page", [_JOB])}
EVENT_CREATED: Responses = {
    201: _json("Stored and signed", {"eventID": EVENT["eventID"], "promise": _PROMISE}),
    409: {"description": "An event with this eventID is captured already and its content is another"},
    **_WRITING,
}
EVENT_RESPONSE = {**EVENT, "recordTime": "2026-11-01T00:31:02.150Z"}
EVENTS: Responses = {
    200: _json("A page of events; `Link` names the next", {"type": "EPCISQueryDocument"}, "application/ld+json"),
    400: {"description": "A parameter is unknown or ill-formed"},
}
ONE_EVENT: Responses = {
    200: _json("The event", EVENT_RESPONSE, "application/ld+json"),
    404: {"description": "No such event"},
}
DOCUMENT_BODY = {"requestBody": {"required": True, "content": {"application/ld+json": {"example": DOCUMENT}}}}
EVENT_BODY = {"requestBody": {"required": True, "content": {"application/ld+json": {"example": EVENT}}}}


def parameters(names: list[str]) -> dict[str, Any]:
    """The query's parameters, as OpenAPI lists them."""
    samples = {
        "eventType": "ObjectEvent",
        "EQ_bizStep": "shipping",
        "MATCH_epc": "https://id.gs1.org/01/09521234543213/21/A1",
        "GE_eventTime": "2026-11-01T00:00:00Z",
        "perPage": "30",
    }
    listed = [
        {
            "name": name,
            "in": "query",
            "schema": {"type": "string"},
            **({"example": samples[name]} if name in samples else {}),
        }
        for name in names
    ]
    return {"parameters": listed}
