"""The pages' library against the shared vectors, the independent design vectors, published values and Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from chain_service.anchoring.statement import subjects
from chain_service.events.facts import facts
from chain_service.kit.digests import to_hex
from chain_service.kit.digital_link import canonical_name
from chain_service.kit.vocabulary import STEPS
from chain_service.partners.roles import AUDIT_STEP, Role, may_say
from tests.pages.ledger import sample_statements
from tests.pages.site import Site

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vectors.json").read_text(encoding="utf-8"))
Run = Callable[..., Any]


@pytest.fixture
def run(site: Site, open_page: Callable[..., Page]) -> Run:
    """Calls a function of harness.js inside a page; it returns what does not hold."""
    page = open_page(f"{site.url}/verify")

    def call(function: str, *arguments: Any) -> Any:
        script = "async ([name, given]) => (await import('/tests/harness.js'))[name](...given)"
        return page.evaluate(script, [function, list(arguments)])

    return call


@pytest.mark.parametrize(
    ("function", "member"),
    [
        ("published", "published"),
        ("json", "json"),
        ("times", "times"),
        ("statements", "statements"),
        ("subjectRoots", "subjects"),
        ("trees", "trees"),
        ("refusedPaths", "refusedPaths"),
    ],
)
def test_the_shared_vectors_hold_in_the_browser(run: Run, function: str, member: str) -> None:
    assert VECTORS[member]
    assert run(function, VECTORS[member]) == []


def test_every_receipt_of_the_vectors_gets_the_verdict_they_expect(run: Run) -> None:
    assert len(VECTORS["cases"]) > 300
    assert run("cases", VECTORS) == []


@pytest.mark.parametrize(
    ("function", "member"), [("statements", "statements"), ("subjectRoots", "subjects"), ("trees", "trees")]
)
def test_the_independent_design_vectors_hold_in_the_browser(
    run: Run, shared_data: Path, function: str, member: str
) -> None:
    vectors = json.loads((shared_data / "design-vectors.json").read_text(encoding="utf-8"))
    assert run(function, vectors[member]) == []


def test_names_are_the_ones_that_python_gives(run: Run, shared_data: Path) -> None:
    found = {name for file in shared_data.rglob("*.json*") for name in _identifiers(file)}
    found |= {changed for name in sorted(found) for changed in _mutations(name)}
    assert len(found) > 500
    assert run("names", [[name, _python_name(name)] for name in sorted(found)]) == []


def test_statements_of_third_party_events_are_the_ones_that_python_derives(run: Run, shared_data: Path) -> None:
    events = [event for file in shared_data.rglob("*.json*") for event in _events(file)]
    events += [event for journey in ("formula", "lettuce", "sneakers") for _, event in sample_statements(journey)]
    assert len(events) > 150
    assert run("derivations", [[event, _python_statement(event)] for event in events]) == []


def test_every_role_may_say_the_steps_that_python_lets_it_say(run: Run) -> None:
    steps = [f"https://ref.gs1.org/cbv/BizStep-{word}" for word in sorted(STEPS.words)]
    steps += ["", "https://example.org/step/exampling", AUDIT_STEP]
    every = [0, *(int(role) for role in Role), int(Role.LOGISTICS | Role.INSPECTOR), int(Role.OPERATOR | Role.ARBITER)]
    assert run("roles", [[bits, step, may_say(bits, step)] for bits in every for step in steps]) == []


def test_a_receipt_verifies_in_under_50_milliseconds(run: Run) -> None:
    longest = max(VECTORS["receipts"].values(), key=lambda receipt: len(json.dumps(receipt)) if receipt["batch"] else 0)
    taken = run("duration", longest, 30)
    assert taken["median"] < 50
    assert taken["first"] < 50


def _events(file: Path) -> list[dict[str, Any]]:
    """The EPCIS events of a file as stated, with the document's context."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        body = document["epcisBody"]
    except (ValueError, KeyError, TypeError):
        return []
    found = body.get("eventList") or [body.get("event")]
    return [{"@context": document.get("@context")} | event for event in found if isinstance(event, dict)]


def _identifiers(file: Path) -> set[str]:
    """Every text in a file's events that looks like an identifier, and the pairs of the URN vectors."""
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for held in value.values():
                collect(held)
        elif isinstance(value, list):
            for held in value:
                collect(held)
        elif isinstance(value, str) and (value.startswith("urn:epc") or "://" in value) and len(value) < 200:
            found.add(value)

    try:
        collect(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        return set()
    return found


def _mutations(name: str) -> set[str]:
    """Near misses of an identifier: a digit changed, a part dropped, another domain, an odd escape."""
    middle = len(name) // 2
    changed = {
        name[:-1],
        name + "0",
        name + "/",
        name + "%2",
        name + "%C3%28",
        name + "?10=x#y",
        name[:middle] + name[middle + 1 :],
    }
    changed.add(name.replace("https://id.gs1.org/", "https://brand.example/p/"))
    changed.add(name.replace("/21/", "/10/L/21/"))
    changed.add(name.replace("/01/", "/gtin/").replace("/21/", "/ser/"))
    changed.add(name.replace(":id:", ":idpat:").rpartition(".")[0] + ".*")
    return changed


def _python_name(identifier: str) -> str | None:
    try:
        return canonical_name(identifier)
    except ValueError:
        return None


def _python_statement(event: dict[str, Any]) -> dict[str, Any] | None:
    try:
        known = facts(event)
    except ValueError:
        return None
    return {
        "subjects": to_hex(subjects(name for _, name in known.items)),
        "step": known.step,
        "disposition": known.disposition,
        "place": known.place,
        "eventTime": known.event_time,
        "flags": known.flags,
    }
