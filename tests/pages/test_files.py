"""What holds for the pages' files without a browser: languages, preloads, policy, imports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chain_service.kit.vocabulary import STEPS

STATIC = Path(__file__).resolve().parents[2] / "frontend_static"
PARTS = ("", ".more", ".console", ".office", ".registry", ".many")
LOCALES = {
    language: {
        name: text
        for part in PARTS
        for name, text in json.loads(
            (STATIC / "locales" / f"{language}{part}.json").read_text(encoding="utf-8")
        ).items()
    }
    for language in ("en", "zh")
}
SCRIPTS = [file for file in STATIC.rglob("*.js") if "vendor" not in file.parts]
IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"', re.MULTILINE | re.DOTALL)


def _graph(entry: Path) -> set[Path]:
    """All modules that an entry module loads."""
    found, open_ = set(), [entry]
    while open_:
        file = open_.pop().resolve()
        if file not in found:
            found.add(file)
            open_ += [file.parent / name for name in IMPORT.findall(file.read_text(encoding="utf-8"))]
    return found


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_say_the_same_things(part: str) -> None:
    english, chinese = (
        json.loads((STATIC / "locales" / f"{language}{part}.json").read_text(encoding="utf-8")).keys()
        for language in ("en", "zh")
    )
    assert english == chinese


@pytest.mark.parametrize("language", ["en", "zh"])
def test_messages_use_the_same_values_in_both_languages(language: str) -> None:
    fields = {
        name: set(re.findall(r"\{(\w+)\}", LOCALES["en"][name])) | set(re.findall(r"\{(\w+)\}", LOCALES["zh"][name]))
        for name in LOCALES[language]
    }
    # A count may be spelled out ('one step'), and Chinese needs no plural; every other value must be shown.
    missing = {
        name: values - set(re.findall(r"\{(\w+)\}", LOCALES[language][name])) - {"count"}
        for name, values in fields.items()
    }
    assert {name for name, values in missing.items() if values} == set()


def test_every_message_that_a_script_asks_for_exists() -> None:
    asked = {name for file in SCRIPTS for name in re.findall(r'\bt\(\s*"([\w.]+)"', file.read_text(encoding="utf-8"))}
    assert len(asked) > 60
    assert asked - LOCALES["en"].keys() == set()


def test_every_message_of_the_rooms_is_asked_for_by_a_script() -> None:
    scripts = "\n".join(file.read_text(encoding="utf-8") for file in SCRIPTS)
    asked = set(re.findall(r'["`]([a-z]+(?:\.[\w-]+)+)["`]', scripts))
    # `partners.role.${role}` asks for every id of that form.
    patterns = [
        re.compile(".+".join(re.escape(part) for part in re.split(r"\$\{[^}]*\}", template)))
        for template in re.findall(r"`([a-z]+\.[^`\s]*\$\{[^`\s]*)`", scripts)
    ]
    ids = {
        name.removesuffix(".one")
        for part in (".office", ".registry", ".many")
        for name in json.loads((STATIC / "locales" / f"en{part}.json").read_text(encoding="utf-8"))
    }
    assert {name for name in ids - asked if not any(pattern.fullmatch(name) for pattern in patterns)} == set()


def test_every_step_of_the_vocabulary_has_human_words() -> None:
    assert {word for word in STEPS.words if f"step.{word}" not in LOCALES["en"]} == set()


def test_the_first_view_speaks_without_the_words_of_the_trade() -> None:
    first = {
        name: text
        for name, text in LOCALES["en"].items()
        if name.startswith(("band.", "state.", "step.", "who.", "closed."))
    }
    assert [
        text for text in first.values() if re.search(r"blockchain|hash|merkle|web3|crypto", text, re.IGNORECASE)
    ] == []


def test_no_verdict_calls_a_thing_authentic() -> None:
    assert [text for text in LOCALES["en"].values() if "authentic" in text.lower()] == []
    assert [text for text in LOCALES["zh"].values() if "正品" in text] == []


def test_the_passport_preloads_exactly_the_modules_it_loads() -> None:
    page = (STATIC / "passport" / "index.html").read_text(encoding="utf-8")
    preloaded = {STATIC / name for name in re.findall(r'rel="modulepreload" href="/static/([^"]+)"', page)}
    entry = STATIC / "passport" / "passport.js"
    assert preloaded == _graph(entry) - {entry}


@pytest.mark.parametrize("name", ["passport", "verify", "console"])
def test_a_page_holds_no_script_and_no_style_of_its_own(name: str) -> None:
    page = (STATIC / name / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|style=|\son\w+=", page) == []
    assert re.findall(r'(?:src|href)="(?!/static/)', page) == []


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: str(file.relative_to(STATIC)))
def test_a_script_leaves_policy_and_third_parties_alone(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\bstyle=|\.style\b|\beval\(|new Function|crypto\.subtle", text) == []
    assert re.findall(r'(?:import|fetch)\(?\s*["`]https?:', text) == []


def test_vendored_files_are_only_those_that_the_pages_import() -> None:
    used = {
        file.name
        for entry in ("passport", "verify", "console")
        for file in _graph(STATIC / entry / f"{entry}.js")
        if "vendor" in file.parts
    }
    assert {file.name for file in (STATIC / "vendor").iterdir()} == used | {"LICENSE"}
