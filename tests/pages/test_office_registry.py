"""The console's rooms of the registry: each change shows its plan, then the operator's key or a wallet makes it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages import office_data as data
from tests.pages.office import Office, problem, wait_for
from tests.pages.wallet import REFUSED, Wallet

Open = Callable[..., Page]
NEW = "0x" + "9e" * 20
PARTNER = f"#partners/{data.DAIRY}"


def admit(page: Page) -> None:
    """Fill the form and ask for the plan."""
    page.get_by_role("button", name="Admit a partner").click()
    page.locator("#wanted-did").fill("did:web:orchard.example")
    page.locator("#wanted-en").fill("Orchard")
    page.locator("#wanted-zh").fill("果园")
    page.locator("#wanted-roles-producer").check()
    page.locator("#wanted-key").fill(NEW)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator(".plan")).to_be_visible()


def change(page: Page, action: str, key: str = data.KEY) -> None:
    """Open one of the actions of a key."""
    page.locator(f"#actions-{key} summary").click()
    page.locator(f"#do-{action}-{key}").click()


def wallet_of(office: Office, **options: object) -> Wallet:
    """A wallet that holds the administrator's key."""
    wallet = Wallet("the administrator", **options)  # type: ignore[arg-type]
    office.can_send_here, office.sender = False, wallet.account.lower()
    return wallet


def test_partners_are_found_and_the_filter_stays_in_the_address(rooms: Open) -> None:
    page = rooms("#partners")
    expect(page.get_by_role("row", name="Waikato Dairy")).to_contain_text("1 of 2 good")
    page.get_by_label("State").select_option("suspended")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Name or DID").press_sequentially("north")
    expect(page.get_by_label("Name or DID")).to_be_focused()
    assert page.url.endswith("#partners?q=north&state=suspended")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Name or DID")).to_have_value("north")
    page.get_by_label("State").select_option("active")
    expect(page.locator(".empty")).to_have_text("Nothing matches these filters.")


def test_a_partner_s_page_shows_keys_and_history_in_order(rooms: Open) -> None:
    page = rooms("#partners")
    page.get_by_role("link", name="Waikato Dairy").click()
    expect(page.locator(".history li")).to_have_text(
        [
            re.compile("Admitted with the roles Brand, Producer"),
            re.compile(r"Key 0x2b2b….?2b2b added.*no end; held by: The partner"),
            re.compile("End of the key 0x2b2b….?2b2b planned for"),
            re.compile("held by: The operator"),
        ]
    )
    expect(page.get_by_role("row", name=data.OLD)).to_contain_text("ended")
    document = page.get_by_role("link", name="DID document").get_attribute("href")
    assert document == "/v1/partners/did%3Aweb%3Awaikato-dairy.example/did.json"


def test_who_may_not_administer_sees_the_partners_and_no_action(rooms: Open) -> None:
    page = rooms(PARTNER, person=data.ADMIN | {"rights": ["read"]})
    expect(page.locator(".history li")).to_have_count(4)
    assert page.locator("#room button").count() == 0


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


def test_what_is_missing_is_said_beside_its_field_and_going_back_keeps_what_was_typed(
    rooms: Open, office: Office
) -> None:
    page = rooms("#partners")
    page.get_by_role("button", name="Admit a partner").click()
    page.locator("#wanted-did").fill("orchard.example")
    page.get_by_role("button", name="Show the plan").click()
    for name, said in (("did", "A DID is due"), ("en", "at least one language"), ("key", "40 hexadecimal digits")):
        expect(page.locator(f"#wanted-{name}-error")).to_contain_text(said)
    expect(page.locator("#wanted-roles-error")).to_contain_text("at least one role")
    expect(page.locator("#wanted-did")).to_be_focused()
    assert office.asked == []
    page.get_by_role("button", name="Cancel").click()
    admit(page)
    page.get_by_role("button", name="Back, to change what you typed").click()
    assert page.locator("#wanted-did").input_value() == "did:web:orchard.example"
    expect(page.locator("#wanted-roles-producer")).to_be_checked()


def test_what_the_service_finds_wrong_in_a_request_stands_beside_its_field(rooms: Open, office: Office) -> None:
    errors = [{"pointer": "/did", "detail": "names a person"}]
    office.answers[("POST", "/v1/registry/plan")] = [problem(422, "invalid-body", errors=errors)]
    page = rooms("#partners")
    page.get_by_role("button", name="Admit a partner").click()
    page.locator("#wanted-did").fill("did:web:ann-marsh.example")
    page.locator("#wanted-en").fill("Ann")
    page.locator("#wanted-roles-brand").check()
    page.locator("#wanted-custody-operator").check()
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#wanted-did-error")).to_have_text("names a person")
    assert "key" not in office.bodies("POST", "/v1/registry/plan")[0]


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


