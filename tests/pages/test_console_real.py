"""The console in a real browser on the real service: what people of an operator, a brand and a carrier do in it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from chain_service.partners.custody import Custody
from chain_service.verification.node import NodeReader
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check
from tests.anchoring.signing import bare_event
from tests.events.documents import GTIN
from tests.pages.running import Running, SendingWallet, running_on
from tests.pages.wallet import REFUSED, Wallet
from tests.partners.persons import ALL_BUT_ADMINISTER, PASSWORD
from tests.partners.registry_room import ADMIN, document_of
from tests.stage import new_account

Open = Callable[..., Page]
ADMINISTRATOR = [*ALL_BUT_ADMINISTER, "administer"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, anvil: str) -> Iterator[Running]:
    with running_on(tmp_path_factory.mktemp("running"), anvil) as made:
        yield made


@pytest.fixture
def administrator(running: Running, open_page: Open) -> Iterator[Page]:
    """The console with an administrator of the operator signed in, at its partners."""
    before = running.state.settings
    page = open_page(width=1280)
    running.enter(page, running.person(running.operator, ADMINISTRATOR), "#partners")
    yield page
    running.state.settings = before


def admit(page: Page, did: str, key: str) -> None:
    page.get_by_role("button", name="Admit a partner").click()
    page.locator("#wanted-did").fill(did)
    page.locator("#wanted-en").fill("Blue Dairy")
    page.locator("#wanted-zh").fill("蓝色乳业")
    page.locator("#wanted-roles-brand").check()
    page.locator("#wanted-key").fill(key)
    page.get_by_role("button", name="Show the plan").click()


def close(page: Page) -> None:
    page.locator("dialog").get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)


def change(page: Page, action: str, key: str) -> None:
    if page.locator(f"#actions-{key}").get_attribute("open") is None:
        page.locator(f"#actions-{key} summary").click()
    page.locator(f"#do-{action}-{key}").click()


def confirm(page: Page, key: str) -> None:
    """Types the end of a key and does it."""
    page.locator("#confirm-end").fill(key[-4:])
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done")
    close(page)


def test_an_administrator_admits_a_partner_rotates_its_key_and_reports_one_lost(
    running: Running, administrator: Page
) -> None:
    page, did = administrator, f"did:web:dairy-{secrets.token_hex(4)}.example"
    key, following = (str(new_account().address).lower() for _ in range(2))
    with document_of(running, did, [following]):
        admit(page, did, key)
        check_card = page.locator("[data-check=did-document]")
        expect(check_card).to_contain_text("does not confirm it The document does not name this key.")
        page.get_by_role("button", name="Back, to change what you typed").click()
    with document_of(running, did, [key]):
        page.get_by_role("button", name="Show the plan").click()
        expect(check_card).to_contain_text("names this key")
        expect(page.locator(".plan")).to_contain_text(f"Admits {did} for ever")
        assert running.listed(did) is None, "nothing happens before the button"
        page.get_by_role("button", name="Do it with the operator's key").click()
        expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")
        close(page)
    page.get_by_role("row", name=did).get_by_role("link").click()
    expect(page.get_by_role("row", name=key)).to_contain_text("good")
    with document_of(running, did, [key, following]):
        change(page, "rotate", key)
        page.locator("#wanted-key").fill(following)
        page.get_by_role("button", name="Show the plan").click()
        confirm(page, key)
    expect(page.get_by_role("row", name=following)).to_contain_text("good")
    assert [each["validTo"] is None for each in running.partner(did)["keys"]] == [False, True]
    change(page, "compromised", key)
    page.locator("#wanted-since").fill("2026-01-02T03:04")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator(".plan")).to_contain_text("2026-01-01 19:04:00 UTC")
    confirm(page, key)
    expect(page.get_by_role("row", name=key)).to_contain_text("compromised")
    expect(page.locator(".history li").last).to_contain_text("reported as lost since")
    page.goto(f"{running.url}/console/#audit")
    rows = page.get_by_role("table", name="Audit log").locator("tbody tr")
    expect(rows.first).to_contain_text("Key reported lost")
    expect(rows.first).to_contain_text("Mei Chen")
    said = rows.all_inner_texts()
    for words in ("Partner admitted", "Key added", "End of a key planned", "Signed in"):
        assert any(words in row for row in said), words
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_key_that_the_operator_makes_is_planned_without_data_and_then_added(
    running: Running, administrator: Page
) -> None:
    page = administrator
    page.goto(f"{running.url}/console/#partners/{running.stage.carrier}")
    page.get_by_role("button", name="Add a key").click()
    page.locator("#wanted-custody-operator").check()
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator(".plan")).to_contain_text("that this service makes now")
    page.locator("#step-0 summary").click()
    expect(page.locator("#step-0")).not_to_contain_text("Data")
    page.get_by_label("I have made sure in another way").check()
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done")
    close(page)
    expect(page.get_by_role("table", name="Keys").locator("tbody tr")).to_have_count(2)
    assert [key["status"] for key in running.partner(running.stage.carrier)["keys"]] == ["good", "good"]


def test_an_administrator_with_a_wallet_sends_the_plan_and_the_service_follows(
    running: Running, open_page: Open
) -> None:
    did, before = f"did:web:port-{secrets.token_hex(4)}.example", running.state.settings
    running.settings(admin_keystore="")
    try:
        page = open_page(width=1280)
        secret = Custody(running.stage.settings.keys_dir, "of these tests").secret(ADMIN)
        wallet = SendingWallet(running, secret)
        wallet.answers = [None, REFUSED]
        wallet.install(page)
        running.enter(page, running.person(running.operator, ADMINISTRATOR), "#partners")
        key = str(new_account().address).lower()
        with document_of(running, did, [key]):
            admit(page, did, key)
            page.get_by_role("button", name="Do it with your wallet").click()
        expect(page.locator("dialog")).to_contain_text("You refused in your wallet.")
        expect(page.locator("dialog")).to_contain_text("1 of 2 steps are done.")
        page.get_by_role("button", name="Go on with your wallet").click()
        expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")
        close(page)
        expect(page.get_by_role("row", name=did)).to_contain_text("Brand")
        assert len(wallet.sent) == 2
        found = running.partner(did)
        assert (found["name"]["zh"], [each["address"] for each in found["keys"]]) == ("蓝色乳业", [key])
        page.goto(f"{running.url}/console/#audit")
        row = page.get_by_role("table", name="Audit log").locator("tbody tr").first
        expect(row).to_contain_text("Partners read from the chain")
        page.goto(f"{running.url}/console/#registry")
        expect(page.locator("#room")).to_contain_text("This service does not hold this key")
        assert page.problems == []  # type: ignore[attr-defined]
    finally:
        running.state.settings = before


@pytest.fixture
def brand(running: Running) -> tuple[str, bytes]:
    """DID and key of a brand that signs itself."""
    account, did = new_account(), f"did:web:brand-{secrets.token_hex(4)}.example"
    running.send("admitPartner", did=did, name={"en": "Alpine Foods"}, roles=["brand"], key=account.address.lower())
    return did, bytes(account.key)


def test_a_person_of_the_brand_accepts_signs_narrows_and_manages_tokens(
    running: Running, open_page: Open, brand: tuple[str, bytes]
) -> None:
    did, key = brand
    page = open_page(width=1280)
    Wallet("", key=key).install(page)
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    _, token = running.invitation(did, ALL_BUT_ADMINISTER)
    page.goto(f"{running.url}/console/#invite={token}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.get_by_role("button", name="Choose this password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign an event")
    expect(page.locator("#sender")).to_contain_text("Alpine Foods")
    assert token not in page.url

    described(page, f"01/{GTIN}")
    event = bare_event()
    page.locator("#text").fill(json.dumps(event))
    page.get_by_role("button", name="Sign").click()
    expect(page.locator("#result .badge")).to_have_text(["proven"], timeout=20_000)
    (sent,) = [each for each in requests if each.url.endswith("/v1/statements")]
    headers = sent.all_headers()
    assert ("authorization" in headers, "x-csrf-token" in headers, "session=" in headers["cookie"]) == (
        False,
        True,
        True,
    )
    receipt = running.stage.receipt(event["eventID"])
    trust = Trust.from_json(running.stage.network.model_dump())
    with NodeReader(trust) as chain:
        verdict = check(receipt, trust, chain)
    assert (verdict.complete, verdict.partner, verdict.custody) == (True, did, "partner")

    page.goto(f"{running.url}/console/#disclosure")
    expect(page.get_by_label("Everybody")).to_be_checked()
    page.get_by_label("Only who stated it").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved.")
    address = f"{running.url}/epcis/events/{quote(event['eventID'], safe='')}"
    assert httpx.get(address).status_code == 404
    assert page.evaluate("(address) => fetch(address).then((answer) => answer.status)", address) == 200

    page.goto(f"{running.url}/console/#credentials")
    page.get_by_role("button", name="Issue a credential").click()
    page.locator("#credential-name").fill("Warehouse 2")
    page.locator("dialog").get_by_role("button", name="Issue a credential").click()
    made = page.locator("#made-token").input_value()
    close(page)
    jobs = f"{running.url}/epcis/capture"
    bearer = {"Authorization": f"Bearer {made}"}
    assert httpx.get(jobs, headers=bearer).status_code == 200
    page.get_by_role("button", name="Revoke: Warehouse 2").click()
    page.locator("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="Warehouse 2")).to_contain_text("revoked")
    assert httpx.get(jobs, headers=bearer).status_code == 401
    page.goto(f"{running.url}/console/#audit")
    rows = page.get_by_role("table", name="Audit log").locator("tbody tr")
    expect(rows.first).to_contain_text("Credential revoked")
    assert all(did in row for row in rows.all_inner_texts()), "only what concerns the brand"
    assert page.problems == []  # type: ignore[attr-defined]


def described(page: Page, path: str) -> None:
    """Has the person's page describe a product, by which it becomes the brand's."""
    script = """async ([path]) => {
      const { csrfToken } = await (await fetch("/v1/session")).json();
      const headers = { "X-CSRF-Token": csrfToken, "Content-Type": "application/json" };
      const body = JSON.stringify({ kind: "product", name: { en: "Formula" } });
      return (await fetch(path, { method: "PUT", headers, body })).status;
    }"""
    assert page.evaluate(script, [f"/v1/items/{path}"]) == 201


BY_HAND = """async ([method, path, body, proof]) => {
  const { csrfToken } = await (await fetch("/v1/session")).json();
  const headers = { "Content-Type": "application/json", ...(proof && { "X-CSRF-Token": csrfToken }) };
  const answer = await fetch(path, { method, headers, body: body === null ? undefined : JSON.stringify(body) });
  return [answer.status, ((await answer.json()).type ?? "").split("/").pop()];
}"""


def test_a_carriers_person_finds_no_administrators_rooms_and_is_refused_by_hand(
    running: Running, open_page: Open
) -> None:
    page = open_page(width=1280)
    running.enter(page, running.person(running.stage.carrier, ALL_BUT_ADMINISTER), "#partners")
    expect(page.locator("#room-list")).to_contain_text("Partners")
    assert "Registry" not in page.locator("#room-list").inner_text()
    assert page.get_by_role("button", name="Admit a partner").count() == 0
    for place in ("#registry", "#partners/" + running.stage.brand):
        page.goto(f"{running.url}/console/{place}")
        expect(page.locator("#room")).not_to_be_empty()
        assert page.get_by_role("button", name=re.compile("Suspend|Change roles|Hand the powers over")).count() == 0
    wanted: Any = {"action": "suspend", "did": running.stage.brand}
    for method, path, body in (
        ("GET", "/v1/registry", None),
        ("POST", "/v1/registry/plan", wanted),
        ("POST", "/v1/registry/send", wanted),
        ("POST", "/v1/registry/sync", {}),
        ("POST", "/v1/people", {"email": "a@b.example", "name": "A", "rights": [], "partner": running.operator}),
    ):
        assert page.evaluate(BY_HAND, [method, path, body, True]) == [403, "right-missing"], path
    assert page.evaluate(BY_HAND, ["POST", "/v1/credentials", {"name": "x", "rights": ["read"]}, False]) == [
        403,
        "csrf",
    ]
    assert running.partner(running.stage.brand)["suspended"] is False
