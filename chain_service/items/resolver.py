"""The GS1 Digital Link resolver at the root: the passport page, a linkset or a redirect, as the client asks.

Source: GS1-Conformant Resolver Standard 1.1; linkset: RFC 9264.
"""

import re
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
PAGE, DATA, LINKSET = "text/html", "application/json", "application/linkset+json"
_QUALITY = re.compile(r"[01](?:\.\d{0,3})?", re.ASCII)
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
    wanted = preferred(request.headers.get("accept", ""))
    try:
        item = item_of(request)
        if not issued(item.name):
            raise Problem(404, "never-issued", "This code was never issued", "Nothing is known here of this item.")
    except Problem as problem:
        if wanted == PAGE:
            return page(problem.status)
        problem.headers["Vary"] = "Accept"
        raise
    path = item.name.removeprefix("https://id.gs1.org")
    base = request.app.state.settings.public_url.rstrip("/")
    link_type = request.query_params.get("linkType")
    if link_type is not None and _SHORT.get(link_type, link_type) not in ("linkset", PIP, TRACEABILITY, DEFAULT):
        detail = f"There is no link of the type {link_type[:80]} for this item."
        raise Problem(404, "no-such-link", "No such link", detail, headers={"Vary": "Accept"})
    link = f'<{base}{path}?linkType=linkset>; rel="linkset"; type="{LINKSET}"'
    response: Response
    if _SHORT.get(link_type or "") == "linkset" or wanted == LINKSET:
        response = JSONResponse(linkset(item, base), media_type=LINKSET)
    elif wanted == DATA:
        asked = [part for part in request.url.query.split("&") if part and not part.startswith("linkType=")]
        response = RedirectResponse(f"{base}/v1/passports{path}{'?' if asked else ''}{'&'.join(asked)}", 307)
    else:
        response = page(200)
    response.headers["Vary"] = "Accept"
    response.headers["Link"] = link
    return response


def preferred(accept: str) -> str:
    """Which of PAGE, DATA and LINKSET an Accept header prefers; without a preference PAGE (RFC 9110 section 12.5.1)."""
    ranges: dict[str, float] = {}
    for entry in accept.lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        ranges[name] = float(quality) if _QUALITY.fullmatch(quality) else 0.0

    def rank(kind: str) -> tuple[float, int]:
        """Its quality, and how closely it is named: of two that are equally good, the one that was asked for."""
        named = ("*/*", f"{kind.partition('/')[0]}/*", kind)
        found = [(ranges[name], closeness) for closeness, name in enumerate(named) if ranges.get(name)]
        refused = ranges.get(kind) == 0
        return (0.0, 0) if refused or not found else found[-1]

    return max((PAGE, DATA, LINKSET), key=rank)


def linkset(item: Item, base: str) -> dict[str, Any]:
    """The links of an item as an RFC 9264 linkset, with the description that GS1's schema asks for."""
    path = item.name.removeprefix("https://id.gs1.org")
    page = {"href": f"{base}{path}", "type": PAGE, "hreflang": ["en", "zh"], "title": "Passport"}
    data = {"href": f"{base}/v1/passports{path}", "type": DATA, "title": "Passport, as data"}
    description = " ".join(f"({ai}) {value}" for ai, value in item.keys.items())
    links = {DEFAULT: [page], PIP: [page], TRACEABILITY: [page, data]}
    return {"linkset": [{"anchor": f"{base}{path}", "itemDescription": description, **links}]}


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