def test_a_report_of_compromise_wants_the_end_of_the_key(rooms: Open, office: Office) -> None:
    page = rooms(PARTNER)
    change(page, "compromised")
    page.locator("#wanted-since").fill("2999-01-01T00:00")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#wanted-since-error")).to_contain_text("A past time is due")
    page.locator("#wanted-since").fill("2026-10-01T08:30")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("dialog")).to_contain_text("This can never be taken back.")
    end = page.locator("#confirm-end")
    end.fill("2b2b")
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("#confirm-end-error")).to_contain_text("not the last four characters")
    expect(end).to_be_focused()
    assert office.bodies("POST", "/v1/registry/send") == []
    end.fill("1A1A")
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done.")
    (sent,) = office.bodies("POST", "/v1/registry/send")
    assert sent == {"action": "reportCompromised", "key": data.KEY, "since": 1_790_814_600}  # 00:30 UTC


def test_replacing_a_key_adds_the_successor_and_ends_the_old_one_a_day_ahead_as_one(
    rooms: Open, office: Office
) -> None:
    page = rooms(PARTNER)
    change(page, "rotate")
    page.locator("#wanted-key").fill(NEW)
    offered = page.locator("#wanted-until").input_value()
    page.locator("#wanted-until").fill("2026-11-01T00:00")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#wanted-until-error")).to_contain_text("at least 24 hours ahead")
    page.locator("#wanted-until").fill(offered)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator(".plan > li")).to_have_count(2)
    page.locator("#confirm-end").fill("1a1a")
    office.answers[("POST", "/v1/registry/send")] = [
        (200, {"transactions": ["0x" + "aa" * 32]}),
        problem(503, "chain-unreachable"),
    ]
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("1 of 2 steps are done.")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")
    added, ended, again = office.bodies("POST", "/v1/registry/send")
    assert added == {"action": "addKey", "did": data.DAIRY, "key": NEW, "custody": "partner"}
    assert ended == again
    assert ended["key"] == data.KEY
    assert 86_400 < ended["validTo"] - time.time() <= 2 * 86_400


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


def test_the_registry_is_handed_over_by_offer_and_acceptance(rooms: Open, office: Office) -> None:
    page = rooms("#registry")
    page.get_by_role("button", name="Hand the powers over").click()
    page.locator("#wanted-successor").fill(NEW)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("dialog")).to_contain_text("the present administrator has no power left")
    page.get_by_role("button", name="Do it with the operator's key").click()
    expect(page.locator("dialog")).to_contain_text("Done.")
    assert office.bodies("POST", "/v1/registry/send") == [{"action": "offerAdmin", "successor": NEW}]


def test_a_partner_is_admitted_from_the_keyboard_alone(rooms: Open, office: Office) -> None:
    page = rooms("#partners", width=1280)
    page.locator("#admit").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#wanted-did")).to_be_focused()
    for text in ("did:web:orchard.example", "Orchard", "果园"):
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(9):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-title")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "do-here":
            break
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_contain_text("Done, in 2 steps.")
    page.keyboard.press("Escape")
    expect(page.locator("#admit")).to_be_focused()
    (sent,) = office.bodies("POST", "/v1/registry/send")
    assert (sent["roles"], sent["custody"]) == (["brand"], "operator")


@pytest.mark.parametrize(("locale", "dark"), [("en-GB", False), ("zh-CN", True)])
def test_sheets_are_legible_and_fit_a_phone(rooms: Open, office: Office, locale: str, dark: bool) -> None:
    office.check = {"check": "did-document", "outcome": "failed", "detail": "key-missing", "keys": [data.OLD]}
    page = rooms(PARTNER, locale=locale, dark=dark)
    change(page, "rotate")
    page.locator("#wanted-key").fill(NEW)
    _measure(page)
    page.locator("#wanted button").click()
    expect(page.locator("#do-here")).to_be_visible()
    for summary in page.locator("dialog summary").all():
        summary.click()
    page.locator("#do-here").click()
    _measure(page)
    page.locator("#confirm-vouched-yes").check()
    page.locator("#confirm-end").fill("1a1a")
    page.locator("#do-here").click()
    expect(page.locator("dialog .is-proven")).to_be_visible()
    _measure(page)


def _measure(page: Page) -> None:
    measured = "import('/tests/contrast.js').then((m) => [m.tooFaint(4.5), m.tooSmall(44)])"
    assert page.evaluate(measured) == [[], []]
    inside = (
        "[...document.querySelectorAll('dialog, dialog *')].every((e) => e.getBoundingClientRect().right <= innerWidth)"
    )
    assert page.evaluate(inside)
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth")
