"""Lines of milestones: checked with what the service knows, and posted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from chain_service.events.imports.lines import Line, column_of, event_id, mistake
from chain_service.events.imports.repeats import posted_before
from chain_service.events.imports.words import plain, sentence
from chain_service.events.milestones import forms, service
from chain_service.events.milestones.forms import Form
from chain_service.events.milestones.service import Recalled, Stating
from chain_service.events.milestones.steps import STEPS
from chain_service.events.service import Stated
from chain_service.partners.models import Partner
from chain_service.partners.vault import Vault

_WORDS = {plain(word): step.word for step in STEPS.values() for word in (step.word, step.en, step.zh)}
# The long words are of the errors' values where a text needs them; the pointer says which member is meant.
_VALUES = {"step": "step", "place": "place", "time": "text", "uom": "uom", "type": "type"}


def step_of(text: str) -> str:
    """The word of the interface for a step in English, Chinese or that word itself; else the text."""
    return _WORDS.get(plain(text), text)


def check(
    connection: Connection,
    vault: Vault,
    partner: Partner,
    lines: Sequence[Line],
    made: set[str],
    recalled: Recalled,
) -> None:
    """Notes on each line what is wrong; `made`: what earlier rows of the file make, to which these are added."""
    read = _forms(lines)
    ids = [None] * len(read)
    forms_read, pointers = [form for _, form in read], _pointers(read)
    examined = service.examine(connection, vault, partner, forms_read, ids, pointers=pointers, recalled=recalled)
    for error in examined.errors:
        if error["code"] != "unknown-item" or error.get("values", {}).get("item") not in made:
            _note(lines, error)
    before = posted_before(connection, vault, partner.did, examined.stated)
    for number, (line, form) in enumerate(read):
        if number in before and not line["mistakes"]:
            said = sentence("already-posted", {}, "", "en")
            line["mistakes"].append(mistake(None, "already-posted", said, eventID=before[number]))
        if not line["mistakes"]:
            made.update(item.name for item in form.items if form.step.creates)
            if form.step.word == "packed" and form.shipment is not None:
                made.add(form.shipment.name)


def post(
    connection: Connection,
    vault: Vault,
    partner: Partner,
    import_id: str,
    lines: Sequence[Line],
    stating: Stating,
    narrowed: int,
    recalled: Recalled,
) -> None:
    """States the lines that are right, in the caller's transaction, and notes on each what became of it."""
    right = [line for line in lines if line["status"] == "right"]
    read = _forms(right)
    ids = [event_id(import_id, line["row"]) for line, _ in read]
    forms_read, pointers = [form for _, form in read], _pointers(read)
    examined = service.examine(connection, vault, partner, forms_read, ids, pointers=pointers, recalled=recalled)
    for error in examined.errors:
        _note(right, error)
    ready: list[Stated] = [each for each in examined.stated if each is not None]
    _, refused, _ = service.state(connection, vault, partner, ready, stating, narrowed)
    reasons = {refusal.event_id: refusal for refusal in refused}
    for line in right:
        refusal = reasons.get(event_id(import_id, line["row"]))
        if refusal is not None:
            line["mistakes"].append(mistake(None, refusal.kind, refusal.detail))
        line["status"] = "refused" if line["mistakes"] else "posted"


def _forms(lines: Sequence[Line]) -> list[tuple[Line, Form]]:
    """The forms of lines that nothing is wrong with; what is wrong in the others is noted."""
    found = []
    for number, line in enumerate(lines):
        form, errors = forms.read(line["content"], f"/{number}")
        for error in errors:
            _note(lines, error)
        if form is not None and not line["mistakes"]:
            found.append((line, form))
    place = {id(line): number for number, line in enumerate(lines)}
    return sorted(found, key=lambda each: place[id(each[0])])


def _pointers(read: Sequence[tuple[Line, Form]]) -> list[str]:
    return [f"/row {line['row']}" for line, _ in read]


def _note(lines: Sequence[Line], error: dict[str, Any]) -> None:
    """Puts an error of the interface on its line, at the column it is about."""
    first, _, rest = str(error["pointer"]).removeprefix("/").partition("/")
    if first.startswith("row "):
        line = next(line for line in lines if line["row"] == int(first.removeprefix("row ")))
    else:
        line = lines[int(first)]
    column = column_of(line["columns"], f"/{rest}")
    values = dict(error.get("values", {}))
    given = line["cells"][column] if column is not None and column < len(line["cells"]) else ""
    member = rest.rpartition("/")[2]
    for name in {_VALUES.get(member, "item"), "text"}:
        values.setdefault(name, given[:80])
    if not any(each["column"] == column for each in line["mistakes"]) or column is None:
        detail = sentence(error["code"], values, error.get("detail", ""), "en")
        line["mistakes"].append(mistake(column, error["code"], detail, **values))
