"""/console/ in a real browser: a person signs in a scripted wallet, and what they see of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from chain_service.kit.digests import sha256, to_hex
from tests.pages.ledger import NETWORK
from tests.pages.stating import INSPECTOR, TOKEN, Json, Service, console, document, fill, service, tests_done
from tests.pages.wallet import ANNOUNCED, REFUSED, Wallet

__all__ = ["console", "service", "tests_done"]


def test_events_are_signed_in_the_wallet_sent_and_followed_until_they_are_proven(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, document(tests_done))
    expect(page.locator("#statements h2")).to_have_text("What you will sign: 3 statements")
    page.get_by_role("button", name="Sign 3 events with your wallet").click()
    expect(page.get_by_text("3 statements signed with your key were accepted.")).to_be_visible()
    expect(page.locator("#result .badge")).to_have_text(["proven"] * 3)
    (sent,) = service.received
    assert [given["event"]["eventID"] for given in sent] == [event["eventID"] for event in tests_done]
    assert len({given["salt"] for given in sent}) == 3
    assert wallet.asked == ["eth_requestAccounts", *["eth_signTypedData_v4"] * 3]
    links = page.locator("#result").get_by_role("link", name="Receipt").all()
    assert [link.get_attribute("href") for link in links] == [
        "/v1/receipts/" + event["eventID"].replace(":", "%3A") for event in tests_done
    ]
    assert page.problems == []  # type: ignore[attr-defined]


def test_what_the_page_shows_is_what_the_wallet_signs(console: Callable[..., Page], tests_done: list[Json]) -> None:
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, tests_done[0])
    card = page.locator(".statement")
    expect(card.get_by_role("heading")).to_have_text("1. Sampled")
    card.get_by_text("Exactly what is signed").click()
    names, values = (card.locator(f"details .exact {tag}").all_inner_texts() for tag in ("dt", "dd"))
    rows = dict(zip(names, values, strict=True))
    page.get_by_role("button", name="Sign with your wallet").click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    (seen,) = wallet.seen
    assert rows.pop("network") == NETWORK
    assert rows.pop("salt") == seen["domain"]["salt"] == to_hex(sha256(NETWORK.encode()))
    assert rows == {name: "(empty)" if value == "" else str(value) for name, value in seen["message"].items()}


def test_the_token_is_in_no_storage_no_address_and_no_markup(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(Wallet(INSPECTOR))
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    fill(page, tests_done[0])
    page.locator("#language").click()
    page.get_by_role("button", name="用您的钱包签署 1 个事件").click()
    expect(page.locator("#result .badge")).to_have_text(["已证实"])
    carried = [each.url for each in requests if TOKEN in str(each.all_headers())]
    assert carried == [f"{service.site.url}/v1/statements"]
    assert not [each.url for each in requests if TOKEN in each.url or TOKEN in (each.post_data or "")]
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    assert TOKEN not in stored
    assert page.evaluate("indexedDB.databases()") == []
    assert TOKEN not in page.content()
    page.reload()
    assert page.locator("#token").input_value() == ""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"code": -32002, "message": "pending"}, "Your wallet still waits for an answer to an earlier question."),
        ({"code": 4100, "message": "locked"}, "Your wallet offers no account to this page."),
        ({"code": 4200, "message": "no"}, "This wallet cannot sign statements of this kind"),
        ({"code": -32603, "message": "out of <b>ink</b>"}, "Your wallet failed."),
        ({"result": None}, "Your wallet returned no valid signature."),
        ({"result": "0x" + "00" * 65}, "Your wallet returned no valid signature."),
        ({"result": "0x" + "11" * 64}, "Your wallet returned no valid signature."),
        ({"result": "0x" + "01" * 32 + "ff" * 32 + "1b"}, "Your wallet returned no valid signature."),
    ],
)
def test_what_else_a_wallet_may_do_is_said_and_nothing_is_sent(
    console: Callable[..., Page], service: Service, tests_done: list[Json], answer: Json, said: str
) -> None:
    page = console(Wallet(INSPECTOR, answers=[answer]))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text(said)
    assert page.locator("#trouble b").count() == 0
    assert service.received == []
    assert page.problems == []  # type: ignore[attr-defined]


def test_each_of_several_wallets_has_a_button(console: Callable[..., Page], tests_done: list[Json]) -> None:
    page = console(Wallet(INSPECTOR), script=ANNOUNCED)
    fill(page, tests_done[0])
    buttons = page.locator("#signing button")
    expect(buttons).to_have_text(["Sign with Meadow <b>Wallet</b>", "Sign with Quarry"])
    buttons.nth(1).click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, "The registry does not know the key 0x"),
        (3, "has ended"),
        (4, "Your organisation is suspended in the registry."),
        (5, "was reported as no longer under your control"),
    ],
)
def test_a_key_that_is_not_good_is_told_before_anything_is_signed(
    console: Callable[..., Page], service: Service, tests_done: list[Json], status: int, said: str
) -> None:
    service.site.ledger.admit(INSPECTOR, ["inspector"], custody="partner", status=status)
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text(said)
    assert wallet.asked == ["eth_requestAccounts"]


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (403, "unknown-key", "The registry does not know the key that signed."),
        (403, "not-your-key", "belongs to another organisation than the token"),
        (403, "key-not-yet-valid", "registered but not yet valid"),
        (409, "conflict", "Another content was stated before under the same event ID."),
        (422, "invalid-statement", "a statement does not fit its event"),
        (400, "ValidationException", "something wrong in the events"),
    ],
)
def test_what_the_service_refuses_is_said_beside_the_event_and_signed_anew(
    console: Callable[..., Page], service: Service, tests_done: list[Json], status: int, kind: str, said: str
) -> None:
    errors = [{"pointer": "/1/event/bizStep", "detail": "is <i>odd</i>"}]
    problem = {"type": f"https://ns.chain-service.example/problems/{kind}", "title": "No", "errors": errors}
    service.answers = [(status, problem)]
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, document(tests_done))
    page.get_by_role("button", name="Sign 3 events").click()
    expect(page.locator("#trouble")).to_contain_text(said)
    expect(page.locator("#trouble")).to_contain_text("Nothing was stored.")
    expect(page.locator(".statement").nth(1).locator(".error")).to_have_text("/event/bizStep is <i>odd</i>")
    page.get_by_role("button", name="Sign 3 events").click()
    expect(page.get_by_text("3 statements signed with your key were accepted.")).to_be_visible()
    assert wallet.asked.count("eth_signTypedData_v4") == 6
    assert {each["salt"] for each in service.received[0]}.isdisjoint(each["salt"] for each in service.received[1])


def test_an_event_that_was_stated_before_is_said_to_be(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    event = tests_done[0]
    before = service.site.ledger.receipts([(INSPECTOR, event)])[0]
    service.answers = [(202, {"eventIDs": [event["eventID"]], "promise": None})]
    service.site.receipts[event["eventID"].replace(":", "%3A") + "?"] = before
    page = console(Wallet(INSPECTOR))
    fill(page, event)
    page.get_by_role("button", name="Sign with").click()
    expect(page.get_by_text("This event was stated before; the record keeps that statement.")).to_be_visible()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "This is not acceptable JSON"),
        ('{"type": 1, "type": 2}', "the name type stands twice"),
        ('{"type": "ObjectEvent", "n": 0.10000000000000000001}', "not exactly a double-precision number"),
        ("[]", "No EPCIS event was found here"),
        ('{"network": "x"}', "No EPCIS event was found here"),
        ('{"type": "EPCISDocument", "epcisBody": {"eventList": []}}', "No EPCIS event was found here"),
        ('{"type": "ObjectEvent"}', "Event 1 has no @context"),
    ],
)
def test_what_holds_no_event_is_said_beside_the_field(
    console: Callable[..., Page], service: Service, content: str, said: str
) -> None:
    page = console(Wallet(INSPECTOR))
    fill(page, content)
    expect(page.locator("#text-error")).to_contain_text(said)
    assert page.locator("#text").get_attribute("aria-invalid") == "true"
    assert page.locator(".statement").count() == 0
    assert page.problems == []  # type: ignore[attr-defined]


def test_an_event_from_which_no_statement_follows_cannot_be_signed(
    console: Callable[..., Page], tests_done: list[Json]
) -> None:
    page = console(Wallet(INSPECTOR))
    fill(page, tests_done[0] | {"epcList": ["https://id.gs1.org/01/09521234543214/21/A1"]})
    expect(page.locator(".statement .error")).to_contain_text("No statement follows from this event: wrong check digit")
    expect(page.get_by_role("button", name="Sign with")).to_be_disabled()


def test_markup_in_an_event_stays_text(console: Callable[..., Page], tests_done: list[Json]) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\">"
    event = tests_done[0] | {"bizStep": f"https://example.org/{nasty.replace(' ', '')}", "eventID": nasty}
    page = console(Wallet(INSPECTOR))
    fill(page, event | {"bizLocation": {"id": f"urn:x:{nasty}"}})
    expect(page.locator(".statement")).to_be_visible()
    assert page.locator("#statements img").count() == 0
    assert page.title() == "Sign an event"


def test_a_file_can_be_chosen(console: Callable[..., Page], tests_done: list[Json], tmp_path: Path) -> None:
    file = tmp_path / "document.jsonld"
    file.write_text(json.dumps(document(tests_done), ensure_ascii=False), encoding="utf-8")
    page = console(Wallet(INSPECTOR))
    page.locator("#file").set_input_files(file)
    expect(page.locator(".statement")).to_have_count(3)


def test_what_was_signed_can_be_saved(
    console: Callable[..., Page], service: Service, tests_done: list[Json], tmp_path: Path
) -> None:
    page = console(Wallet(INSPECTOR))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save what you signed").click()
    download.value.save_as(tmp_path / "saved.json")
    saved = json.loads((tmp_path / "saved.json").read_text(encoding="utf-8"))
    assert saved["statements"] == service.received[0]
    assert saved["promise"]["sealBy"] == 1_793_700_300
    assert TOKEN not in json.dumps(saved)
    page.get_by_role("button", name="Sign another").click()
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")


def test_it_speaks_chinese_and_keeps_what_was_typed(console: Callable[..., Page], tests_done: list[Json]) -> None:
    page = console(Wallet(INSPECTOR), locale="zh-CN")
    fill(page, tests_done[0])
    expect(page.get_by_role("heading", name="签署事件")).to_be_visible()
    expect(page.locator("#statements")).to_contain_text("您将签署 1 份声明")
    page.locator("#language").click()
    expect(page.get_by_role("heading", name="Sign an event")).to_be_visible()
    assert page.locator("#token").input_value() == TOKEN
    assert json.loads(page.locator("#text").input_value()) == tests_done[0]
    expect(page.locator("#statements h2")).to_have_text("What you will sign: one statement")


@pytest.mark.parametrize("dark", [False, True])
def test_everything_is_legible_and_large_enough_to_tap(
    console: Callable[..., Page], tests_done: list[Json], dark: bool
) -> None:
    page = console(Wallet(INSPECTOR, answers=[REFUSED]), dark=dark)
    fill(page, document(tests_done))
    page.get_by_role("button", name="Sign 3 events").click()
    page.wait_for_selector("#trouble")
    for summary in page.locator(".statement summary").all():
        summary.click()
    _measure(page)
    page.get_by_role("button", name="Sign 3 events").click()
    page.wait_for_selector("#another")
    _measure(page)


def _measure(page: Page) -> None:
    measured = "import('/tests/contrast.js').then((m) => [m.tooFaint(4.5), m.tooSmall(44)])"
    assert page.evaluate(measured) == [[], []]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_can_be_used_from_the_keyboard_alone(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(Wallet(INSPECTOR), width=1280)
    page.locator("#token").focus()
    page.keyboard.type(TOKEN)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(json.dumps(tests_done[0]))
    button = page.get_by_role("button", name="Sign with")
    expect(button).to_be_enabled()
    for _ in range(8):
        page.keyboard.press("Tab")
        if button.evaluate("(element) => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    expect(page.locator("#accepted")).to_be_focused()
