"""Words of spreadsheets: titles of columns with their synonyms, statuses, and the text of every error code."""

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Kind = Literal["milestones", "items"]
Language = Literal["en", "zh"]
WORDS: dict[str, Any] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """A word as it is compared: without case, width, and what people put around it."""
    return re.sub(r"[\s_*:.-]+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _by_title(kind: str) -> dict[str, str]:
    return {
        plain(title): name
        for name, column in WORDS["columns"][kind].items()
        for title in (name, column["en"], column["zh"], *column["also"])
    }


COLUMNS: dict[str, dict[str, str]] = {kind: _by_title(kind) for kind in WORDS["columns"]}
# Of a result file that is put right and uploaded again.
OF_RESULT = {plain(title): name for name, titles in WORDS["result"].items() for title in titles.values()}
POSTED = {plain(title) for title in WORDS["statuses"]["posted"].values()}


def title_of(kind: str, column: str, language: str) -> str:
    """The title of a column in a language; the name itself where it has none, as a measurement."""
    return str(WORDS["columns"][kind].get(column, {}).get(language, column))


def sentence(code: str, values: Mapping[str, Any], detail: str, language: str) -> str:
    """What an error says. A value that is missing leaves its place empty; a code without text says its detail."""
    texts = WORDS["errors"].get(code)
    if texts is None:
        texts, values = WORDS["errors"]["other"], {"detail": detail or code}
    said: str = re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "")), texts[language])
    return said
