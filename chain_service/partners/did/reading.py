"""Reading a foreign did:web document, before a partner is admitted: what its domain says of its keys.

The host is named by somebody else, so nothing is fetched from our own network, nothing is followed, and nothing is
read for long. The limits hold for every host; those that the operator configured are spared the check of addresses.

DidError                what keeps a document from being read; `kind` is a stable word, such as did-redirects
├── MalformedDid        it is no did:web
├── InternalAddress     its host leads into a network that is not public
├── Redirected          the answer points elsewhere; nothing was followed
├── TooLarge            more than 64 KB; the rest was not read
├── TooSlow             not complete within 5 seconds
├── NotFound            the host answers that there is none
├── Unreachable         the name, the connection, the certificate or the server fails
├── NotADocument        the answer is no DID document in JSON
└── OtherId             the document is another DID's
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from chain_service.kit import canonical
from chain_service.partners.did.document import addresses_in, did_web_url, split
from chain_service.partners.did.errors import (
    InternalAddress,
    NotADocument,
    NotFound,
    OtherId,
    Redirected,
    TooLarge,
    TooSlow,
    Unreachable,
)
from chain_service.partners.did.public_addresses import addresses_of, is_public

MOST_BYTES = 64 * 1024
SECONDS = 5.0  # for everything: the name, the connection, the answer
CONNECT_SECONDS = 2.0  # for one of a host's addresses, before the next is tried
_HEADERS = {
    "Accept": "application/did+json, application/did+ld+json, application/json;q=0.9",
    "Accept-Encoding": "identity",
    "User-Agent": "chain-service",
}
_MEDIA_TYPES = ("application/json", "application/did")  # and all that end in +json
Resolve = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A foreign document. `url`: where its method says it is; `addresses`: the secp256k1 keys it lists (0x, lower)."""

    did: str
    url: str
    document: dict[str, Any]
    addresses: list[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """One way to ask for a document: an address to connect to, and the name that it must prove to have."""

    url: str
    headers: Mapping[str, str]
    extensions: dict[str, Any]


def read(
    did: str,
    *,
    overrides: Mapping[str, str],
    resolve: Resolve = addresses_of,
    transport: httpx.AsyncBaseTransport | None = None,
) -> ReadDocument:
    """The document of a did:web, read from its host now; blocks for 5 seconds at most. Raises DidError.

    `overrides`: base URLs by host, as the host is written in the DID (setting CHAIN_SERVICE_DID_HOSTS). `resolve`: all
    addresses of a host, or OSError. `transport`: makes the connections, to the very addresses that were checked;
    httpx's own, with the authorities that browsers trust, unless given.
    """
    host, path = split(did)
    written = did.split(":")[2].lower()
    base = next((url for name, url in overrides.items() if name.lower() == written), None)
    with ThreadPoolExecutor(1) as own:  # the caller's thread may have an event loop running already
        data = own.submit(anyio.run, _read, host, path, base, resolve, transport).result()
    document = _document(data)
    if document.get("id") != did:
        raise OtherId(f"the document at {host} has the id {str(document.get('id'))[:255]!r}, not {did}")
    return ReadDocument(did, did_web_url(did), document, addresses_in(document))


async def _read(
    host: str, path: str, base: str | None, resolve: Resolve, transport: httpx.AsyncBaseTransport | None
) -> bytes:
    try:
        with anyio.fail_after(SECONDS):
            if base is None:
                places = await _checked(host, path, resolve)
            else:
                places = [_Place(base.rstrip("/") + path, {}, {})]
            async with httpx.AsyncClient(
                headers=_HEADERS, trust_env=False, follow_redirects=False, transport=transport
            ) as client:
                return await _first(client, host, places)
    except TimeoutError:
        raise TooSlow(f"{host} did not answer completely within {SECONDS:g} seconds") from None


async def _checked(host: str, path: str, resolve: Resolve) -> list[_Place]:
    """Every address of a public host, to connect to as it was checked: asked again, a name may lead elsewhere."""
    name, _, port = host.partition(":")
    try:
        # A resolver can't be stopped; where it takes too long, its thread is left to end by itself.
        addresses = await anyio.to_thread.run_sync(resolve, name, abandon_on_cancel=True)
    except (OSError, UnicodeError):
        raise Unreachable(f"{name} is unknown to the domain name system") from None
    if not addresses:
        raise Unreachable(f"{name} has no address")
    if not all(is_public(address) for address in addresses):
        raise InternalAddress(
            f"{name} leads to an address that is not public; name it in CHAIN_SERVICE_DID_HOSTS if that is meant"
        )
    end = (f":{port}" if port else "") + path
    return [
        _Place(
            f"https://{f'[{address}]' if ':' in address else address}{end}",
            {"Host": host},
            {"sni_hostname": name},  # the certificate is then checked for this name
        )
        for address in addresses
    ]


async def _first(client: httpx.AsyncClient, host: str, places: Sequence[_Place]) -> bytes:
    """The body from the first place that a connection leads to."""
    reason = ""
    for place in places:
        # The last one may take all the time that is left.
        connect = None if place is places[-1] else CONNECT_SECONDS
        try:
            return await _body(client, host, place, httpx.Timeout(None, connect=connect))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            reason = _reason(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{host} gives no answer that makes sense ({type(error).__name__})") from None
    raise Unreachable(f"{host} {reason}")


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"shows no certificate that is good for this name ({cause.verify_message})"
    return "does not speak TLS as it should" if cause else "can't be connected to"


async def _body(client: httpx.AsyncClient, host: str, place: _Place, timeout: httpx.Timeout) -> bytes:
    request = client.build_request(
        "GET", place.url, headers=place.headers, extensions=place.extensions, timeout=timeout
    )
    response = await client.send(request, stream=True)
    try:
        _check(host, response)
        data = b""
        async for part in response.aiter_raw(4096):
            data += part
            if len(data) > MOST_BYTES:
                raise TooLarge(f"the document at {host} has more than {MOST_BYTES} bytes")
        return data
    finally:
        await response.aclose()


def _check(host: str, response: httpx.Response) -> None:
    status = response.status_code
    if 300 <= status < 400:
        raise Redirected(f"{host} answers with a redirect ({status}); the document has to stand where its DID says")
    if status in (404, 410):
        raise NotFound(f"{host} has no document there ({status})")
    if status >= 400:
        raise Unreachable(f"{host} answers with the status {status}")
    if status != 200:
        raise NotADocument(f"{host} answers with the status {status}")
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > MOST_BYTES:
        raise TooLarge(f"the document at {host} has more than {MOST_BYTES} bytes")
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise NotADocument(f"{host} sends the coding {coding[:40]!r}, which was not asked for")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _MEDIA_TYPES and not (kind.startswith("application/") and kind.endswith("+json")):
        raise NotADocument(f"{host} sends {kind[:80] or 'no media type'!r}, not application/did+json or JSON")


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = canonical.parse(data)
    except canonical.InvalidJson as error:
        raise NotADocument(f"the answer is not the JSON that is read here: {error}") from None
    if not isinstance(document, dict):
        raise NotADocument("the answer is JSON, but no object")
    return document
