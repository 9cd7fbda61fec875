"""Carrying a plan of the registry out: what is said before, and how the operator's key or a wallet takes each step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages import office_data as data
from tests.pages.office import Office, wait_for
from tests.pages.test_office_registry import NEW, PARTNER, admit, change
from tests.pages.wallet import REFUSED, Wallet

Open = Callable[..., Page]


def wallet_of(office: Office, **options: object) -> Wallet:
    """A wallet that holds the administrator's key."""
    wallet = Wallet("the administrator", **options)  # type: ignore[arg-type]
    office.can_send_here, office.sender = False, wallet.account.lower()
    return wallet


def test_admitting_shows_the_plan_and_does_nothing_before_the_button(rooms: Open, office: Office) -> None:
    page = rooms("#partners")
    admit(page)
    expect(page.locator(".plan > li")).to_have_count(2)
    expect(page.locator(".plan")).to_contain_text("Calls admitPartner for did:web:orchard.example.")
    page.locator("#step-0 summary").click()
    expect(page.locator("#step-0")).to_contain_text("admitPartner(…)")
    expect(page.locator("#step-0")).to_contain_text(data.REGISTRY)
    expect(page.locator("[data-check=did-document]")).to_contain_text("names this key")
    assert office.bodies("POST", "/v1/registry/send") == []
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")
    wanted = {"action": "admitPartner", "did": "did:web:orchard.example", "name": {"en": "Orchard", "zh": "果园"}}
    wanted |= {"roles": ["producer"], "custody": "partner", "key": NEW}
    assert office.bodies("POST", "/v1/registry/plan") == office.bodies("POST", "/v1/registry/send") == [wanted]
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("did-unreachable", "cannot be fetched"),
        ("did-not-found", "There is no document"),
        ("did-not-a-document", "is no DID document"),
        ("did-other-id", "about another DID"),
        ("did-lacks-key", "does not name this key"),
        ("did-internal-address", "inside a private network"),
        ("did-too-large", "larger than"),
        ("did-new", "the <b>host</b> sent 500"),
    ],
)
def test_a_did_document_that_does_not_confirm_the_key_must_be_vouched_for(
    rooms: Open, office: Office, kind: str, said: str
) -> None:
    office.check = {
        "check": "did-document",
        "outcome": "failed",
        "kind": kind,
        "detail": "the <b>host</b> sent 500",
        "keys": [data.OLD],
    }
    page = rooms("#partners")
    admit(page)
    check = page.locator("[data-check=did-document]")
    expect(check).to_contain_text("does not confirm it")
    expect(check).to_contain_text(said)
    expect(check).to_contain_text(data.OLD)
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("#confirm-vouched-error")).to_contain_text("Tick this only if you did")
    assert office.bodies("POST", "/v1/registry/send") == []
    page.get_by_label("I have made sure in another way").check()
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")


def test_a_document_that_could_not_be_asked_says_so_and_stops_nothing(rooms: Open, office: Office) -> None:
    office.check = {
        "check": "did-document",
        "outcome": "not-possible",
        "kind": "did-other-method",
        "detail": "",
        "keys": [],
    }
    page = rooms("#partners")
    admit(page)
    expect(page.locator("[data-check=did-document]")).to_contain_text("Only documents of did:web can be fetched.")
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("PartnerRegistry_PartnerExists(0xab)", "this DID was admitted already"),
        ("PartnerRegistry_NotAdmin(0xab)", "this key is not the administrator's"),
        ("PartnerRegistry_SomethingNew()", "PartnerRegistry_SomethingNew()"),
    ],
)
def test_what_the_contract_would_refuse_is_said_and_not_offered(
    rooms: Open, office: Office, refusal: str, said: str
) -> None:
    office.refusal = refusal
    page = rooms("#partners")
    admit(page)
    expect(page.locator(".plan .error").first).to_contain_text(said)
    expect(page.locator("dialog")).to_contain_text("so it is not offered")
    assert page.get_by_role("button", name="Do it").count() == 0


