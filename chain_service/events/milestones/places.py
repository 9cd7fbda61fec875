"""Where a milestone happened: an own site by its name or id, or any well-formed name of a place."""

from typing import Any

from sqlalchemy import Connection, Row

from chain_service.events.milestones.errors import Error, error
from chain_service.events.milestones.forms import Expected, Form
from chain_service.kit import scanned
from chain_service.kit.gs1 import InvalidKey
from chain_service.partners import sites

_SHOWN = 5


class Places:
    """The places that one organisation may name."""

    def __init__(self, connection: Connection, partner: str) -> None:
        rows = sites.of(connection, partner)
        self._by_id: dict[str, Row[Any]] = {row.id: row for row in rows}
        self._by_name: dict[str, Row[Any]] = {sites.folded(row.name): row for row in rows}

    def of(self, form: Form, pointer: str) -> tuple[str, list[Error]]:
        """The canonical name of a form's place."""
        if form.site:
            row = self._by_id.get(form.site)
            if row is not None:
                return str(row.place), []
            detail = f"your organisation has no site {form.site!r}"
            return "", [error(f"{pointer}/site", "unknown-place", detail, place=form.site)]
        return self._named(form.place, f"{pointer}/place")

    def expected(self, form: Form, pointer: str) -> tuple[Expected | None, list[Error]]:
        """What is expected, with the canonical name of its place."""
        if form.expected is None or not form.expected.place:
            return form.expected, []
        place, wrong = self._named(form.expected.place, f"{pointer}/expected/place")
        return Expected(form.expected.step, place, form.expected.by), wrong

    def named(self, text: str) -> str | None:
        """The canonical name of an own site of this name, or of a place that the text names; None where it does not."""
        row = self._by_name.get(sites.folded(text))
        if row is not None:
            return str(row.place)
        try:
            return scanned.place(text)
        except InvalidKey:
            return None

    def _named(self, text: str, pointer: str) -> tuple[str, list[Error]]:
        place = self.named(text)
        if place is not None:
            return place, []
        known = ", ".join(row.name for row in list(self._by_id.values())[:_SHOWN])
        yours = f"your sites are {known}" if known else "your organisation has no sites yet"
        detail = f"{text[:60]!r} is no site of yours, no GLN and no geo:latitude,longitude: {yours}"
        return "", [error(pointer, "unknown-place", detail, place=text[:60])]
