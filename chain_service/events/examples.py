"""OpenAPI examples of this room."""

from typing import Any

from chain_service.errors import Problem, documented, epcis
from chain_service.partners.service import no_token

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


def _json(description: str, example: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"example": example}}}


def _invalid(pointer: str, detail: str, kind: str = "ValidationException", status: int = 400) -> Problem:
    errors = [{"pointer": pointer, "detail": detail}]
    return epcis(status, kind, "1 thing is wrong; nothing was stored.", errors)


def _missing(detail: str) -> dict[str, Any]:
    return documented("Not known here", epcis(404, "NoSuchResourceException", detail))


_TYPO = "bizStep: 'shiping' is no business step of the CBV; a step of another vocabulary is a full URI"
_ROLE = "a partner with the roles logistics may not state https://ref.gs1.org/cbv/BizStep-commissioning"
_TAKEN = "an event with this eventID is captured already and its content is another"
_PARAMETER = [{"parameter": "colour", "detail": "there is no parameter colour"}]
_WRITING: Responses = {
    400: documented(
        "Not the JSON or the EPCIS that is due; every error with its place",
        _invalid("/epcisBody/eventList/0/bizStep", _TYPO),
    ),
    401: documented("No token, or not a good one", no_token()),
    403: documented(
        "Nothing is wrong but that the partner's roles do not allow a step",
        _invalid("/epcisBody/eventList/0/bizStep", _ROLE, "SecurityException", 403),
    ),
    413: documented(
        "Larger than this service takes",
        epcis(413, "CaptureLimitExceededException", "A capture has at most 10485760 bytes; split the document."),
    ),
    415: documented(
        "Neither application/ld+json nor application/json",
        epcis(
            415,
            "UnsupportedMediaTypeException",
            "Send application/ld+json or application/json, not application/xml.",
        ),
    ),
}
CAPTURE: Responses = {202: {"description": "Accepted; the job is at the address in `Location`"}, **_WRITING}
JOB: Responses = {200: _json("The job", _JOB), 404: _missing("There is no capture job of this id.")}
JOBS: Responses = {
    200: _json("The jobs, newest first; `Link` names the next page", [_JOB]),
    400: documented("A parameter is ill-formed", epcis(400, "QueryParameterException", "not one of ours", _PARAMETER)),
    401: _WRITING[401],
}
EVENT_CREATED: Responses = {
    201: _json("Stored and signed", {"eventID": EVENT["eventID"], "promise": _PROMISE}),
    **_WRITING,
    409: documented(
        "An event with this eventID is captured already and its content is another",
        Problem(409, "conflict", "The event was not stored", _TAKEN, [{"pointer": "", "detail": _TAKEN}]),
    ),
    503: documented("No signing is possible now", Problem(503, "no-key", "Signing is not possible now")),
}
_EVENT_READ = {**EVENT, "recordTime": "2026-11-01T00:31:02.150Z"}
_QUERY_DOCUMENT = {
    "@context": EVENT["@context"],
    "type": "EPCISQueryDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-11-01T00:35:00.000Z",
    "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": [_EVENT_READ]}}},
}
EVENTS: Responses = {
    200: _json("A page of events; `Link` names the next", _QUERY_DOCUMENT, "application/ld+json"),
    400: documented(
        "A parameter is unknown or ill-formed",
        epcis(400, "QueryParameterException", "there is no parameter colour", _PARAMETER),
    ),
}
ONE_EVENT: Responses = {
    200: _json("The event", _EVENT_READ, "application/ld+json"),
    404: _missing("No event of this eventID is known here."),
}


DISCLOSED = {
    "defaults": {"https://ref.gs1.org/cbv/BizStep-inspecting": "partners", "*": "public"},
    "sharesWith": ["did:web:carrier.example"],
}
DISCLOSURE: Responses = {
    200: _json("What your organisation lets be seen", DISCLOSED),
    401: documented("No token, or not a good one", no_token()),
    422: documented(
        "No step, no such visibility, or no partner", Problem(422, "invalid-body", "The body is not what is due")
    ),
}
_RULE = {"partner": "did:web:carrier.example", "steps": ["https://ref.gs1.org/cbv/BizStep-arriving"]}
POSTING_RULES = {"rules": [_RULE]}
POSTING: Responses = {
    200: _json("The rules; null: whoever has the role", POSTING_RULES),
    401: documented("No token, or not a good one", no_token()),
    422: documented(
        "No step, no partner, or one of them twice", Problem(422, "invalid-body", "The body is not what is due")
    ),
}


def _body(example: Any) -> dict[str, Any]:
    content = {"schema": {"type": "object"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/ld+json": content, "application/json": content}}}


_BEHAVIOUR = {
    "name": "GS1-Capture-Error-Behaviour",
    "in": "header",
    "description": "what one bad event does: `rollback` stores none, `proceed` stores the others",
    "schema": {"type": "string", "enum": ["rollback", "proceed"], "default": "rollback"},
    "example": "proceed",
}
DOCUMENT_BODY = {**_body(DOCUMENT), "parameters": [_BEHAVIOUR]}
EVENT_BODY = _body(EVENT)


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
