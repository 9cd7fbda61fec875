"""The GS1 Digital Link resolver at the root: the passport page, a linkset or a redirect, as the client asks.

Source: GS1-Conformant Resolver Standard 1.1; linkset: RFC 9264.
"""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from chain_service.errors import Problem
from chain_service.kit.digital_link import Item, parse_path
from chain_service.kit.gs1 import KEYS, InvalidKey

PIP = "https://ref.gs1.org/voc/pip"  # product information page
TRACEABILITY = "https://ref.gs1.org/voc/traceability"
DEFAULT = "https://ref.gs1.org/voc/defaultLink"
_SHORT = {
    "gs1:pip": PIP,
    "gs1:traceability": TRACEABILITY,
    "gs1:defaultLink": DEFAULT,
    "linkset": "linkset",
    "all": "linkset",
}


def item_of(request: Request, prefix: str = "") -> Item:
    """What the Digital Link in a request's path names. Raises Problem 400 with the reason.

    The path is read before percent-decoding: decoded, a serial number's %2F could not be told from a separator.
    """
    try:
        return parse_path(request.scope["raw_path"].decode("ascii", "replace").removeprefix(prefix))
    except InvalidKey as error:
        reason = str(error)
        raise Problem(400, "malformed-key", "This is not a GS1 Digital Link", reason, [{"detail": reason}]) from None


def answer(request: Request, issued: Callable[[str], bool], page: Callable[[int], Response]) -> Response:
    """The page for people, the linkset where `Accept` or `linkType` asks for it, a redirect for those who want data.

    `issued` tells whether anything is known of a canonical name; `page` makes the passport page with a status.
    """
    wants_page = "text/html" in request.headers.get("accept", "text/html")
    try:
        item = item_of(request)
    except Problem:
        if wants_page:
            return page(400)
        raise
    if not issued(item.name):
        if wants_page:
            return page(404)
        raise Problem(404, "never-issued", "This code was never issued", "Nothing is known here of this item.")
    path = item.name.removeprefix("https://id.gs1.org")
    base = request.app.state.settings.public_url.rstrip("/")
    link_type = request.query_params.get("linkType")
    accept = request.headers.get("accept", "")
    if _SHORT.get(link_type or "") == "linkset" or "application/linkset+json" in accept:
        return JSONResponse(linkset(item, base), media_type="application/linkset+json")
    if link_type is not None and _SHORT.get(link_type, link_type) not in (PIP, TRACEABILITY, DEFAULT):
        raise Problem(
            404, "no-such-link", "No such link", f"There is no link of the type {link_type[:80]} for this item."
        )
    if not wants_page and "application/json" in accept:
        return RedirectResponse(f"{base}/v1/passports{path}", 307, {"Vary": "Accept"})
    response = page(200)
    response.headers["Link"] = f'<{base}{path}?linkType=linkset>; rel="linkset"; type="application/linkset+json"'
    return response


def linkset(item: Item, base: str) -> dict[str, Any]:
    """The links of an item as an RFC 9264 linkset."""
    path = item.name.removeprefix("https://id.gs1.org")
    page = {"href": f"{base}{path}", "type": "text/html", "hreflang": ["en", "zh"], "title": "Passport"}
    data = {"href": f"{base}/v1/passports{path}", "type": "application/json", "title": "Passport, as data"}
    return {
        "linkset": [
            {"anchor": f"{base}{path}", DEFAULT: [page], PIP: [page], TRACEABILITY: [page, data]},
        ]
    }


def description(base: str) -> dict[str, Any]:
    """The resolver description file at /.well-known/gs1resolver."""
    return {
        "name": "chain-service",
        "resolverRoot": base,
        "supportedPrimaryKeys": sorted(KEYS),
        "linkTypeDefaultCanBeLinkset": False,
        "supportedLinkType": [
            {
                "namespace": "https://ref.gs1.org/voc/",
                "prefix": "gs1:",
                "profile": "https://www.gs1.org/voc/?show=linktypes",
            }
        ],
    }
