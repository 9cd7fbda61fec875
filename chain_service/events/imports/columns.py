"""Which column of a file holds what, by its header in English or Chinese."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from chain_service.events.imports.faults import Unreadable
from chain_service.events.imports.tables import Value, letters, text
from chain_service.events.imports.words import COLUMNS, OF_RESULT, WORDS, plain, title_of
from chain_service.kit.vocabulary import MEASUREMENTS

NEEDED = {"milestones": ("item", "step"), "items": ("item",)}
_MEASURED = re.compile(r"(.+?)\s*\(([^()]+)\)")
_TYPES = {plain(word): word for word in MEASUREMENTS.words} | WORDS["measurements"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A column of measurements, or of a limit where `bound` is min or max; `uom`: a UN/CEFACT code, as far as known."""

    type: str
    uom: str
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """`titles` as in the file; `named` and `measured`: what the columns (from 0) hold; `ignored`: of those not used."""

    titles: list[str]
    named: dict[str, int] = field(default_factory=dict)
    measured: dict[int, Measured] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    status: int | None = None  # where a result file says what became of a row

    def title(self, column: int | None) -> str | None:
        """The title of a column, as the file has it."""
        return self.titles[column] if column is not None and column < len(self.titles) else None


def header(kind: str, cells: Sequence[Value]) -> Header:
    """The columns of a header row. Raises Unreadable where one is missing or two are the same."""
    found = Header([text(cell).strip() for cell in cells])
    status = None
    for number, title in enumerate(found.titles):
        if not title:
            continue
        name = COLUMNS[kind].get(plain(title))
        measured = _measured(kind, title) if name is None else None
        if measured is not None:
            earlier = next((at for at, other in found.measured.items() if other == measured), None)
            found.measured[number] = measured
        elif name is not None:
            earlier = found.named.get(name)
            found.named[name] = number
        else:
            if OF_RESULT.get(plain(title)) == "status":
                status = number
            elif plain(title) not in OF_RESULT:
                found.ignored.append(title)
            continue
        if earlier is not None:
            raise Unreadable("repeated-column", first=letters(earlier), second=letters(number), column=title)
    for name in NEEDED[kind]:
        if name not in found.named:
            titles = " / ".join(title_of(kind, name, language) for language in ("en", "zh"))
            raise Unreadable("missing-column", column=titles)
    return Header(found.titles, found.named, found.measured, found.ignored, status)


def _measured(kind: str, title: str) -> Measured | None:
    match = _MEASURED.fullmatch(unicodedata.normalize("NFKC", title).strip())
    if match is None:
        return None
    word, unit = plain(match[1]), match[2].strip()
    uom = WORDS["units"].get(unit.casefold(), unit.upper())
    if kind == "milestones":
        return Measured(_TYPES.get(word, match[1].strip()), uom)
    for bound, words in WORDS["bounds"].items():
        for end in words:
            if word.endswith(end) and (kept := word.removesuffix(end).strip()):
                return Measured(_TYPES.get(kept, match[1].strip()[: -len(end)].strip()), uom, bound)
    return None
