"""Signing in to the console in a real browser: accounts, invitations, sessions that end, and what follows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages import office_data as data
from tests.pages.office import Office, problem, wait_for
from tests.pages.stating import INSPECTOR, Json, Service, tests_done
from tests.pages.test_office import ROOMS
from tests.pages.wallet import Wallet

__all__ = ["tests_done"]
Open = Callable[..., Page]


def sign_in(page: Page, password: str = data.PASSWORD) -> None:
    """Fill the form and send it."""
    page.get_by_label("Email").fill(data.ADMIN["email"])
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_person_signs_in_and_enters_the_room_they_came_for(rooms: Open, office: Office) -> None:
    page = rooms("#people", person=None)
    expect(page.locator("#room")).to_contain_text("Sign in to enter this room.")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    expect(page.get_by_role("row", name="Ann Marsh")).to_be_visible()
    assert page.locator("#room-list a").count() == len(ROOMS) + 1
    assert page.problems == []  # type: ignore[attr-defined]


def test_without_an_account_the_page_offers_signing_events_and_signing_in_only(rooms: Open) -> None:
    page = rooms(person=None)
    expect(page.locator("#token")).to_be_visible()
    expect(page.locator("#room-list a")).to_have_text(["Sign an event", "Sign in", "Check a receipt"])


def test_a_wrong_password_is_said_in_the_form_and_taken_out_of_its_field(rooms: Open, office: Office) -> None:
    page = rooms("#signin", person=None)
    sign_in(page, "another password")
    expect(page.locator("#signin-error")).to_contain_text("Email and password do not belong together")
    assert page.get_by_label("Password").input_value() == ""
    assert page.get_by_label("Email").input_value() == data.ADMIN["email"]
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign an event")


def test_a_locked_account_is_told_how_long_to_wait(rooms: Open, office: Office) -> None:
    office.retry_after = 900
    office.answers[("POST", "/v1/session")] = [problem(429, "locked-out")]
    page = rooms("#signin", person=None)
    sign_in(page)
    expect(page.locator("#signin-error")).to_contain_text("Wait 15 minutes")


def test_another_provider_is_offered_where_there_is_one(rooms: Open, office: Office) -> None:
    office.oidc = {"name": "Harbour <b>Login</b>"}
    page = rooms("#signin", person=None)
    link = page.get_by_role("link", name="Sign in with Harbour <b>Login</b>")
    assert link.get_attribute("href") == "/v1/session/oidc"


def test_an_invitation_is_made_shown_once_and_accepted(rooms: Open, office: Office) -> None:
    page = rooms("#people")
    page.get_by_role("button", name="Invite a person").click()
    page.locator("#person-name").fill("Cy Holt")
    page.locator("#person-email").fill("bo@operator.example")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#person-email-error")).to_have_text("Somebody has this email already.")
    expect(page.locator("#person-email")).to_be_focused()
    page.locator("#person-email").fill("cy@operator.example")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#made-link").input_value()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("row", name="Cy Holt")).to_contain_text("invited")
    assert office.bodies("POST", "/v1/people")[-1]["rights"] == ["read"]
    assert link not in page.content()

    office.session = None
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("#invite")
    assert data.INVITATION not in page.url
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Choose this password").click()
    expect(page.locator("#invite-password-error")).to_contain_text("at least 12 characters")
    page.get_by_label("New password").fill("lantern meadow quiet")
    page.get_by_label("Once more").fill("lantern meadow loud")
    page.get_by_role("button", name="Choose this password").click()
    expect(page.locator("#invite-again-error")).to_have_text("The two are not the same.")
    page.get_by_label("Once more").fill("lantern meadow quiet")
    page.get_by_role("button", name="Choose this password").click()
    expect(page.locator("#notice")).to_contain_text("Welcome. You are signed in.")
    assert wait_for(office, "POST", "/v1/invitations/accept") == {
        "token": data.INVITATION,
        "password": "lantern meadow quiet",
    }


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [(404, "unknown-invitation", "was used already"), (410, "invitation-expired", "has expired")],
)
def test_an_invitation_that_no_longer_works_is_said_to(
    rooms: Open, office: Office, status: int, kind: str, said: str
) -> None:
    office.answers[("POST", "/v1/invitations/accept")] = [problem(status, kind)]
    page = rooms("#invite=old-token", person=None)
    page.get_by_label("New password").fill("lantern meadow quiet")
    page.get_by_label("Once more").fill("lantern meadow quiet")
    page.get_by_role("button", name="Choose this password").click()
    expect(page.locator("#invite-error")).to_contain_text(said)


def test_a_session_that_ends_in_the_middle_of_work_loses_nothing(rooms: Open, office: Office) -> None:
    page = rooms("#credentials")
    page.get_by_role("button", name="Issue a credential").click()
    page.locator("#credential-name").fill("Cold store")
    office.session = None
    page.locator("#credential").get_by_role("button", name="Issue a credential").click()
    expect(page.get_by_role("heading", name="Sign in again")).to_be_visible()
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#signin-error")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(data.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#made-token")).to_have_value(data.TOKEN)
    assert office.bodies("POST", "/v1/credentials")[-1]["name"] == "Cold store"


def test_a_token_from_another_tab_s_sign_in_is_fetched_and_the_request_goes_again(rooms: Open, office: Office) -> None:
    page = rooms("#people")
    office.session = "csrf-of-another-tab"
    page.locator("#person-p-2 summary").click()
    page.get_by_role("button", name="Switch off: Bo Reed").click()
    expect(page.locator("#notice")).to_contain_text("Bo Reed can no longer sign in.")


def test_an_organisation_that_only_operates_signs_no_events(rooms: Open, office: Office) -> None:
    office.partner = data.OPERATOR | {"roles": ["operator"]}
    page = rooms()
    expect(page.get_by_role("heading", level=1)).to_have_text("Partners")
    assert page.locator("#room-list a[href='#sign']").count() == 0


def test_who_is_signed_in_signs_without_a_token(rooms: Open, office: Office, tests_done: list[Json]) -> None:
    Service(office.site)  # which knows the inspector's key
    proofs: list[str] = []
    ids = [tests_done[0]["eventID"]]

    def accept(proof: str, statements: Json) -> tuple[int, Json]:
        proofs.append(proof)
        if proof != office.session:
            return 401, {"type": "https://ns.chain-service.example/problems/unauthorized"}
        return 202, {"eventIDs": ids, "promise": None}

    office.site.stating = accept
    page = rooms(wallet=(wallet := Wallet(INSPECTOR)))
    expect(page.locator("#sender")).to_have_text("Sent by you for Harbour Records.")
    assert page.locator("#token").count() == 0
    page.locator("#text").fill(json.dumps(tests_done[0]))
    office.session = None
    page.get_by_role("button", name="Sign with").click()
    page.get_by_label("Password").fill(data.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("The statement signed with your key was accepted.")).to_be_visible()
    assert wallet.asked.count("eth_signTypedData_v4") == 1
    assert proofs[0] != proofs[1] == office.session


def test_a_password_is_changed_and_the_person_signs_out(rooms: Open, office: Office) -> None:
    page = rooms("#account")
    change = page.get_by_role("button", name="Change your password")
    for name, text in (("old", "wrong"), ("password", "lantern meadow quiet"), ("again", "lantern meadow quiet")):
        page.locator(f"#change-{name}").fill(text)
    office.answers[("POST", "/v1/session/password")] = [problem(401, "wrong-login")]
    change.click()
    expect(page.locator("#change-old-error")).to_have_text("This is not your present password.")
    weak = problem(422, "weak-password", errors=[{"pointer": "/new", "detail": "weak"}])
    office.answers[("POST", "/v1/session/password")] = [weak]
    change.click()
    expect(page.locator("#change-password-error")).to_contain_text("Too short, too common")
    change.click()
    expect(page.locator("#notice")).to_contain_text("Your password is changed.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#token")).to_be_visible()
    assert office.session is None


def test_the_language_is_switched_without_losing_what_was_typed(rooms: Open) -> None:
    page = rooms("#signin", person=None, locale="zh-CN")
    page.get_by_label("邮箱").fill("ann@operator.example")
    page.locator("#language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert page.get_by_label("Email").input_value() == "ann@operator.example"
