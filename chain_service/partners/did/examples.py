"""OpenAPI examples of DID documents."""

from typing import Any

from chain_service.errors import Problem, documented
from chain_service.partners.did.document import CONTEXT, KEY_TYPE

_DID = "did:web:dairy.example"
_KEY = f"{_DID}#0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
_EXAMPLE = {
    "@context": list(CONTEXT),
    "id": _DID,
    "verificationMethod": [
        {
            "id": _KEY,
            "type": KEY_TYPE,
            "controller": _DID,
            "blockchainAccountId": "eip155:31337:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        }
    ],
    "assertionMethod": [_KEY],
}
_MEDIA_TYPES = ("application/did+json", "application/did+ld+json")
DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The document, with the keys that are good now (W3C Decentralized Identifiers v1.0)",
        "content": {media_type: {"example": _EXAMPLE} for media_type in _MEDIA_TYPES},
    },
    404: documented("No partner here has this DID", Problem(404, "no-such-partner", "No such partner")),
    503: documented(
        "The chain can't be read, and what was read is too old",
        Problem(503, "chain-unreachable", "The keys can't be read now"),
    ),
}