def test_a_wallet_takes_the_steps_one_by_one_and_the_service_reads_the_chain_anew(rooms: Open, office: Office) -> None:
    wallet = wallet_of(office, receipts=[None, "0x1"], chain_id=1)
    page = rooms("#partners", wallet)
    admit(page)
    page.get_by_role("button", name="Do it with your wallet").click()
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.", timeout=10_000)
    assert [sent["to"] for sent in wallet.sent] == [data.REGISTRY] * 2
    assert {sent["from"] for sent in wallet.sent} == {wallet.account.lower()}
    assert wallet.chain_id == 31337
    assert wait_for(office, "POST", "/v1/registry/sync") == {
        "did": "did:web:orchard.example",
        "name": {"en": "Orchard", "zh": "果园"},
    }
    assert office.bodies("POST", "/v1/registry/send") == []


def test_an_interrupted_sequence_says_what_is_done_and_goes_on_even_after_a_reload(rooms: Open, office: Office) -> None:
    wallet = wallet_of(office, answers=[None, REFUSED])
    page = rooms("#partners", wallet)
    admit(page)
    page.get_by_role("button", name="Do it with your wallet").click()
    expect(page.locator("dialog")).to_contain_text("You refused in your wallet.")
    expect(page.locator("dialog")).to_contain_text("1 of 2 steps are done. Those stay done.")
    expect(page.locator(".plan .badge")).to_have_text(["done", "not begun"])
    page.reload()
    expect(page.locator("#interrupted")).to_contain_text("Interrupted: Admit a partner")
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Go on with your wallet").click()
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")
    assert len(wallet.sent) == 2
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#interrupted")).to_have_count(0)


def test_a_wallet_of_another_account_sends_nothing(rooms: Open, office: Office) -> None:
    wallet = wallet_of(office)
    office.sender = data.OLD
    page = rooms("#partners", wallet)
    admit(page)
    page.get_by_role("button", name="Do it with your wallet").click()
    expect(page.locator("dialog")).to_contain_text(f"only {data.OLD} may do this")
    assert wallet.sent == []


def test_a_wallet_that_stays_on_another_chain_sends_nothing(rooms: Open, office: Office) -> None:
    wallet = wallet_of(office, chain_id=1, switches=False)
    page = rooms("#partners", wallet)
    admit(page)
    page.get_by_role("button", name="Do it with your wallet").click()
    expect(page.locator("dialog")).to_contain_text("Your wallet is on chain 1, the registry on chain 31337.")
    assert wallet.sent == []


def test_a_transaction_that_the_contract_refused_is_said(rooms: Open, office: Office) -> None:
    page = rooms("#partners", wallet_of(office, receipts=["0x0"]))
    admit(page)
    page.get_by_role("button", name="Do it with your wallet").click()
    expect(page.locator("dialog")).to_contain_text("the contract refused it: 0x")
    expect(page.locator(".plan .badge")).to_have_text(["failed", "not begun"])


def test_without_a_wallet_and_without_the_operator_s_key_nothing_is_offered(rooms: Open, office: Office) -> None:
    office.can_send_here = False
    page = rooms("#partners")
    admit(page)
    expect(page.locator("dialog")).to_contain_text("No wallet was found in this browser.")
    assert page.get_by_role("button", name="Do it").count() == 0


def test_other_changes_ask_for_what_the_contract_needs(rooms: Open, office: Office) -> None:
    page = rooms(PARTNER)
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("dialog")).to_contain_text("no key of this partner is good")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Change roles").click()
    expect(page.locator("#wanted-roles-brand")).to_be_checked()
    page.locator("#wanted-roles-brand").uncheck()
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator(".plan")).to_be_visible()
    page.goto(f"{office.url}/console/#partners/{data.OPERATOR['did']}")
    change(page, "rotateOperator", data.SEALER)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#confirm-end")).to_be_visible()
    assert office.bodies("POST", "/v1/registry/plan") == [
        {"action": "suspend", "did": data.DAIRY},
        {"action": "setRoles", "did": data.DAIRY, "roles": ["producer"]},
        {"action": "rotateOperator", "key": data.SEALER, "successor": data.SPARE},
    ]
