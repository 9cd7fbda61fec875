"""/verify in a real browser: a receipt file against any network and node."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.pages.ledger import Ledger, network_file, sample_statements
from tests.pages.site import Site

Open = Callable[..., Page]


@pytest.fixture
def receipt(site: Site) -> dict[str, Any]:
    """The receipt of the first step of the formula's journey."""
    return site.ledger.receipts(sample_statements("formula")[:3])[0]


def _choose(page: Page, receipt: Any, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(receipt if isinstance(receipt, bytes) else json.dumps(receipt, ensure_ascii=False).encode())
    page.locator("#receipt").set_input_files(file)


def _outcomes(page: Page) -> list[str]:
    page.wait_for_selector("#result .check")
    return page.locator("#result .check .outcome").all_inner_texts()


def test_a_receipt_that_holds_is_said_to_hold(
    site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path
) -> None:
    page = open_page(f"{site.url}/verify")
    _choose(page, receipt, tmp_path)
    assert _outcomes(page) == ["passed"] * 7
    text = page.locator("#result").inner_text()
    assert "stated by did:web:waikato-dairy.example, sealed on 3 Nov 2026, 18:00, and has not changed since" in text
    assert "An operator holds the signing key for the partner." in text
    assert "not of the physical thing" in text
    assert page.problems == []  # type: ignore[attr-defined]


def test_it_speaks_chinese(site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path) -> None:
    page = open_page(f"{site.url}/verify", locale="zh-CN")
    _choose(page, receipt, tmp_path)
    assert _outcomes(page) == ["通过"] * 7
    expect(page.get_by_role("heading", name="核对凭证")).to_be_visible()
    page.locator("#language").click()
    expect(page.get_by_role("heading", name="Check a receipt")).to_be_visible()
    assert _outcomes(page) == ["passed"] * 7


def test_a_changed_receipt_fails_at_the_right_check(
    site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path
) -> None:
    page = open_page(f"{site.url}/verify")
    receipt["event"]["action"] = "OBSERVE"
    _choose(page, receipt, tmp_path)
    assert _outcomes(page) == ["failed", *["passed"] * 6]
    expect(page.locator("#result")).to_contain_text("This receipt does not hold: check 1 failed.")


def test_another_node_and_network_can_be_entered(
    site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path
) -> None:
    site.rpc = lambda batch: None  # the operator's own node is down
    other = Site(site.ledger)
    try:
        page = open_page(f"{site.url}/verify")
        _choose(page, receipt, tmp_path)
        assert _outcomes(page)[5] == "not possible"
        page.get_by_text("The network you trust").click()
        page.get_by_label("Node (address of its JSON-RPC)").fill(f"{other.url}/rpc")
        page.get_by_role("button", name="Check again").click()
        expect(page.locator("#result .check .outcome")).to_have_text(["passed"] * 7)
        expect(page.locator("#result")).to_contain_text(f"read at the node {other.url.removeprefix('http://')}")
    finally:
        other.close()


def test_a_network_file_can_be_chosen(site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path) -> None:
    page = open_page(f"{site.url}/verify")
    _choose(page, receipt, tmp_path)
    assert _outcomes(page) == ["passed"] * 7
    page.get_by_text("The network you trust").click()
    file = tmp_path / "network.json"
    file.write_text(json.dumps(network_file([f"{site.url}/rpc"]) | {"network": "other-8899aabbccddeeff"}))
    page.locator("#network-file").set_input_files(file)
    expect(page.locator("#result .check .outcome").nth(5)).to_have_text("failed")
    expect(page.locator("#result")).to_contain_text("this page trusts other-8899aabbccddeeff")


def test_without_a_network_everything_up_to_the_path_is_checked(
    site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path
) -> None:
    page = open_page(f"{site.url}/verify")
    page.wait_for_selector("#receipt", state="attached")
    page.context.set_offline(True)
    page.get_by_text("The network you trust").click()
    for field in page.locator("form input").all():
        field.fill("")
    page.get_by_role("button", name="Check again").click()
    _choose(page, receipt, tmp_path)
    assert _outcomes(page) == ["passed", "passed", "passed", "not possible", "passed", "not possible", "not possible"]
    expect(page.locator("#result")).to_contain_text("Nothing failed, but not everything could be checked: 4, 6 and 7")


def test_an_incomplete_network_is_said_beside_the_form(site: Site, open_page: Open) -> None:
    page = open_page(f"{site.url}/verify")
    page.get_by_text("The network you trust").click()
    page.get_by_label("Chain id").fill("")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not complete")
    assert page.get_by_label("Chain id").get_attribute("aria-invalid") == "true"


def test_a_declared_error_fails_the_seventh_check(
    site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path
) -> None:
    declared = {"declarationTime": "2026-11-04T00:00:00Z", "reason": "incorrect_data"}
    event = receipt["event"] | {"errorDeclaration": declared}
    declaration = site.ledger.receipts([(receipt["reporter"]["partner"], event)])[0]
    asked = (
        f"{quote(event['eventID'], safe='')}?declaration=1&partner={quote(declaration['reporter']['partner'], safe='')}"
    )
    site.receipts[asked] = declaration
    page = open_page(f"{site.url}/verify")
    _choose(page, receipt, tmp_path)
    assert _outcomes(page) == [*["passed"] * 6, "failed"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is not a receipt"),
        (b"\xff\xfe", "This file is not a receipt: not UTF-8"),
        (b'{"type": 1, "type": 2}', "the name type stands twice"),
        (b"[" * 100_000, "levels deep"),
        (b"[]", "check 1 failed"),
        (b"{}", "checks 1, 2, 3, 5 and 6 failed"),
    ],
)
def test_what_is_no_receipt_gets_a_sentence_and_never_an_exception(
    site: Site, open_page: Open, tmp_path: Path, content: bytes, said: str
) -> None:
    import re

    page = open_page(f"{site.url}/verify")
    _choose(page, content, tmp_path)
    expect(page.locator("#result .verdict")).to_contain_text(re.compile(said))
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_waiting_receipt_is_said_to_wait(site: Site, open_page: Open, tmp_path: Path) -> None:
    waiting = Ledger().receipts(sample_statements("formula")[:1], sealed=False)[0]
    page = open_page(f"{site.url}/verify")
    _choose(page, waiting, tmp_path)
    expect(page.locator("#result .verdict")).to_contain_text("It waits for its seal.")


def test_nothing_of_the_receipt_leaves_the_browser_but_its_event_id(
    site: Site, open_page: Open, receipt: dict[str, Any], tmp_path: Path
) -> None:
    page = open_page(f"{site.url}/verify")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    _choose(page, receipt, tmp_path)
    _outcomes(page)
    assert receipt["salt"][2:] not in "".join(sent)
    assert "Puketea" not in "".join(sent)
