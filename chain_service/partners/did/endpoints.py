"""The DID documents of this service's operator and of the partners it knows, where their DIDs lead and under /v1.

The keys stand in PartnerRegistry; a document is made from them whenever it is asked for.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlsplit

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy import select
from starlette.datastructures import State

from chain_service.chain.client import ChainError
from chain_service.db import reading
from chain_service.errors import Problem
from chain_service.kit import canonical
from chain_service.partners.did import examples
from chain_service.partners.did.document import Key, document
from chain_service.partners.models import Partner
from chain_service.partners.registry.registered_keys import RegisteredKeys, Registry

router = APIRouter(tags=["Partners"])
JSON, JSON_LD = "application/did+json", "application/did+ld+json"
_SECONDS_FRESH = 60
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@router.get("/.well-known/did.json", response_class=Response, responses=examples.DOCUMENT)
def operators_document(request: Request) -> Response:
    """The DID document of the operator of this service, with its passports as a service of it."""
    settings = request.app.state.settings
    if not settings.operator:
        raise _no_such_partner("This service names no operator.")
    service = {
        "id": f"{settings.operator}#passports",
        "type": "LinkedDomains",
        "serviceEndpoint": settings.public_url,
    }
    return _answer(request, settings.operator, [service])


@router.get("/v1/partners/{did}/did.json", response_class=Response, responses=examples.DOCUMENT)
def partners_document(
    request: Request,
    _did: Annotated[str, Path(alias="did", description="percent-encoded", examples=["did:web:dairy.example"])],
) -> Response:
    """The DID document of a partner, made from its keys in PartnerRegistry: those that are good now.

    What the partner's own domain says of itself stands at the address that its DID leads to.
    """
    return _answer(request, _admitted(request, unquote(_segment(request, "/v1/partners/"))))


@router.get("/partners/{name}/did.json", response_class=Response, responses=examples.DOCUMENT)
def hosted_document(
    request: Request,
    _name: Annotated[str, Path(alias="name", description="the last part of the DID", examples=["dairy"])],
) -> Response:
    """The DID document of a partner without a domain, whose DID leads here: did:web:<our host>:partners:<name>."""
    host = quote(urlsplit(request.app.state.settings.public_url).netloc.lower(), safe="")
    return _answer(request, _admitted(request, f"did:web:{host}:partners:{_segment(request, '/partners/')}"))


def _segment(request: Request, prefix: str) -> str:
    """The path between the prefix and /did.json, as it was sent: servers decode `path`, some of them twice."""
    raw = request.scope["raw_path"].decode("ascii", "replace")
    return str(raw).removeprefix(prefix).removesuffix("/did.json")


def _admitted(request: Request, did: str) -> str:
    """The DID, if it is a partner's here. Raises Problem 404."""
    with reading(request.app.state.engine) as connection:
        # PostgreSQL refuses a zero character even in a question.
        if "\0" in did or connection.execute(select(Partner.did).where(Partner.did == did)).scalar() is None:
            raise _no_such_partner(f"No partner with the DID {did[:255]} is known here.")
    return did


def _no_such_partner(detail: str) -> Problem:
    return Problem(404, "no-such-partner", "No such partner", detail)


def _answer(request: Request, did: str, services: Sequence[dict[str, Any]] = ()) -> Response:
    made = document(did, _keys(request.app.state, did), request.app.state.network.chainId, services)
    headers = {"Cache-Control": f"public, max-age={_SECONDS_FRESH}", "Vary": "Accept"}
    return Response(canonical.dumps(made), 200, headers, media_type(request.headers.get("accept", "")))


def _keys(state: State, did: str) -> Sequence[Key]:
    """The keys of a DID, a minute old at most, an hour where the chain can't be read. Raises Problem 503."""
    kept: RegisteredKeys = state.registered_keys
    registry: Registry = state.registry

    def ask() -> Sequence[Key]:
        state.chain.check()  # another chain would say that there are no keys
        return registry.keys_of(did)

    try:
        return kept.of(did, ask)
    except ChainError:
        detail = "The keys of a DID document stand on the chain, which can't be read now."
        raise Problem(
            503, "chain-unreachable", "The keys can't be read now", detail, headers={"Retry-After": "10"}
        ) from None


def media_type(accept: str) -> str:
    """The representation that an Accept header asks for: plain JSON, or JSON-LD where it is named and no worse."""
    qualities = {}
    for entry in accept.lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        qualities[name] = float(quality) if _QUALITY.fullmatch(quality) else 0.0
    linked = max(qualities.get(JSON_LD, 0), qualities.get("application/ld+json", 0))
    return JSON_LD if linked > 0 and linked >= qualities.get(JSON, 0) else JSON
