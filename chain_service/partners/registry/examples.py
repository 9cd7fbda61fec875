"""OpenAPI examples of the registry's addresses."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.partners.service import no_token

Responses = dict[int | str, dict[str, Any]]
_DID = "did:web:dairy.example"
_KEY = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
_ADMIN = "0x9c39314ac326f2b1732c8d14f347a268de943850"
_CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
_TRANSACTION = "0x5f31c1257474873a115733224c5b4da4deeb3c884afd9468ee07c5cf7775887c"
_ONE = {"did": _DID, "name": {"en": "Blue Dairy"}, "roles": ["producer"], "suspended": False, "admitted": True}


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


_AWAY = documented(
    "The chain, or the key, can't be used now", Problem(503, "chain-unreachable", "The chain can't be asked now")
)
_GUARDED: Responses = {
    401: documented("No token or session, or not a good one", no_token()),
    403: documented("The right is missing", Problem(403, "right-missing", "You lack the right to do this")),
    503: _AWAY,
}
_UNKNOWN = documented("The registry holds no such partner", Problem(404, "no-such-partner", "No such partner"))
_INVALID = documented(
    "An argument is missing, unknown or malformed; `errors` name it",
    Problem(
        422, "invalid-body", "The body is not what is due", errors=[{"pointer": "/key", "detail": "key is missing"}]
    ),
)
_LISTED = {**_ONE, "keys": {"good": 1, "all": 2}}
PARTNERS: Responses = {200: _json("Every partner", {"partners": [_LISTED]}), 503: _AWAY}
PARTNER: Responses = {
    200: _json(
        "The partner, its keys and history",
        {
            **_ONE,
            "keys": [
                {
                    "address": _KEY,
                    "custody": "partner",
                    "validFrom": 1793493000,
                    "validTo": 1825029000,
                    "status": "good",
                    "operator": False,
                }
            ],
            "history": [
                {
                    "name": "PartnerAdmitted",
                    "arguments": {"did": _DID, "roles": 2},
                    "block": 12,
                    "time": 1793493000,
                    "transaction": _TRANSACTION,
                }
            ],
        },
    ),
    404: _UNKNOWN,
    503: _AWAY,
}
REGISTRY: Responses = {
    200: _json(
        "Who holds the powers",
        {
            "administration": {"admin": _ADMIN, "guardian": _KEY},
            "operatorHoldsAdminKey": True,
            "network": "demo-3f9a0c1d2e4b5a69",
            "chainId": 31337,
            "contract": _CONTRACT,
        },
    ),
    **_GUARDED,
}
PLAN_BODY = {"action": "setRoles", "did": _DID, "roles": ["producer", "brand"]}
PLAN: Responses = {
    200: _json(
        "What it would do",
        {
            "action": "setRoles",
            "steps": [
                {
                    "function": "setRoles(bytes32,uint32)",
                    "to": _CONTRACT,
                    "data": "0xa5a5…",
                    "from": _ADMIN,
                    "says": {"en": f"Sets all roles of {_DID} …", "zh": f"将 {_DID} 的全部角色设为 …"},
                    "gas": 61000,
                }
            ],
            "checks": [],
            "canSendHere": True,
        },
    ),
    **_GUARDED,
    422: _INVALID,
}
SENT: Responses = {
    200: _json("Mined and noted", {"transactions": [_TRANSACTION], "partner": _DID}),
    **_GUARDED,
    409: documented(
        "The contract refuses, or this service holds no administrator's key",
        Problem(409, "refused-by-contract", "The registry refuses", f"PartnerRegistry_NotAdmin({_KEY})"),
    ),
    422: _INVALID,
}
SYNCED: Responses = {200: _json("Followed", {"changed": [_DID]}), **_GUARDED, 404: _UNKNOWN, 422: _INVALID}
