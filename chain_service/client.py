"""A partner's own client: it signs where it runs, and the key never leaves.

    partner = Partner("https://passports.example", token, "main-3f9a…", open_keystore(path, password))
    event_ids = partner.state(Path("shipping.json").read_bytes())

Salt, statement and signature are made here from the event itself; nothing that the service says is signed.

StatingError            what keeps a document from being stated
├── InvalidDocument     it is no valid EPCIS document; nothing was sent
├── Refused             the service refuses, with its problem document
└── Unreachable         no answer, or none that makes sense: send the same again, what is stored already does no harm
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account

from chain_service.anchoring.statement import from_facts
from chain_service.events.document import Reading, read, read_event
from chain_service.events.service import Stated
from chain_service.kit import canonical
from chain_service.kit.digests import SALT_BYTES, from_hex, sha256, to_hex
from chain_service.kit.eip712 import Signer, promise_digest, recover, statement_digest

MOST = 1000  # statements in one request
MOST_BYTES = 8 * 1024 * 1024
TIMEOUT_SECONDS = 60
_EVERY_ROLE = -1  # which steps a partner may state is the service's to judge, by the chain
_PATH = "/v1/statements"


class StatingError(Exception):
    """What keeps a document from being stated; `errors` holds {"pointer", "detail"} for each place."""

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.errors = list(errors)


class InvalidDocument(StatingError):
    """It is no valid EPCIS document; nothing was sent."""


class Unreachable(StatingError):
    """No answer, or none that makes sense."""


class Refused(StatingError):
    """The service refuses. `problem`: its problem document (RFC 9457); `stored`: eventIDs sent before that stay."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        message = f"{problem.get('title', 'refused')} ({status})"
        detail = problem.get("detail")
        super().__init__(f"{message}: {detail}" if detail else message, problem.get("errors") or ())
        self.status = status
        self.problem = dict(problem)
        self.stored: list[str] = []

    @property
    def kind(self) -> str:
        """The last word of the problem's type, such as unknown-key."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


class Partner:
    """One partner at one service. `network`: the network's name, from the partner's own network file."""

    def __init__(self, url: str, token: str, network: str, signer: Signer, http: httpx.Client | None = None) -> None:
        self._network = network
        self._signer = signer
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._url = "" if http else url.rstrip("/")
        self._http = http or httpx.Client(timeout=TIMEOUT_SECONDS)
        self.promises: list[dict[str, Any]] = []  # keep them: they show it where a seal is withheld

    def state(self, document: bytes, visibility: str = "public") -> list[str]:
        """Signs and sends the events of an EPCISDocument, or one event; returns their eventIDs in order.

        `visibility`: who may see them: public, partners (of the journey) or own (this organisation).

        Large documents go in parts, each stored whole or not at all. Sending the same again does no harm. Raises
        StatingError.
        """
        stated = events_of(document)
        sent: list[str] = []
        for part in _parts([self._signed(event) for event in stated]):
            try:
                sent += self._send(part, visibility)
            except Refused as refused:
                refused.stored = sent
                raise
        if sent != [event.event_id for event in stated]:
            raise Unreachable("the service answered with other eventIDs than were sent")
        return sent

    def bodies(self, document: bytes) -> list[bytes]:
        """The signed statements as state() sends them, for who signs at one place and sends from another."""
        return [_body(part) for part in _parts([self._signed(event) for event in events_of(document)])]

    def _signed(self, event: Stated) -> tuple[bytes, bytes]:
        """What is sent about one event, and its digest."""
        salt = os.urandom(SALT_BYTES)
        statement = from_facts(event.facts, sha256(salt + event.document))
        digest = statement_digest(statement, self._network)
        rest = {
            "salt": to_hex(salt),
            "signature": to_hex(self._signer.sign(digest)),
            "statement": statement.as_json(),
        }
        return b'{"event":' + event.document + b"," + canonical.dumps(rest)[1:], digest

    def _send(self, part: Sequence[tuple[bytes, bytes]], visibility: str) -> list[str]:
        try:
            query = {"visibility": visibility}
            answer = self._http.post(self._url + _PATH, content=_body(part), headers=self._headers, params=query)
        except httpx.HTTPError as error:
            raise Unreachable(f"the service does not answer ({type(error).__name__})") from None
        if answer.status_code == 413 and len(part) > 1:  # it takes less at a time than we send
            half = len(part) // 2
            return self._send(part[:half], visibility) + self._send(part[half:], visibility)
        content = _object(answer)
        if answer.status_code != 202:
            raise Refused(answer.status_code, content)
        if content.get("promise") is not None:
            self._keep(content["promise"], {to_hex(digest) for _, digest in part})
        event_ids = content.get("eventIDs")
        if not isinstance(event_ids, list):
            raise Unreachable("the service's answer names no eventIDs")
        return [str(event_id) for event_id in event_ids]

    def _keep(self, promise: Any, digests: set[str]) -> None:
        """Keeps a promise that is one: about statements of ours, signed by whom it names."""
        try:
            listed = [from_hex(digest, 32) for digest in promise["statements"]]
            digest = promise_digest(listed, promise["sealBy"], self._network)
            by = recover(digest, from_hex(promise["signature"], 65))
            good = by == promise["operator"] and set(promise["statements"]) <= digests
        except (KeyError, TypeError, ValueError, AttributeError):
            good = False
        if not good:
            raise Unreachable("the events are sent, but the promise to seal them is not what its operator signs")
        self.promises.append(promise)


def events_of(document: bytes) -> list[Stated]:
    """The events of an EPCISDocument, or the one event that the bytes are, as stated. Raises InvalidDocument."""
    try:
        content = canonical.parse(document)
        single = isinstance(content, dict) and content.get("type") != "EPCISDocument"
        found: Reading = (read_event if single else read)(document, _EVERY_ROLE)
    except canonical.InvalidJson as error:
        raise InvalidDocument(str(error), [{"pointer": error.place, "detail": error.reason}]) from None
    if found.errors:
        raise InvalidDocument("this is no valid EPCIS document; nothing was sent", found.errors)
    return found.events


def open_keystore(path: Path, password: str) -> Signer:
    """The key in a keystore V3 file. Raises OSError for an unreadable file, ValueError where it does not open."""
    try:
        return Signer(bytes(Account.decrypt(json.loads(path.read_text()), password)))
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no keystore V3 file, or the password is wrong") from None


def network_of(url: str) -> str:
    """The name of the network as the service itself says it: your own network file is the better source."""
    try:
        content = _object(httpx.get(url.rstrip("/") + "/v1/network", timeout=TIMEOUT_SECONDS))
    except httpx.HTTPError as error:
        raise Unreachable(f"the service at {url} does not answer ({type(error).__name__})") from None
    if not isinstance(content.get("network"), str):
        raise Unreachable(f"the service at {url} names no network")
    return str(content["network"])


def _parts(entries: Sequence[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    part: list[tuple[bytes, bytes]] = []
    size = 0
    for entry in entries:
        if part and (len(part) == MOST or size + len(entry[0]) > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(entry)
        size += len(entry[0]) + 1
    if part:
        yield part


def _body(part: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"[" + b",".join(entry for entry, _ in part) + b"]"


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Unreachable(f"the service answered {answer.status_code} and no JSON object")
    return content
