"""/console/ in a real browser: what a person is told when wallet, key or service say no, and that nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.stating import INSPECTOR, TOKEN, Json, Service, console, document, fill, service, tests_done
from tests.pages.wallet import REFUSED, Wallet

__all__ = ["console", "service", "tests_done"]
STRANGER = "did:web:nobody.example"


def test_a_refusal_in_the_wallet_sends_nothing_and_signing_goes_on_where_it_stopped(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(wallet := Wallet(INSPECTOR, answers=[REFUSED]))
    fill(page, document(tests_done))
    page.get_by_role("button", name="Sign 3 events").click()
    expect(page.locator("#trouble")).to_contain_text(
        re.compile(r"You refused in your wallet\.\s*Nothing was signed and nothing was sent\.")
    )
    wallet.answers = [None, REFUSED]
    page.get_by_role("button", name="Sign 3 events").click()
    expect(page.locator("#trouble")).to_contain_text("1 of 3 are signed and kept here. Nothing was sent.")
    assert service.received == []
    page.get_by_role("button", name="Sign the other 2").click()
    expect(page.get_by_text("3 statements signed with your key were accepted.")).to_be_visible()
    assert wallet.asked.count("eth_signTypedData_v4") == 1 + 2 + 2


def test_another_account_than_the_chosen_one_is_found_out(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(wallet := Wallet(INSPECTOR, signs_with=STRANGER))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text("Another key signed (0x")
    expect(page.locator("#trouble")).to_contain_text(f"than the account you chose ({wallet.account.lower()})")
    assert service.received == []


def test_v_of_0_or_1_becomes_27_or_28(console: Callable[..., Page], service: Service, tests_done: list[Json]) -> None:
    page = console(Wallet(INSPECTOR, low_v=True))
    fill(page, document(tests_done))
    page.get_by_role("button", name="Sign 3 events").click()
    expect(page.get_by_text("3 statements signed with your key were accepted.")).to_be_visible()
    assert {given["signature"][-2:] for given in service.received[0]} <= {"1b", "1c"}


def test_without_a_wallet_the_page_says_so_and_names_another_way(
    console: Callable[..., Page], tests_done: list[Json]
) -> None:
    page = console(None)
    fill(page, tests_done[0])
    expect(page.locator("#signing")).to_contain_text("No wallet was found in this browser.")
    expect(page.locator("#signing")).to_contain_text("chain-service capture FILE --key keystore.json")
    assert page.get_by_role("button", name="Sign").count() == 0


def test_a_step_that_the_organisation_may_not_state_is_told_before_anything_is_signed(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, tests_done[0] | {"bizStep": "shipping"})
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text("no role that may state event 1")
    assert wallet.asked == ["eth_requestAccounts"]


def test_a_node_of_another_network_is_told(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    service.site.ledger.network = "other-8899aabbccddeeff"
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text("other-8899aabbccddeeff")
    assert wallet.asked == ["eth_requestAccounts"]


def test_a_node_that_is_silent_stops_no_signing(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    service.site.rpc = lambda batch: None
    page = console(Wallet(INSPECTOR))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    expect(page.locator("#result .badge")).to_have_text(["not fully checked"])


def test_a_bad_token_is_told_beside_its_field_and_what_was_signed_is_kept(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, tests_done[0], token="")
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#token-error")).to_contain_text("A token is needed")
    expect(page.locator("#token")).to_be_focused()
    assert wallet.asked == []
    page.locator("#token").fill("another")
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#token-error")).to_contain_text("The service does not know this token")
    assert page.locator("#token").get_attribute("aria-invalid") == "true"
    expect(page.locator("#token")).to_be_focused()
    page.locator("#token").fill(TOKEN)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    assert wallet.asked.count("eth_signTypedData_v4") == 1
    assert service.received[0] == service.received[1]


def test_a_service_that_cannot_answer_now_gets_the_same_signatures_again(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    service.answers = [(503, {"type": "https://ns.chain-service.example/problems/chain-unreachable", "title": "Later"})]
    page = console(wallet := Wallet(INSPECTOR))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text("The service cannot look into the registry at the moment.")
    expect(page.locator("#trouble")).to_contain_text("Everything is signed and kept here.")
    page.route("**/v1/statements", lambda route: route.abort())
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#trouble")).to_contain_text("The service cannot be reached at the moment.")
    page.unroute("**/v1/statements")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    assert wallet.asked.count("eth_signTypedData_v4") == 1


def test_an_acceptance_of_something_else_is_not_taken_for_one(
    console: Callable[..., Page], service: Service, tests_done: list[Json]
) -> None:
    service.answers = [(202, {"eventIDs": ["urn:uuid:00000000-0000-4000-8000-000000000000"]})]
    page = console(Wallet(INSPECTOR))
    fill(page, tests_done[0])
    page.get_by_role("button", name="Sign with").click()
    expect(page.locator("#trouble")).to_contain_text("The service answered something else than an acceptance.")
