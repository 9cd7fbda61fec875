"""The console's rooms in a real browser: people, credentials, disclosure, audit, and who sees which room."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages import office_data as data
from tests.pages.office import Office

Open = Callable[..., Page]
ROOMS = ["sign", "many", "partners", "operators", "people", "credentials", "disclosure", "audit", "registry", "account"]


def test_switching_a_person_off_can_be_undone(rooms: Open, office: Office) -> None:
    page = rooms("#people")
    page.locator("#person-p-2 summary").click()
    page.get_by_role("button", name="Switch off: Bo Reed").click()
    expect(page.get_by_role("row", name="Bo Reed")).to_contain_text("switched off")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="Bo Reed")).to_contain_text("invited")
    assert office.bodies("PATCH", "/v1/people/p-2") == [{"disabled": True}, {"disabled": False}]


def test_erasing_is_confirmed_and_a_refusal_is_said(rooms: Open, office: Office) -> None:
    page = rooms("#people")
    for name, said in (("Bo Reed", "The person is erased."), ("Ann Marsh", "Nobody else may manage")):
        page.get_by_role("row", name=name).locator("summary").click()
        page.get_by_role("button", name=f"Erase: {name}").click()
        expect(page.get_by_role("dialog")).to_contain_text("This cannot be undone.")
        page.get_by_role("dialog").get_by_role("button", name="Erase").click()
        expect(page.locator("#notice")).to_contain_text(said)
    expect(page.get_by_role("row", name="Bo Reed")).to_have_count(0)


def test_nobody_grants_a_right_that_they_lack(rooms: Open, office: Office) -> None:
    page = rooms("#people", person=data.ADMIN | {"rights": ["manage", "read"]})
    page.get_by_role("row", name="李薇").locator("summary").click()
    page.get_by_role("button", name="Rights: 李薇").click()
    expect(page.get_by_label("State events")).to_be_disabled()
    page.get_by_role("dialog").get_by_label("Manage").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notice")).to_contain_text("The rights of 李薇 are changed.")
    assert sorted(office.bodies("PATCH", "/v1/people/p-3")[0]["rights"]) == ["manage", "read", "state"]


@pytest.mark.parametrize(
    ("rights", "shown"),
    [
        (["state"], ["sign", "many", "partners", "operators", "account"]),
        (["manage"], ["partners", "operators", "people", "credentials", "audit", "account"]),
        (["describe"], ["many", "partners", "operators", "disclosure", "account"]),
        (["read"], ["partners", "operators", "account"]),
    ],
)
def test_only_the_rooms_that_the_rights_open_are_shown(rooms: Open, rights: list[str], shown: list[str]) -> None:
    page = rooms("#registry", person=data.ADMIN | {"rights": rights}, width=1280)
    expect(page.locator("#room")).to_contain_text("your rights do not open it")
    links = [link.get_attribute("href") for link in page.locator("#room-list a").all()]
    assert links == [*(f"#{room}" for room in shown), "/verify"]


def test_a_token_is_issued_shown_once_saved_and_revoked(rooms: Open, office: Office, tmp_path: Path) -> None:
    page = rooms("#credentials")
    page.get_by_role("button", name="Issue a credential").click()
    sheet = page.get_by_role("dialog")
    page.locator("#credential-expiresInDays").fill("900")
    sheet.get_by_role("button", name="Issue a credential").click()
    expect(page.locator("#credential-name-error")).to_contain_text("A name is needed")
    expect(page.locator("#credential-expiresInDays-error")).to_contain_text("from 1 to 730")
    page.locator("#credential-name").fill("Cold store")
    page.locator("#credential-expiresInDays").fill("30")
    sheet.get_by_role("button", name="Issue a credential").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(tmp_path / "token.txt")
    assert (tmp_path / "token.txt").read_text().strip() == data.TOKEN
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)
    assert data.TOKEN not in page.content()
    page.get_by_role("button", name="Revoke: Cold store").click()
    expect(page.get_by_role("dialog")).to_contain_text("This cannot be undone.")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="Cold store")).to_contain_text("revoked")


def test_disclosure_is_set_for_all_steps_and_for_exceptions_and_can_be_undone(rooms: Open, office: Office) -> None:
    page = rooms("#disclosure")
    page.get_by_label("Everybody").check()
    page.get_by_label("Step", exact=True).select_option(label="Shipped")
    page.get_by_role("button", name="Add an exception").click()
    page.get_by_label("Shipped", exact=True).select_option("own")
    page.get_by_label("step of your own").fill("milking")
    page.get_by_role("button", name="Add an exception").click()
    expect(page.locator("#disclosure-own-error")).to_contain_text("A full address is due")
    page.get_by_label("step of your own").fill("https://dairy.example/step/milking")
    page.get_by_role("button", name="Add an exception").click()
    page.get_by_label("Milked", exact=True).select_option("partners")
    page.get_by_label("Partners, one DID").fill(f"{data.DAIRY}\nno did")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#disclosure-shares-error")).to_have_text("This is no DID: no")
    page.get_by_label("Partners, one DID").fill(data.DAIRY)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notice")).to_contain_text("Saved.")
    steps = {"https://ref.gs1.org/cbv/BizStep-shipping": "own", "https://dairy.example/step/milking": "partners"}
    assert office.disclosure == {"defaults": {"*": "public"} | steps, "sharesWith": [data.DAIRY]}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_contain_text("Taken back.")
    assert office.disclosure["defaults"] == {"*": "partners"}
    expect(page.locator("#disclosure-every-partners")).to_be_checked()


def test_the_audit_log_shows_older_pages_and_keeps_its_filters_in_the_address(rooms: Open) -> None:
    page = rooms("#audit")
    log = page.get_by_role("table", name="Audit log")
    expect(log.get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Show older entries").click()
    expect(log.get_by_role("row")).to_have_count(5)
    expect(log).to_contain_text("registry.somethingNew")
    expect(log.get_by_role("row").nth(1)).to_contain_text(
        re.compile("Ann Marsh p-1.*credential: Warehouse 2 k5j2m7q3xa")
    )
    page.get_by_label("What happened").select_option("session.begun")
    expect(log.get_by_role("row")).to_have_count(2)
    assert page.url.endswith("#audit?action=session.begun")
    page.get_by_label("What happened").select_option("")
    page.get_by_label("Day", exact=True).fill("2026-11-03")
    expect(log.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Day", exact=True)).to_have_value("2026-11-03")
    sealed = page.get_by_role("row", name="2026-11-01").get_by_role("link", name="Receipt")
    assert sealed.get_attribute("href") == "/v1/receipts/urn%3Auuid%3A5f3c2a10-0000-4000-8000-000000000001"


def test_a_service_that_cannot_be_reached_is_said_and_asked_again(rooms: Open) -> None:
    page = rooms("#account")
    page.route("**/v1/people", lambda route: route.abort())
    page.evaluate("location.hash = 'people'")
    expect(page.get_by_role("alert").first).to_contain_text("The service cannot be reached at the moment.")
    page.unroute("**/v1/people")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("row", name="Ann Marsh")).to_be_visible()


def test_empty_rooms_say_the_next_step(rooms: Open, office: Office) -> None:
    office.partners, office.credentials, office.entries, office.days = [], [], [], []
    for room, said in (("partners", "Admit the first one."), ("credentials", "Issue one"), ("operators", "Give one")):
        expect(rooms(f"#{room}").locator(".empty")).to_contain_text(said)
    expect(rooms("#audit").locator(".empty")).to_have_text([re.compile("it stands here"), re.compile("No day is over")])


@pytest.mark.parametrize(("locale", "dark"), [("en-GB", True), ("zh-CN", False)])
def test_every_room_is_legible_and_fits_a_phone(rooms: Open, office: Office, locale: str, dark: bool) -> None:
    page = rooms("#partners", locale=locale, dark=dark)
    for room in [*ROOMS, f"partners/{data.DAIRY}"]:
        page.evaluate("(room) => { location.hash = room }", room)
        expect(page.locator("#room > *").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.locator("#menu").click()
        for summary in page.locator("#room summary").all():
            summary.click()
        assert page.evaluate("import('/tests/contrast.js').then((m) => [m.tooFaint(4.5), m.tooSmall(44)])") == [[], []]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []  # type: ignore[attr-defined]
