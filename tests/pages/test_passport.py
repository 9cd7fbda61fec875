"""The passport page in a real browser: what it shows, and what it says in every state."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chain_service.kit import merkle
from chain_service.kit.digests import from_hex
from chain_service.kit.eip712 import Statement, statement_digest
from tests.pages.conftest import state
from tests.pages.ledger import FORMULA, passport, sample_statements
from tests.pages.site import Site

Open = Callable[..., Page]
Json = dict[str, Any]


def _steps(site: Site) -> list[Json]:
    return site.passports[FORMULA.path]["steps"]  # type: ignore[no-any-return]


def _show(site: Site, open_page: Open, wanted: str, **options: Any) -> tuple[Page, str]:
    page = open_page(site.url + FORMULA.path, **options)
    return page, state(page, wanted)


def _leaf_hash(receipt: Json) -> bytes:
    digest = statement_digest(Statement.from_json(receipt["statement"]), receipt["network"])
    return merkle.leaf_hash(digest + from_hex(receipt["reporter"]["signature"]))


class TestProven:
    def test_it_says_how_many_steps_are_proven_by_whom_and_when_they_were_sealed(
        self, formula: Site, open_page: Open
    ) -> None:
        page, text = _show(formula, open_page, "proven")
        count = len(_steps(formula))
        assert f"All {count} steps are proven: each was signed by the organisation that took it" in text
        assert re.search(r"By \d+ organisations\. Last sealed 3 Nov 2026, 18:00\.", text)
        assert page.locator(".badge.is-proven").count() == count
        assert page.problems == []  # type: ignore[attr-defined]

    def test_it_speaks_chinese_to_a_chinese_browser(self, formula: Site, open_page: Open) -> None:
        page, text = _show(formula, open_page, "proven", locale="zh-CN")
        assert f"{len(_steps(formula))} 个步骤均已证实" in text
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        assert page.get_by_role("heading", level=1).inner_text() == "雪岭婴儿配方奶粉 1 段，900 克"
        expect(page.get_by_text("清关", exact=True)).to_be_visible()
        expect(page.get_by_text("马塔马塔，新西兰").first).to_be_visible()

    def test_the_language_switch_is_remembered(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.locator("#language").click()
        expect(page.locator("#headline")).to_contain_text("均已证实")
        page.reload()
        assert "均已证实" in state(page, "proven")

    def test_it_shows_the_product_and_the_journey_in_human_words(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        assert page.get_by_role("heading", level=1).inner_text() == "Alpine Infant Formula 1, 900 g"
        assert page.locator(".product img").evaluate("image => image.naturalWidth") > 0
        titles = page.locator(".row .title").all_inner_texts()
        assert {"Milked", "Processed", "Tested", "Shipped", "Cleared customs", "Put on the shelf"} <= set(titles)
        assert not {title for title in titles if "_" in title or ":" in title}
        first = page.locator("#step-1").inner_text()
        assert "Matamata, New Zealand" in first
        assert "by Waikato Dairy Growers, signed" in first

    def test_a_cold_chain_is_a_line_with_its_allowed_band_and_a_table_behind(
        self, formula: Site, open_page: Open
    ) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.get_by_role("button", name=re.compile("Conditions recorded")).first.click()
        chart = page.get_by_role("img", name="Temperature").first
        expect(chart).to_be_visible()
        assert "3.1–\u20604.4 °C, allowed 2–\u20606 °C" in chart.locator("desc").text_content().replace("\xa0", " ")  # type: ignore[union-attr]
        assert chart.locator("rect.allowed").count() == 1
        page.get_by_text("12 readings as a table").click()
        assert page.locator("figure table tbody tr").count() == 12

    def test_readings_outside_the_band_are_marked_and_counted(self, site: Site, open_page: Open) -> None:
        statements = copy.deepcopy(sample_statements("formula"))
        event = next(e for _, e in statements if "sensor_reporting" in e["bizStep"])
        reports = [r for r in event["sensorElementList"][0]["sensorReport"] if "value" in r]
        reports[3]["value"] = reports[4]["value"] = 9.5
        site.passports[FORMULA.path] = passport(FORMULA, site.ledger.receipts(statements))
        page, _ = _show(site, open_page, "proven")
        row = page.get_by_role("button", name=re.compile("Conditions recorded")).first
        assert "2 readings outside 2–\u20606 °C" in row.inner_text().replace("\xa0", " ")
        row.click()
        expect(page.get_by_role("img", name="Temperature").first.locator("path.breach")).to_have_count(2)

    def test_many_laboratory_values_stand_behind_their_count(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        row = page.get_by_role("button", name=re.compile(r"^Tested.*50 values", re.DOTALL))
        row.click()
        page.get_by_text("50 values", exact=True).click()
        assert page.locator(".detail:visible table tbody tr").count() == 50
        expect(page.get_by_role("rowheader", name="Vitamin D")).to_be_visible()

    def test_certificates_are_listed_with_their_issuer(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.get_by_text("Tests and certificates").click()
        certificate = page.locator("#tests .certificates li").filter(has_text="Pasture-fed herd")
        assert "Issued by Waikato Pasture Council" in certificate.inner_text()

    def test_it_says_what_the_item_is_made_of(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.get_by_text("What it is made of").click()
        milk = page.locator("#made-of .tree .tree li").filter(has_text="Raw milk, whole, lot WD261003-A").first
        expect(milk).to_be_visible()

    def test_a_step_opens_its_seven_checks_and_its_receipt(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        row = page.locator("#step-1 .row")
        row.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#detail-1 .check .outcome")).to_have_text(["passed"] * 7)
        assert row.get_attribute("aria-expanded") == "true"
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the receipt").click()
        saved = json.loads(download.value.path().read_text(encoding="utf-8"))
        assert saved == _steps(formula)[0]["receipt"]

    def test_it_says_honestly_what_the_proof_rests_on(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.get_by_text("How do we know?").last.click()
        page.wait_for_selector("#how .sentences")
        text = page.locator("#how").inner_text()
        count = len(_steps(formula))
        for part in (
            f"Journey Demo holds the signing keys for the partners: {count} steps were signed with such keys.",
            f"runs the node {formula.url.removeprefix('http://')}, where the seals were read",
            "Other steps may exist elsewhere",
            "A code can be photocopied.",
            "are not part of the proof",
            "Recorded late:",
            "Second Member",
        ):
            assert part in text

    def test_a_late_record_is_noted_at_its_step(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven")
        page.locator("#step-1 .row").click()
        expect(page.locator("#detail-1 .notes")).to_contain_text("sealed more than 24 hours after")

    def test_on_a_desktop_the_details_stand_beside_the_journey(self, formula: Site, open_page: Open) -> None:
        page, _ = _show(formula, open_page, "proven", width=1280)
        page.locator("#step-2 .row").click()
        expect(page.locator("#beside .check")).to_have_count(7)
        journey, beside = page.locator("#step-2").bounding_box(), page.locator("#beside").bounding_box()
        assert journey is not None
        assert beside is not None
        assert beside["x"] > journey["x"] + journey["width"]

    @pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
    @pytest.mark.parametrize("dark", [False, True])
    def test_nothing_is_wider_than_a_phone_and_text_has_contrast(
        self, formula: Site, open_page: Open, locale: str, dark: bool
    ) -> None:
        page, _ = _show(formula, open_page, "proven", locale=locale, dark=dark, width=360)
        for row in (0, 3, 9):
            page.locator(".row").nth(row).click()
            page.wait_for_selector(f"#detail-{row + 1} .check")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("async () => (await import('/tests/contrast.js')).tooFaint(4.5)") == []
        assert page.evaluate("async () => (await import('/tests/contrast.js')).tooSmall(44)") == []

    def test_the_first_view_is_at_most_100_kilobytes_and_asks_no_third_party(
        self, formula: Site, open_page: Open
    ) -> None:
        addresses: list[str] = []
        page = open_page()
        page.on("request", lambda request: addresses.append(request.url))
        page.goto(formula.url + FORMULA.path)
        state(page, "proven")
        page.wait_for_load_state("networkidle")
        assert sum(size for _, size in formula.requests) <= 100_000
        assert {address for address in addresses if not address.startswith((formula.url, "data:", "blob:"))} == set()
        assert len([path for path, _ in formula.requests if path == "/rpc"]) <= 2


class TestNotProven:
    def test_an_altered_step_is_named_with_what_differs(self, formula: Site, open_page: Open) -> None:
        _steps(formula)[6]["receipt"]["event"]["inputQuantityList"][0]["quantity"] = 1
        page, text = _show(formula, open_page, "altered")
        assert "Step 7 does not match what was sealed on 3 November. Someone changed it afterwards." in text
        assert "Step 7, Processed: what differs is its content." in text
        assert page.locator("#step-7 .badge").inner_text() == "altered"
        assert page.locator(".badge.is-proven").count() == len(_steps(formula)) - 1

    def test_an_altered_step_in_chinese(self, formula: Site, open_page: Open) -> None:
        _steps(formula)[6]["receipt"]["event"]["inputQuantityList"][0]["quantity"] = 1
        _, text = _show(formula, open_page, "altered", locale="zh-CN")
        assert "第 7 步与 11 月 3 日封存的内容不一致，说明之后有人改动过。" in text

    @pytest.mark.parametrize(
        ("pointer", "value", "what"),
        [
            (("statement", "place"), "https://id.gs1.org/414/9521102000015", "the signed summary, the signature"),
            (("reporter", "signature"), "0x" + "11" * 64 + "1b", "the signature"),
            (("path", 0), "0x" + "11" * 32, "its place among the sealed statements"),
            (("batch", "first"), 3, "the seal"),
            (("batch", "number"), 9, "the seal, which the record does not hold"),
            (("salt",), "0x12", "the form of its receipt"),
        ],
    )
    def test_what_differs_is_said(
        self, formula: Site, open_page: Open, pointer: tuple[Any, ...], value: Any, what: str
    ) -> None:
        holder = _steps(formula)[1]["receipt"]
        *parts, last = pointer
        for part in parts:
            holder = holder[part]
        holder[last] = value
        _, text = _show(formula, open_page, "altered")
        assert f"Step 2, Milked: what differs is {what}" in text

    def test_a_key_that_was_not_entitled_proves_nothing(self, formula: Site, open_page: Open) -> None:
        address = _steps(formula)[0]["receipt"]["reporter"]["address"]
        did, roles, custody, _ = formula.ledger.keys[address]
        formula.ledger.keys[address] = (did, roles, custody, 4)
        page, text = _show(formula, open_page, "unentitled")
        assert "are not proven: the keys that signed them were not entitled to" in text
        page.locator("#step-1 .row").click()
        expect(page.get_by_text("The reporter was suspended then.")).to_be_visible()

    def test_a_step_that_its_partner_declared_wrong_is_said_so(self, formula: Site, open_page: Open) -> None:
        receipt = _steps(formula)[3]["receipt"]
        declaration = receipt["event"] | {
            "errorDeclaration": {"declarationTime": "2026-11-04T00:00:00Z", "reason": "incorrect_data"}
        }
        declared = formula.ledger.receipts([(receipt["reporter"]["partner"], declaration)])[0]
        _steps(formula).append({"relation": "self", "of": FORMULA.name, "receipt": declared})
        page, text = _show(formula, open_page, "declared")
        assert "Step 4 was declared wrong by the organisation that reported it." in text
        assert page.locator(".row .title").last.inner_text() == "An earlier step declared wrong"

    def test_a_waiting_step_is_watched_until_it_is_sealed(self, site: Site, open_page: Open) -> None:
        statements = sample_statements("formula")
        receipts = site.ledger.receipts(statements[:-1]) + site.ledger.receipts(statements[-1:], sealed=False)
        site.passports[FORMULA.path] = passport(FORMULA, receipts)
        page, text = _show(site, open_page, "waiting")
        count = len(statements)
        assert f"Step {count} is signed and waits to be sealed. This takes a few seconds." in text
        assert page.locator(f"#step-{count} .badge").inner_text() == "waiting"
        page.locator("#step-1 .row").click()
        site.ledger.seal(receipts[-1:], [_leaf_hash(receipts[-1])])
        assert f"All {count} steps are proven" in state(page, "proven")
        assert page.locator("#step-1 .row").get_attribute("aria-expanded") == "true"

    def test_without_a_node_it_says_what_was_checked(self, formula: Site, open_page: Open) -> None:
        formula.rpc = lambda batch: None
        page, text = _show(formula, open_page, "unknown")
        assert "The record could not be reached, so seals were not checked. Everything else was." in text
        page.locator("#step-1 .row").click()
        outcomes = ["passed", "passed", "passed", "not possible", "passed", "not possible", "passed"]
        expect(page.locator("#detail-1 .check .outcome")).to_have_text(outcomes)

    def test_a_change_is_found_without_a_node_too(self, formula: Site, open_page: Open) -> None:
        formula.rpc = lambda batch: None
        _steps(formula)[6]["receipt"]["event"]["action"] = "OBSERVE"
        _, text = _show(formula, open_page, "altered")
        assert "Step 7 does not match what was sealed on 3 November." in text

    @pytest.mark.parametrize("answer", [[], {"error": "busy"}, [{"id": 0, "result": "0x7a69"}], "text", [None]])
    def test_odd_answers_of_a_node_are_no_answers(self, formula: Site, open_page: Open, answer: Any) -> None:
        formula.rpc = lambda batch: answer
        page, _ = _show(formula, open_page, "unknown")
        assert page.problems == []  # type: ignore[attr-defined]

    def test_a_node_of_another_chain_is_not_believed(self, formula: Site, open_page: Open) -> None:
        formula.ledger.chain_id = 1
        page, _ = _show(formula, open_page, "unknown")
        page.locator("#step-1 .row").click()
        expect(
            page.locator("#detail-1").get_by_text("The node that was asked serves another network.").first
        ).to_be_visible()

    @pytest.mark.parametrize(
        ("status", "wanted", "english"),
        [
            (404, "unknown", "This code was never issued by the brand."),
            (400, "malformed", "This is not a complete product code."),
            (503, "unreachable", "This service cannot be reached at the moment."),
        ],
    )
    def test_what_is_no_passport_has_a_clear_page(
        self, site: Site, open_page: Open, status: int, wanted: str, english: str
    ) -> None:
        site.status[f"/v1/passports{FORMULA.path}"] = status
        page, text = _show(site, open_page, wanted)
        assert text.strip() == english
        assert page.title() == english

    def test_a_code_never_issued_in_chinese(self, site: Site, open_page: Open) -> None:
        _, text = _show(site, open_page, "unknown", locale="zh-CN")
        assert text.strip() == "品牌方从未发行过这个码。"

    @pytest.mark.parametrize(
        "body", [b'{"steps":[],"steps":[]}', b"not json", b'{"steps":[{"receipt":{"index":1e999}}]}']
    )
    def test_an_ambiguous_answer_is_not_shown(self, site: Site, open_page: Open, body: bytes) -> None:
        site.passports[FORMULA.path] = body
        _show(site, open_page, "unreadable")

    def test_nonsense_in_a_passport_breaks_nothing(self, formula: Site, open_page: Open) -> None:
        steps: list[Any] = _steps(formula)
        steps[2]["receipt"] = {"event": [1, 2], "statement": 7}
        steps[3] = {"receipt": None}
        steps[4] = "nonsense"
        steps[5]["receipt"]["event"] |= {"sensorElementList": [{"sensorReport": "x"}, 3], "eventTime": 7, "ilmd": []}
        formula.passports[FORMULA.path] |= {"names": None, "partners": []}
        page, text = _show(formula, open_page, "altered")
        assert "Steps 3, 4, 5 and 6 do not match" in text
        for number in (3, 4, 5, 6):
            page.locator(f"#step-{number} .row").click()
            page.wait_for_selector(f"#detail-{number} .check")
        assert page.problems == []  # type: ignore[attr-defined]

    def test_what_partners_write_is_text_and_never_markup(self, formula: Site, open_page: Open) -> None:
        hostile = "<img src=x onerror=alert(1)>"
        content = formula.passports[FORMULA.path]
        content["names"]["https://id.gs1.org/01/09521101100105"]["name"] = {"en": hostile}
        content["partners"]["did:web:waikato-dairy.example"]["name"] = {"en": hostile}
        page, _ = _show(formula, open_page, "proven")
        assert page.get_by_role("heading", level=1).inner_text() == hostile
        assert page.locator("main img:not(.product > img)").count() == 0
        assert page.problems == []  # type: ignore[attr-defined]


class TestNotTaken:
    """What a partner or a service may try, and what the page makes of it."""

    @pytest.mark.parametrize(
        ("step", "title", "source"),
        [
            ("https://attacker.example/BizStep-commissioning", "Commissioning", "attacker.example"),
            ("https://ns.chain-service.example/step/commissioning", "Commissioning", "ns.chain-service.example"),
            ("https://ns.chain-service.example/step/milking", "Milked", None),
            ("urn:epcglobal:cbv:bizstep:commissioning", "Made and given its code", None),
        ],
    )
    def test_only_steps_of_known_vocabularies_have_titles_of_their_own(
        self, site: Site, open_page: Open, step: str, title: str, source: str | None
    ) -> None:
        did, event = sample_statements("formula")[0]
        event["bizStep"] = step
        site.passports[FORMULA.path] = passport(FORMULA, site.ledger.receipts([(did, event)]))
        page, _ = _show(site, open_page, "proven")
        assert page.locator("#step-1 .title").inner_text() == title
        said = page.locator("#step-1 .row", has_text="A step as")
        if source is None:
            assert said.count() == 0
        else:
            assert f"A step as {source} defines it" in said.inner_text()

    def test_a_passport_of_another_item_is_not_shown(self, formula: Site, open_page: Open) -> None:
        other = FORMULA.path.replace("7K3M0Q", "OTHER")
        formula.passports[other] = formula.passports[FORMULA.path]
        page = open_page(formula.url + other)
        assert "could not be read" in state(page, "unreadable")
        assert page.locator(".row").count() == 0
        assert page.problems == []  # type: ignore[attr-defined]

    def test_the_item_may_be_named_by_any_of_its_digital_links(self, formula: Site, open_page: Open) -> None:
        path = FORMULA.path.replace("/21/", "/10/LOT-1/21/")
        formula.passports[path] = formula.passports[FORMULA.path]
        state(open_page(formula.url + path), "proven")

    @pytest.mark.parametrize("relation", ["self", "container", "lot", "ingredient", None])
    def test_a_step_that_does_not_speak_of_the_item_proves_nothing_about_it(
        self, formula: Site, open_page: Open, relation: str | None
    ) -> None:
        step = next(step for step in _steps(formula) if step["relation"] != "self")
        number = _steps(formula).index(step) + 1
        step |= {"relation": relation, "of": "https://id.gs1.org/01/09521101100105/21/OTHER"}
        page, text = _show(formula, open_page, "unknown")
        assert f"Step {number} does not speak of this item, so it proves nothing about it." in text
        assert page.locator(".badge.is-proven").count() == len(_steps(formula)) - 1
        page.locator(f"#step-{number} .row").click()
        expect(page.locator(f"#detail-{number} .notes")).to_contain_text("does not speak of this item")

    def test_extension_terms_never_stand_for_what_was_signed(self, site: Site, open_page: Open) -> None:
        did, event = sample_statements("formula")[0]
        event["@context"] = [*event["@context"], {"evil": "https://ns.chain-service.example/terms/"}]
        full = "https://ns.chain-service.example/terms/"
        event |= {"evil:eventTime": "2031-01-01T00:00:00Z", f"{full}type": "TransformationEvent"}
        event[f"{full}sensorElementList"] = []
        event["cs:certificates"] = [{"evil:name": "not mine", "name": "mine"}]
        site.passports[FORMULA.path] = passport(FORMULA, site.ledger.receipts([(did, event)]))
        page, _ = _show(site, open_page, "proven")
        assert "2031" not in page.locator("#step-1").inner_text()
        script = "async (event) => (await import('/static/lib/terms.js')).plainEvent(event)"
        plain = page.evaluate(script, event)
        assert {name: plain[name] for name in ("type", "eventTime")} == {n: event[n] for n in ("type", "eventTime")}
        assert plain["sensorElementList"][0]["sensorReport"][0]["value"] == 4.2
        assert plain["certificates"][0]["name"] == "mine"

    def test_the_time_that_was_signed_is_shown_not_the_event_s(self, formula: Site, open_page: Open) -> None:
        _steps(formula)[0]["receipt"]["event"]["eventTime"] = "2031-01-01T00:00:00Z"
        page, _ = _show(formula, open_page, "altered")
        assert "2031" not in page.locator("#step-1 .when").inner_text()

    @pytest.mark.parametrize(
        ("change", "wanted", "reason"),
        [
            ("unknown key", "unentitled", "The registry does not know the key."),
            ("suspended", "unentitled", "The reporter was suspended then."),
            ("other partner", "unentitled", "The registry gives the key to another organisation"),
            ("no role", "unentitled", "no role that may say this step"),
            ("other network", "altered", "The receipt is of the network"),
            ("no node", "waiting", "It waits for its seal."),
            ("not yet", "waiting", "It waits for its seal."),
        ],
    )
    def test_what_will_fail_a_waiting_step_is_said_before_its_seal(
        self, site: Site, open_page: Open, change: str, wanted: str, reason: str
    ) -> None:
        did, event = sample_statements("formula")[-1]
        receipts = site.ledger.receipts([(did, event)], sealed=False)
        site.passports[FORMULA.path] = passport(FORMULA, receipts)
        address = receipts[0]["reporter"]["address"]
        known = site.ledger.keys.pop(address)
        replaced = {
            "suspended": (*known[:3], 4),
            "not yet": (*known[:3], 2),
            "other partner": ("did:web:attacker.example", *known[1:]),
            "no role": (known[0], 0, *known[2:]),
            "other network": known,
        }
        if change in replaced:
            site.ledger.keys[address] = replaced[change]
        if change == "no node":
            site.rpc = lambda batch: None
        if change == "other network":
            receipts[0]["network"] = "demo-ffffffffffffffff"
        page, _ = _show(site, open_page, wanted)
        if change == "no role":  # whose key it is, is confirmed
            assert "signed" in page.locator("#who-1").inner_text()
        elif change == "other partner":
            assert page.locator("#who-1").inner_text().startswith("by an organisation whose name is not known here")
        else:
            assert re.fullmatch(r"said to be by .+, not confirmed", page.locator("#who-1").inner_text())
        page.locator("#step-1 .row").click()
        expect(page.locator("#detail-1").get_by_text(reason).first).to_be_visible()

    def test_a_waiting_step_is_signed_by_whom_the_registry_confirms(self, site: Site, open_page: Open) -> None:
        statements = sample_statements("formula")[-1:]
        site.passports[FORMULA.path] = passport(FORMULA, site.ledger.receipts(statements, sealed=False))
        page, text = _show(site, open_page, "waiting")
        assert "Step 1 is signed and waits to be sealed" in text
        assert re.fullmatch(r"by .+, signed", page.locator("#who-1").inner_text())


def test_steps_turn_one_after_another_while_the_page_stays_responsive(formula: Site, open_page: Open) -> None:
    page = open_page()
    page.add_init_script(
        "window.longest = 0;"
        "const longer = (entry) => { window.longest = Math.max(window.longest, entry.duration) };"
        "const observer = new PerformanceObserver((list) => list.getEntries().forEach(longer));"
        "observer.observe({type: 'longtask', buffered: true});"
        "window.seen = new Set();"
        "const count = () => seen.add(document.querySelectorAll('.badge.is-proven').length);"
        "new MutationObserver(count).observe(document, {subtree: true, childList: true});"
    )
    page.goto(formula.url + FORMULA.path)
    state(page, "proven")
    assert len(page.evaluate("[...seen]")) > 5
    assert page.evaluate("longest") < 500
