"""OpenAPI examples of this room."""

from typing import Any

from chain_service.errors import Problem, documented

Responses = dict[int | str, dict[str, Any]]

_RECEIPT = {
    "type": "chain-service/receipt/1",
    "network": "demo-3f9a1b2c4d5e6f70",
    "event": {"type": "ObjectEvent", "eventID": "urn:uuid:2a6e1c1e-1111-4222-8333-444455556666"},
    "salt": "0x79c4121fc60857dffefc74b999cc85f190ac46c8bcdf728e70fe6cce861e33e6",
    "eventHash": "ni:///sha-256;…?ver=CBV2.0",
    "statement": {
        "eventDigest": "0xbdf65352eb8ee49968cbec84bb547837c4381380787199059315c3008bb4608d",
        "subjects": "0x292b495fc53c5a8134283ccfb1506204ee0a7ddb5aed7d98e7b6cb5817e85299",
        "step": "https://ref.gs1.org/cbv/BizStep-shipping",
        "disposition": "https://ref.gs1.org/cbv/Disp-in_transit",
        "place": "https://id.gs1.org/414/9521321000018",
        "eventTime": 1793493000000,
        "flags": 0,
    },
    "reporter": {"partner": "did:web:…", "address": "0x…", "signature": "0x…", "custody": "operator"},
    "batch": {"operator": "0x…", "number": 0, "first": 0, "count": 1, "root": "0x…"},
    "index": 0,
    "path": [],
    "anchor": {"chainId": 31337, "contract": "0x…", "transaction": "0x…", "block": 12, "sealedAt": 1793493061},
}


def _json(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


_WRONG_DIGIT = "the check digit of GTIN 09521234543210 is wrong: 3 would be right"
RECEIPT: Responses = {
    200: _json("The receipt", _RECEIPT),
    202: _json("Signed, not sealed yet", {**_RECEIPT, "batch": None, "index": None, "path": None, "anchor": None}),
    404: documented("Nothing of this eventID or digest is known", Problem(404, "no-such-receipt", "No such receipt")),
}
PASSPORT: Responses = {
    200: _json(
        "The passport; with `truncated: true` where there are more steps than it shows",
        {
            "type": "chain-service/passport/1",
            "network": "demo-3f9a1b2c4d5e6f70",
            "item": {
                "name": "https://id.gs1.org/01/09521234543213/21/A1",
                "level": "instance",
                "keys": {"01": "09521234543213", "21": "A1"},
            },
            "names": {},
            "partners": {},
            "steps": [{"relation": "self", "of": "https://id.gs1.org/01/09521234543213/21/A1", "receipt": _RECEIPT}],
        },
    ),
    400: documented(
        "Not a GS1 Digital Link; the reason is named",
        Problem(400, "malformed-key", "This is not a GS1 Digital Link", _WRONG_DIGIT, [{"detail": _WRONG_DIGIT}]),
    ),
    404: documented("Never issued", Problem(404, "never-issued", "This code was never issued")),
}
NETWORK: Responses = {
    200: _json(
        "The network",
        {
            "network": "demo-3f9a1b2c4d5e6f70",
            "chainId": 31337,
            "contracts": {"AnchorLog": "0x…", "PartnerRegistry": "0x…"},
            "rpc": ["/rpc"],
            "operator": {"partner": "did:web:…", "name": {"en": "…", "zh": "…"}, "address": "0x…"},
            "members": [],
        },
    )
}
RPC: Responses = {
    200: _json("The node's answer", {"jsonrpc": "2.0", "id": 1, "result": "0x7a69"}),
    400: documented("Not JSON, or not 1 to 50 calls", Problem(400, "not-json", "The request is not JSON")),
    413: documented("Larger than 64 KB", Problem(413, "too-large", "The request is too large")),
    429: documented("Asked too often; `Retry-After` says when again", Problem(429, "too-many-calls", "Too many calls")),
}
_CALL = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
RPC_BODY = {"requestBody": {"required": True, "content": {"application/json": {"example": _CALL}}}}
