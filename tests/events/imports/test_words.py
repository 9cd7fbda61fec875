"""The words of imports: both languages say the same things, and pages say them too."""

import ast
import json
import re
from pathlib import Path

from chain_service.events.imports.words import WORDS

ROOM = Path(__file__).parents[3] / "chain_service" / "events"
LOCALES = Path(__file__).parents[3] / "frontend_static" / "locales"


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    for code, texts in WORDS["errors"].items():
        assert set(texts) == {"en", "zh"}, code
        assert set(re.findall(r"\{\w+\}", texts["en"])) == set(re.findall(r"\{\w+\}", texts["zh"])), code


def test_every_code_that_is_given_has_a_text() -> None:
    given: set[str] = set()
    of_forms = ["forms.py", "service.py", "places.py", "measurements.py"]
    for folder, names in {"imports": ["*.py"], "milestones": of_forms}.items():
        for path in (path for name in names for path in (ROOM / folder).glob(name)):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    place = {"Fault": 0, "Unreadable": 0, "mistake": 1, "error": 1, "note": 1}.get(name)
                    if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                        given.add(str(node.args[place].value))
    assert {"ambiguous-date", "unknown-item", "too-many-rows", "repeated-row"} <= given
    assert given - set(WORDS["errors"]) == set()


def test_pages_say_every_code_as_result_files_do() -> None:
    for language in ("en", "zh"):
        said = json.loads((LOCALES / f"{language}.many.json").read_text(encoding="utf-8"))
        for code, texts in WORDS["errors"].items():
            assert said[f"many.error.{code}"] == texts[language], code
