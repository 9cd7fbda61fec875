"""Steps whose content is not in a passport: undisclosed to this reader, or erased by their reporter."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chain_service.kit import merkle
from chain_service.kit.digests import from_hex, to_hex
from chain_service.kit.eip712 import Statement, statement_digest
from tests.pages.conftest import state
from tests.pages.ledger import FORMULA, passport, sample_statements
from tests.pages.site import Site

Open = Callable[..., Page]
Json = dict[str, Any]
BY = "did:web:waikato-dairy.example"
AT = "2026-11-25T10:00:00.000Z"
NOT_DISCLOSED, ERASED = "not disclosed", "erased"


def _leaf_hash(receipt: Json) -> bytes:
    digest = statement_digest(Statement.from_json(receipt["statement"]), receipt["network"])
    return merkle.leaf_hash(digest + from_hex(receipt["reporter"]["signature"]))


def _place(receipt: Json) -> Json:
    place = {name: copy.deepcopy(receipt[name]) for name in ("batch", "index", "path", "anchor")}
    return {"leafHash": to_hex(_leaf_hash(receipt))} | place


def _undisclosed(receipt: Json) -> Json:
    return {"undisclosed": _place(receipt)}


def _erased(receipt: Json, by: Any = BY, at: Any = AT) -> Json:
    return {"erased": {"by": by, "at": at} | _place(receipt)}


def _steps(site: Site) -> list[Json]:
    return site.passports[FORMULA.path]["steps"]  # type: ignore[no-any-return]


def _close(site: Site, *places: int, make: Callable[[Json], Json] = _undisclosed) -> None:
    """Close the steps that stand at these places, counted from 0."""
    steps = _steps(site)
    for place in places:
        steps[place] = make(steps[place]["receipt"])


def _show(site: Site, open_page: Open, wanted: str, **options: Any) -> tuple[Page, str]:
    page = open_page(site.url + FORMULA.path, **options)
    return page, state(page, wanted)


def _line(page: Page, number: int) -> Any:
    return page.locator(f"#step-closed-{number}")


def _badge(page: Page, number: int) -> str:
    return str(page.locator(f"#state-closed-{number}").inner_text())


class TestUndisclosed:
    def test_the_band_counts_what_may_be_seen_and_what_may_not(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, 9)
        page, text = _show(formula, open_page, "proven")
        seen = len(_steps(formula)) - 2
        assert f"All {seen} steps you may see are proven; 2 more are sealed and not disclosed." in text
        assert "was signed by the organisation that took it" in text
        assert page.locator(".badge.is-proven").count() == seen
        assert [_badge(page, 1), _badge(page, 2)] == [NOT_DISCLOSED] * 2
        assert "One sealed step, not disclosed" in _line(page, 1).inner_text()
        assert page.problems == []  # type: ignore[attr-defined]

    def test_the_band_counts_in_chinese(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        page, text = _show(formula, open_page, "proven", locale="zh-CN")
        assert f"您可查看的 {len(_steps(formula)) - 1} 个步骤均已证实；另有 1 个步骤已封存但未公开。" in text
        assert "1 个已封存、未公开的步骤" in _line(page, 1).inner_text()
        assert _badge(page, 1) == "未公开"

    def test_the_language_may_be_changed(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        page, _ = _show(formula, open_page, "proven")
        _line(page, 1).locator(".row").click()
        page.locator("#language").click()
        expect(page.locator("#headline")).to_contain_text("另有 1 个步骤已封存但未公开")
        expect(page.locator("#detail-closed-1")).to_contain_text("此旅程中的机构可以查看")

    def test_several_in_a_row_are_one_line_with_their_count(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, 4, 5, 8)
        page, text = _show(formula, open_page, "proven")
        assert "4 more are sealed and not disclosed" in text
        assert "3 sealed steps, not disclosed" in _line(page, 1).inner_text()
        assert "One sealed step, not disclosed" in _line(page, 2).inner_text()
        order = page.locator(".step").evaluate_all("steps => steps.map(step => step.id)")
        assert order[2:7] == ["step-3", "step-closed-1", "step-4", "step-5", "step-closed-2"]
        _line(page, 1).locator(".row").click()
        expect(page.locator("#detail-closed-1 details")).to_have_count(3)
        page.locator("#detail-closed-1 summary").nth(1).click()
        expect(page.locator("#detail-closed-1 .check:visible .outcome")).to_have_text(["passed", "passed"])

    def test_steps_are_numbered_as_they_are_seen(self, formula: Site, open_page: Open) -> None:
        _steps(formula)[6]["receipt"]["event"]["action"] = "OBSERVE"
        _close(formula, 0, 3)
        page, text = _show(formula, open_page, "altered")
        assert "Step 5 does not match what was sealed on 3 November." in text
        assert "2 more are sealed and not disclosed." in text
        assert page.locator("#step-5 .badge").inner_text() == "altered"

    @pytest.mark.parametrize("width", [390, 1280])
    def test_its_details_say_what_not_disclosed_means(self, formula: Site, open_page: Open, width: int) -> None:
        _close(formula, 3)
        page, _ = _show(formula, open_page, "proven", width=width)
        _line(page, 1).locator(".row").click()
        detail = page.locator("#beside" if width > 1000 else "#detail-closed-1")
        expect(detail.locator(".check .outcome")).to_have_text(["passed", "passed"])
        for part in (
            "the organisations of this journey may see this content, and you may not",
            "The content is sealed all the same",
            "Whoever holds its receipt can check it in full",
            "is the word of Journey Demo",
        ):
            expect(detail).to_contain_text(part)
        assert detail.get_by_role("link").get_attribute("href") == "/verify"
        assert page.locator(".download").count() == 0

    def test_how_do_we_know_says_what_was_not_checked(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, 4)
        _close(formula, 6, make=_erased)
        page, _ = _show(formula, open_page, "proven")
        page.get_by_text("How do we know?").last.click()
        expect(page.locator("#how")).to_contain_text("2 steps are not disclosed to you. Only their places")
        expect(page.locator("#how")).to_contain_text("One step was erased by its reporter.")
        expect(page.locator("#how")).to_contain_text("For every step that is shown, seven things are checked")

    def test_a_journey_of_none_but_undisclosed_steps_is_said_to_be_one(self, formula: Site, open_page: Open) -> None:
        _close(formula, *range(len(_steps(formula))))
        page, text = _show(formula, open_page, "undisclosed")
        count = len(_steps(formula))
        assert f"{count} steps are sealed and not disclosed." in text
        assert "No step of this journey can be shown to you." in text
        assert page.locator(".row").count() == 1
        assert "proven" not in page.locator("body").inner_text()

    def test_the_first_view_stays_under_100_kilobytes(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, 9)
        page, _ = _show(formula, open_page, "proven")
        page.wait_for_load_state("networkidle")
        assert sum(size for _, size in formula.requests) <= 100_000
        assert "/static/locales/en.more.json" not in dict(formula.requests)

    def test_a_passport_without_any_fetches_nothing_for_them(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.wait_for_load_state("networkidle")
        assert [path for path, _ in formula.requests if "closed" in path or "place" in path] == []

    @pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
    @pytest.mark.parametrize("dark", [False, True])
    def test_nothing_is_wider_than_a_phone_and_text_has_contrast(
        self, formula: Site, open_page: Open, locale: str, dark: bool
    ) -> None:
        _close(formula, 3, 4)
        _close(formula, 7, make=_erased)
        page, _ = _show(formula, open_page, "proven", locale=locale, dark=dark, width=360)
        for number in (1, 2):
            _line(page, number).locator(".row").click()
            page.wait_for_selector(f"#detail-closed-{number} h4")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert page.evaluate("async () => (await import('/tests/contrast.js')).tooFaint(4.5)") == []
            assert page.evaluate("async () => (await import('/tests/contrast.js')).tooSmall(44)") == []


class TestErased:
    def test_its_line_says_who_erased_it_and_when(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, make=_erased)
        page, text = _show(formula, open_page, "proven")
        seen = len(_steps(formula)) - 1
        assert f"All {seen} steps you may see are proven; one more was erased by its reporter." in text
        words = _line(page, 1).inner_text()
        assert "Erased by Waikato Dairy Growers on 25 Nov 2026" in words
        assert "What was sealed can no longer be read." in words
        assert _badge(page, 1) == ERASED
        _line(page, 1).locator(".row").click()
        detail = page.locator("#detail-closed-1")
        expect(detail).to_contain_text("Copies that others downloaded before are outside our reach.")
        expect(detail).to_contain_text("Who erased it and when")
        expect(detail.locator(".check .outcome")).to_have_text(["passed", "passed"])

    def test_in_chinese(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, make=_erased)
        page, text = _show(formula, open_page, "proven", locale="zh-CN")
        assert "另有 1 个步骤已由上报机构删除。" in text
        assert re.search("已由.+于 2026 年 11 月 25 日删除", _line(page, 1).inner_text())
        assert "当初封存的内容已无法读取。" in _line(page, 1).inner_text()
        assert _badge(page, 1) == "已删除"

    def test_it_stands_apart_from_undisclosed_steps(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, 5)
        _close(formula, 4, 6, make=_erased)
        page, text = _show(formula, open_page, "proven")
        assert "; 2 more are sealed and not disclosed; 2 more were erased by their reporters." in text
        badges = [_badge(page, number) for number in (1, 2, 3, 4)]
        assert badges == [NOT_DISCLOSED, ERASED, NOT_DISCLOSED, ERASED]

    def test_only_closed_steps_of_both_kinds(self, formula: Site, open_page: Open) -> None:
        steps = _steps(formula)
        steps[:] = [_undisclosed(steps[0]["receipt"]), _erased(steps[1]["receipt"])]
        _, text = _show(formula, open_page, "undisclosed")
        assert "One step is sealed and not disclosed; one more was erased by its reporter." in text

    def test_a_partner_that_is_not_named_is_called_by_its_did(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, make=lambda receipt: _erased(receipt, "did:web:gone.example"))
        page, _ = _show(formula, open_page, "proven")
        assert "Erased by did:web:gone.example on" in _line(page, 1).inner_text()

    @pytest.mark.parametrize(
        "by", ["<img src=x onerror=alert(1)>", "did:web:a.example<script>", "Alpine Formula", "__proto__", "", 7, None]
    )
    def test_what_is_no_did_is_not_written_and_fails(self, formula: Site, open_page: Open, by: Any) -> None:
        _close(formula, 3, make=lambda receipt: _erased(receipt, by))
        page, text = _show(formula, open_page, "altered")
        assert "One step whose content is not shown does not match what was sealed." in text
        assert _line(page, 1).locator(".title").inner_text() == "An erased step"
        _line(page, 1).locator(".row").click()
        expect(page.locator("#detail-closed-1")).to_contain_text("ill-formed in what is said of its place: by.")
        assert page.locator("main img:not(.product > img)").count() == 0
        assert page.problems == []  # type: ignore[attr-defined]

    def test_a_partner_s_name_is_text_and_never_markup(self, formula: Site, open_page: Open) -> None:
        hostile = "<img src=x onerror=alert(1)>"
        formula.passports[FORMULA.path]["partners"][BY]["name"] = {"en": hostile}
        _close(formula, 3, make=_erased)
        page, _ = _show(formula, open_page, "proven")
        assert f"Erased by {hostile} on" in _line(page, 1).inner_text()
        assert page.locator("main img:not(.product > img)").count() == 0
        assert page.problems == []  # type: ignore[attr-defined]

    @pytest.mark.parametrize("at", ["yesterday", "2026-02-30T00:00:00Z", 7, None])
    def test_what_is_no_time_fails(self, formula: Site, open_page: Open, at: Any) -> None:
        _close(formula, 3, make=lambda receipt: _erased(receipt, at=at))
        page, _ = _show(formula, open_page, "altered")
        assert page.problems == []  # type: ignore[attr-defined]


class TestNotProven:
    @pytest.mark.parametrize("make", [_undisclosed, _erased])
    @pytest.mark.parametrize(
        ("pointer", "value", "what"),
        [
            (("leafHash",), "0x" + "11" * 32, "its place among the sealed statements"),
            (("path", 0), "0x" + "11" * 32, "its place among the sealed statements"),
            (("index",), 4_000_000_000, "its place among the sealed statements"),
            (("path",), None, "its place among the sealed statements"),
            (("batch", "root"), "0x" + "11" * 32, "its place among the sealed statements and the seal"),
            (("batch", "first"), 3, "the seal"),
            (("batch", "number"), 9, "the seal, which the record does not hold"),
            (("batch", "operator"), "0x" + "11" * 20, "the seal, which the record does not hold"),
            (("anchor", "chainId"), 1, "the seal"),
            (("anchor", "contract"), "0x" + "11" * 20, "the seal"),
        ],
    )
    def test_what_differs_is_said(
        self,
        formula: Site,
        open_page: Open,
        make: Callable[[Json], Json],
        pointer: tuple[Any, ...],
        value: Any,
        what: str,
    ) -> None:
        _close(formula, 3, make=make)
        holder: Any = next(iter(_steps(formula)[3].values()))
        *parts, last = pointer
        for part in parts:
            holder = holder[part]
        holder[last] = value
        page, text = _show(formula, open_page, "altered")
        assert "One step whose content is not shown does not match what was sealed." in text
        assert f"What differs there is {what}." in text
        assert f"The other {len(_steps(formula)) - 1} steps are proven." in text
        assert _badge(page, 1) == "altered"
        assert page.problems == []  # type: ignore[attr-defined]

    def test_in_chinese(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        _steps(formula)[3]["undisclosed"]["leafHash"] = "0x" + "11" * 32
        _, text = _show(formula, open_page, "altered", locale="zh-CN")
        assert "有 1 个未显示内容的步骤与封存的内容不一致。" in text
        assert "不一致之处是它在封存批次中的位置。" in text

    def test_a_forged_root_with_a_fitting_path_is_not_the_seal(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        leaves = [merkle.leaf_hash(bytes([i])) for i in range(4)]
        place = _steps(formula)[3]["undisclosed"]
        place |= {"leafHash": to_hex(leaves[3]), "index": 3, "path": [to_hex(each) for each in merkle.path(leaves, 3)]}
        place["batch"] |= {"count": 4, "root": to_hex(merkle.root(leaves))}
        page, text = _show(formula, open_page, "altered")
        assert "What differs there is the seal." in text
        _line(page, 1).locator(".row").click()
        expect(page.locator("#detail-closed-1")).to_contain_text("The record holds another batch in its place.")
        expect(page.locator("#detail-closed-1 .check .outcome")).to_have_text(["passed", "failed"])

    def test_one_altered_among_several_makes_their_line_altered(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3, 4, 5)
        _steps(formula)[4]["undisclosed"]["leafHash"] = "0x" + "11" * 32
        page, text = _show(formula, open_page, "altered")
        assert "2 more are sealed and not disclosed." in text
        assert _badge(page, 1) == "altered"
        _line(page, 1).locator(".row").click()
        summaries = page.locator("#detail-closed-1 summary")
        expect(summaries).to_have_text(["1 of 3: not disclosed", "2 of 3: altered", "3 of 3: not disclosed"])

    def test_the_same_place_twice_counts_once(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        _steps(formula).insert(4, copy.deepcopy(_steps(formula)[3]))
        _steps(formula).append(_undisclosed(_steps(formula)[0]["receipt"]))
        page, text = _show(formula, open_page, "altered")
        assert "2 steps whose content is not shown do not match" in text
        assert "one more is sealed and not disclosed" in text.lower()
        _line(page, 2).locator(".row").click()
        expect(page.locator("#detail-closed-2")).to_contain_text("Another step of this journey already has this place.")

    def test_a_step_of_both_kinds_or_with_a_receipt_is_none(self, formula: Site, open_page: Open) -> None:
        receipt = _steps(formula)[3]["receipt"]
        _steps(formula)[3] = {"receipt": receipt} | _undisclosed(receipt)
        _steps(formula)[5] = _erased(_steps(formula)[5]["receipt"]) | _undisclosed(_steps(formula)[5]["receipt"])
        page, text = _show(formula, open_page, "altered")
        assert "2 steps whose content is not shown do not match" in text
        assert page.problems == []  # type: ignore[attr-defined]

    def test_disclosed_and_undisclosed_troubles_are_both_said(self, formula: Site, open_page: Open) -> None:
        _close(formula, 9)
        _steps(formula)[9]["undisclosed"]["leafHash"] = "0x" + "11" * 32
        _steps(formula)[6]["receipt"]["event"]["action"] = "OBSERVE"
        _, text = _show(formula, open_page, "altered")
        assert text.startswith("Step 7 does not match what was sealed on 3 November.")
        assert "One step whose content is not shown does not match what was sealed." in text

    def test_without_a_node_no_seal_was_read(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        formula.rpc = lambda batch: None
        page, text = _show(formula, open_page, "unknown")
        assert text.count("The record could not be reached, so seals were not checked.") == 1
        assert "not disclosed." not in text
        assert _badge(page, 1) == "not fully checked"
        _line(page, 1).locator(".row").click()
        expect(page.locator("#detail-closed-1 .check .outcome")).to_have_text(["passed", "not possible"])

    def test_without_a_node_only_undisclosed_steps(self, formula: Site, open_page: Open) -> None:
        _close(formula, *range(len(_steps(formula))))
        formula.rpc = lambda batch: None
        _, text = _show(formula, open_page, "unknown")
        assert "The record could not be reached, so seals were not checked." in text

    def test_a_forgery_is_found_without_a_node_too(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        _steps(formula)[3]["undisclosed"]["leafHash"] = "0x" + "11" * 32
        formula.rpc = lambda batch: None
        _, text = _show(formula, open_page, "altered")
        assert text.startswith("One step whose content is not shown does not match")
        assert "The record could not be reached" in text

    def test_a_node_of_another_chain_is_not_believed(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        formula.ledger.chain_id = 1
        page, _ = _show(formula, open_page, "unknown")
        _line(page, 1).locator(".row").click()
        expect(page.locator("#detail-closed-1")).to_contain_text("The node that was asked serves another network.")

    def test_who_sealed_it_must_have_been_an_operator(self, formula: Site, open_page: Open) -> None:
        _close(formula, *range(len(_steps(formula))))
        answer = formula.ledger.answer
        zero = "0x" + "00" * 32
        formula.rpc = lambda batch: [
            reply | {"result": zero} if len(reply["result"]) == 66 else reply for reply in map(answer, batch)
        ]
        page, _ = _show(formula, open_page, "altered")
        _line(page, 1).locator(".row").click()
        page.locator("#detail-closed-1 summary").first.click()
        expect(page.locator("#detail-closed-1 .check:visible")).to_contain_text(
            [re.compile("passed"), re.compile("Whoever sealed it was no operator then")]
        )


class TestWaiting:
    def test_an_undisclosed_step_is_watched_until_it_is_sealed(self, site: Site, open_page: Open) -> None:
        statements = sample_statements("formula")
        receipts = site.ledger.receipts(statements[:-1]) + site.ledger.receipts(statements[-1:], sealed=False)
        site.passports[FORMULA.path] = passport(FORMULA, receipts)
        _close(site, len(statements) - 1)
        page, text = _show(site, open_page, "waiting")
        seen = len(statements) - 1
        assert text.startswith("One step whose content is not shown waits to be sealed. This takes a few seconds.")
        assert f"The other {seen} steps are proven." in text
        assert "One step, not disclosed, about to be sealed" in _line(page, 1).inner_text()
        assert _badge(page, 1) == "waiting"
        site.ledger.seal(receipts[-1:], [_leaf_hash(receipts[-1])])
        _steps(site)[-1] = _undisclosed(receipts[-1])
        assert f"All {seen} steps you may see are proven; one more is sealed" in state(page, "proven")

    def test_in_chinese(self, site: Site, open_page: Open) -> None:
        receipts = site.ledger.receipts(sample_statements("formula")[-2:], sealed=False)
        site.passports[FORMULA.path] = passport(FORMULA, receipts)
        _close(site, 0, 1)
        page, text = _show(site, open_page, "waiting", locale="zh-CN")
        assert "有 2 个未显示内容的步骤正在等待封存" in text
        assert "2 个未公开的步骤，即将封存" in _line(page, 1).inner_text()

    def test_a_half_placed_step_is_altered(self, formula: Site, open_page: Open) -> None:
        _close(formula, 3)
        _steps(formula)[3]["undisclosed"]["batch"] = None
        _show(formula, open_page, "altered")


def test_nothing_that_is_ill_formed_passes_or_throws(formula: Site, open_page: Open) -> None:
    place = _place(_steps(formula)[3]["receipt"])
    odd: list[Any] = [None, True, 7, "text", [], {}, -1, 1.5, "0x", [[]], {"a": 1}]
    entries = [json.dumps({kind: each}) for kind in ("undisclosed", "erased") for each in odd]
    for name in place:
        entries += [json.dumps({"undisclosed": place | {name: each}}) for each in odd]
        entries.append(json.dumps({"undisclosed": {n: v for n, v in place.items() if n != name}}))
    for part in ("batch", "anchor"):
        for name in place[part]:
            entries += [json.dumps({"undisclosed": place | {part: place[part] | {name: each}}}) for each in odd]
    entries.append(json.dumps({"undisclosed": place | {"reporter": BY}}))
    entries.append(json.dumps({"undisclosed": place}).replace('"index": 3', '"index": 3.0'))
    page = open_page(f"{formula.url}/verify")
    script = """async (entries) => {
      const { verifyClosed } = await import('/static/lib/place.js');
      const { parse } = await import('/static/lib/canonical.js');
      const verdicts = await Promise.all(entries.map((entry) => verifyClosed(parse(entry))));
      return entries.filter((_, i) => verdicts[i].state !== 'failed');
    }"""
    # Whether these numbers are the seal's is the node's to say, and none is asked here.
    numbers = [
        ("batch", "number"),
        ("batch", "first"),
        *(("anchor", name) for name in ("chainId", "block", "sealedAt")),
    ]
    unread = {json.dumps({"undisclosed": place | {part: place[part] | {name: 7}}}) for part, name in numbers}
    assert set(page.evaluate(script, entries)) == unread
    assert page.evaluate(script, [json.dumps({"undisclosed": place})]) != []
