"""The examples in the documentation are accepted by the product."""

import json
import re
from pathlib import Path

import pytest

from chain_service.events.disclosure_endpoints import Disclosure
from chain_service.events.milestones import forms
from chain_service.events.milestones.steps import STEPS
from chain_service.events.validation import validate_document
from chain_service.items.schemas import Description
from chain_service.kit.digital_link import canonical_name
from chain_service.kit.vocabulary import step_uri
from chain_service.partners.did.document import addresses_in, document
from chain_service.partners.disclosure import ANY_STEP
from tests.partners.test_did_document import Key

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (
    "consumers",
    "brands",
    "partners",
    "partners-keys",
    "partners-posting",
    "partners-sensors",
    "operators-administration",
)


def text_of(page: str) -> str:
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


def example(page: str, file: str) -> str:
    """The JSON block that follows the mention of `file` on a line of its own."""
    block = re.search(rf"^`{re.escape(file)}`:\n\n```json\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    assert block, f"{page}.md has no example {file}"
    return block[1]


def test_the_capture_example_is_a_valid_document() -> None:
    assert validate_document(json.loads(example("partners", "shipping.json"))) == []


def test_the_capture_example_becomes_valid_error_declaration_with_the_example_declaration() -> None:
    document = json.loads(example("partners", "shipping.json"))
    block = re.search(r'^```json\n("errorDeclaration".*?)^```', text_of("partners"), re.DOTALL | re.MULTILINE)
    assert block
    document["epcisBody"]["eventList"][0] |= json.loads("{" + block[1] + "}")
    assert validate_document(document) == []


def test_the_milestone_example_is_one() -> None:
    form, errors = forms.read(json.loads(example("partners-posting", "arrived.json")))
    assert (errors, form and len(form.items)) == ([], 2)


def test_every_step_stands_in_the_table_of_words() -> None:
    assert {word for word in STEPS if f"`{word}`" not in text_of("partners-posting")} == set()


def test_the_master_data_example_is_accepted() -> None:
    assert Description.model_validate_json(example("brands", "formula.json")).name["zh"]


def test_the_disclosure_example_is_accepted() -> None:
    asked = Disclosure.model_validate_json(example("brands", "disclosure.json"))
    assert sorted(asked.defaults.values()) == ["own", "partners", "public"]
    assert all(step == ANY_STEP or step_uri(step) for step in asked.defaults)


def test_the_example_of_a_did_document_is_what_the_service_makes_and_reads() -> None:
    shown = json.loads(example("partners-keys", "did.json"))
    (address,) = addresses_in(shown)
    assert shown == document(shown["id"], [Key(address)], 31337)


def test_the_terms_are_those_of_the_samples() -> None:
    block = re.search(r'^```json\n(\{"cs":.*?)^```', text_of("partners"), re.DOTALL | re.MULTILINE)
    assert block
    formula = (DOCS.parent / "chain_service" / "samples" / "journeys" / "formula.json").read_text(encoding="utf-8")
    assert set(json.loads(block[1]).values()) <= set(re.findall(r'"(https://ns\.[^"]+/)"', formula))


@pytest.mark.parametrize("page", PAGES)
def test_every_key_in_the_docs_has_a_right_check_digit(page: str) -> None:
    for path in re.findall(r"(/(?:01/\d{14}|414/\d{13}|00/\d{18}))", text_of(page)):
        assert canonical_name("https://id.gs1.org" + path) == "https://id.gs1.org" + path


def test_both_halves_of_the_consumers_page_have_the_same_parts() -> None:
    english, _, chinese = text_of("consumers").partition("\n---\n")
    for part in (r"^## ", r"^\|", r"^\d\. ", r"^- "):
        assert len(re.findall(part, english, re.MULTILINE)) == len(re.findall(part, chinese, re.MULTILINE))
