"""What the tests of /console/ share: the service behind /v1/statements, and the page with a wallet in its browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from chain_service.anchoring.statement import derive
from chain_service.kit import merkle
from chain_service.kit.digests import from_hex, sha256
from chain_service.kit.eip712 import recover, statement_digest
from tests.pages.ledger import NETWORK, sample_statements
from tests.pages.site import Site
from tests.pages.wallet import INJECTED, Wallet

INSPECTOR = "did:web:tui-laboratories.example"
TOKEN = "a-token-of-these-tests-0123456789"
Open = Callable[..., Page]
Json = dict[str, Any]


class Service:
    """What stands behind /v1/statements: checks each statement as the service does and seals what it accepts."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.received: list[list[Json]] = []
        self.answers: list[tuple[int, Json]] = []  # given instead, one each
        site.stating = self.state
        site.ledger.admit(INSPECTOR, ["inspector"], custody="partner")

    def state(self, authorization: str, statements: list[Json]) -> tuple[int, Json]:
        """The answer to a POST."""
        self.received.append(statements)
        if authorization != f"Bearer {TOKEN}":
            return 401, {"type": "https://ns.chain-service.example/problems/unauthorized", "title": "no"}
        if self.answers:
            return self.answers.pop(0)
        receipts, leaves = [], []
        for given in statements:
            assert set(given) == {"event", "salt", "statement", "signature"}
            statement = derive(given["event"], from_hex(given["salt"], 32))
            assert statement.as_json() == given["statement"]
            digest, signature = statement_digest(statement, NETWORK), from_hex(given["signature"], 65)
            leaves.append(merkle.leaf_hash(digest + signature))
            receipts.append(self._receipt(given, recover(digest, signature), digest))
        self.site.ledger.seal(receipts, leaves)
        for receipt in receipts:
            self.site.receipts[receipt["event"]["eventID"].replace(":", "%3A") + "?"] = receipt
        ids = [given["event"]["eventID"] for given in statements]
        return 202, {"eventIDs": ids, "promise": {"operator": "0x", "sealBy": 1_793_700_300, "statements": []}}

    def _receipt(self, given: Json, address: str, digest: bytes) -> Json:
        event_hash = "ni:///sha-256;" + sha256(digest).hex() + "?ver=CBV2.0"
        reporter = {"partner": INSPECTOR, "address": address, "signature": given["signature"], "custody": "partner"}
        head = {"type": "chain-service/receipt/1", "network": NETWORK, "eventHash": event_hash, "reporter": reporter}
        return head | {name: given[name] for name in ("event", "salt", "statement")}


@pytest.fixture
def service(site: Site) -> Service:
    """The service of a site, which knows the inspector's own key."""
    return Service(site)


@pytest.fixture
def tests_done() -> list[Json]:
    """Three events that the inspector may state."""
    return [event for did, event in sample_statements("formula") if did == INSPECTOR][:3]


@pytest.fixture
def console(service: Service, open_page: Open) -> Callable[..., Page]:
    """Opens the console with a wallet in the browser, or without one."""

    def make(wallet: Wallet | None, script: str = INJECTED, **options: Any) -> Page:
        page = open_page(**options)
        if wallet:
            wallet.install(page, script)
        page.goto(f"{service.site.url}/console/")
        page.wait_for_selector("#token")
        return page

    return make


def fill(page: Page, content: Any, token: str = TOKEN) -> None:
    """Type a token and an event or document into the console."""
    page.locator("#token").fill(token)
    page.locator("#text").fill(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))


def document(events: list[Json]) -> Json:
    """Events of one @context as an EPCISDocument."""
    bare = [{name: value for name, value in event.items() if name != "@context"} for event in events]
    head = {"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-02T00:00:00Z"}
    return head | {"@context": events[0]["@context"], "epcisBody": {"eventList": bare}}
