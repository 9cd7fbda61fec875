"""OpenAPI examples of this room."""

from typing import Any

from chain_service.errors import Problem, documented, epcis
from chain_service.events.examples import EVENT
from chain_service.partners.service import no_token

Responses = dict[int | str, dict[str, Any]]

_SALT = "0x2b0c1e5f7a9d4c3b8e6f1a2d5c7b9e0f3a4d6c8b1e2f5a7d9c0b3e6f8a1d4c7b"
_STATEMENT = {
    "eventDigest": "0xf3a1d0a87a4f6b0e1b7d7e5d0cdf3a7e0b3c1c2a9d8e7f6a5b4c3d2e1f0a9b8c",
    "subjects": "0x7c1d9ce0b7a6f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c",
    "step": "https://ref.gs1.org/cbv/BizStep-shipping",
    "disposition": "https://ref.gs1.org/cbv/Disp-in_transit",
    "place": "https://id.gs1.org/414/9521321000018",
    "eventTime": 1793493000000,
    "flags": 0,
}
_DIGEST = "0x5f31c1257474873a115733224c5b4da4deeb3c884afd9468ee07c5cf7775887c"


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


def _body(example: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"example": example}}}}


PREPARE_BODY = _body({"event": EVENT})
STATE_BODY = _body({"event": EVENT, "salt": _SALT, "statement": _STATEMENT, "signature": "0x882f805d…1b"})
_WRITING: Responses = {
    400: documented(
        "Not the JSON or the EPCIS that is due; every error with its place",
        epcis(400, "ValidationException", "The event is not valid."),
    ),
    401: documented("No token, or not a good one", no_token()),
    413: documented("Larger than this service takes", Problem(413, "too-large", "Send fewer statements at a time")),
    415: documented("Not application/json", Problem(415, "unsupported-media-type", "Send application/json")),
}
PREPARED: Responses = {
    200: _json(
        "What to sign",
        {
            "event": EVENT,
            "salt": _SALT,
            "statement": _STATEMENT,
            "digest": _DIGEST,
            "typedData": {"primaryType": "Statement", "types": {}, "domain": {}, "message": _STATEMENT},
        },
    ),
    422: documented(
        "A member is missing, unknown or ill-formed", Problem(422, "invalid-body", "The body is not what is due")
    ),
    **_WRITING,
}
STATED: Responses = {
    202: _json(
        "Stored; receipts follow within seconds",
        {
            "eventIDs": [EVENT["eventID"]],
            "promise": {
                "operator": "0x9c39314ac326f2b1732c8d14f347a268de943850",
                "statements": [_DIGEST],
                "sealBy": 1793496600,
                "signature": "0x882f805d…1b",
            },
        },
    ),
    **_WRITING,
    403: documented(
        "The key is unknown, another partner's or not good now, or its roles do not allow the step",
        Problem(403, "role-may-not-state", "The key's roles do not allow this step", "Nothing was stored."),
    ),
    409: documented("An eventID is taken by another content", Problem(409, "conflict", "Nothing was stored")),
    422: documented(
        "The statement does not follow from the event, or the signature is ill-formed",
        Problem(422, "invalid-statement", "The statement is not that of the event", "Nothing was stored."),
    ),
    503: documented("The key can't be checked now", Problem(503, "no-key", "Nothing can be promised now")),
}
_NO_EVENT = documented(
    "Your organisation stated no such event",
    Problem(404, "no-such-event", "No such event of yours", "Your organisation stated no event of this eventID here."),
)
NARROWED: Responses = {
    200: _json("Who may see it now", {"eventID": EVENT["eventID"], "visibility": "partners"}),
    401: documented("No token, or not a good one", no_token()),
    404: _NO_EVENT,
}
ERASED: Responses = {
    204: {"description": "Erased"},
    401: documented("No token, or not a good one", no_token()),
    404: _NO_EVENT,
}
