"""What the documentation lists is what the product has: settings, refusals, and the check of the audit log by hand."""

import re
import sys
import urllib.request
from io import BytesIO
from typing import Any

import pytest

from chain_service.db import reading, writing
from chain_service.kit import clock
from chain_service.kit.digests import to_hex
from chain_service.partners import audit
from chain_service.partners import service as partners
from chain_service.partners.actors import COMMAND_LINE
from chain_service.partners.did.errors import DidError
from chain_service.partners.keys import _NOT_GOOD
from chain_service.partners.roles import Role
from chain_service.settings import Settings
from tests.docs.test_examples import DOCS, text_of
from tests.stage import Stage

SOURCES = [path for path in (DOCS.parent / "chain_service").rglob("*.py") if not path.name.endswith("examples.py")]
RAISED = re.compile(r'(?:Problem\(\s*(?:status|\d+)|epcis\(\s*\d+|Refusal\([\w.]+, [\w.]+),\s*"([A-Za-z-]+)"')


def test_every_setting_stands_in_the_table() -> None:
    text = text_of("operators")
    names = {f"CHAIN_SERVICE_{name.upper()}" for name in Settings.model_fields} - {"CHAIN_SERVICE_DATABASE_URL"}
    assert {name for name in names | {"DATABASE_URL"} if f"| `{name}` |" not in text} == set()
    assert set(re.findall(r"^\| `(CHAIN_SERVICE_\w+)` \|", text, re.MULTILINE)) <= names


def test_every_type_of_refusal_is_explained_and_no_other() -> None:
    raised = {kind for path in SOURCES for kind in RAISED.findall(path.read_text(encoding="utf-8"))}
    raised |= {kind for kind, _ in _NOT_GOOD.values()}
    assert {"right-missing", "ValidationException", "not-the-reporter"} <= raised
    rows = re.findall(r"^\| [\d, ]+ \| (.*?) \|", text_of("refusals"), re.MULTILINE)
    explained = {kind for row in rows for kind in re.findall(r"`([^`]+)`", row)}
    assert raised - explained == set()
    everywhere = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert {kind for kind in explained if f'"{kind}"' not in everywhere} == set()


def test_every_way_in_which_a_did_document_fails_has_a_remedy() -> None:
    text = text_of("operators-administration")
    kinds = {error.kind for error in DidError.__subclasses__()} | {"did-lacks-key"}
    assert {kind for kind in kinds if f"`{kind}`" not in text} == set()


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for file, anchor in re.findall(r"\]\(([\w./-]*\.md)?(?:#([\w-]+))?\)", page.read_text(encoding="utf-8")):
            target = (page.parent / file).resolve() if file else page
            assert target.is_file(), f"{page.name}: {file}"
            if anchor:
                titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
                assert anchor in anchors, f"{page.name}: {file}#{anchor}"


def test_a_day_of_the_audit_log_is_checked_by_hand_as_described(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    did = "did:web:by-hand.example"
    with writing(stage.engine) as connection:
        partners.admit(connection, did, {"en": "By Hand"}, Role.OPERATOR)
        token = partners.issue_token(connection, did, rights=["administer"])
        for number in range(501):  # more than a page
            audit.record(connection, COMMAND_LINE, "test.counted", did, {"number": number})
    day = audit.day_of(clock.now_ms())

    def sent(request: urllib.request.Request) -> Any:
        return BytesIO(stage.client.get(request.full_url, headers=dict(request.header_items())).content)

    monkeypatch.setattr(urllib.request, "urlopen", sent)  # the service is in this process, and has no port
    monkeypatch.setattr(sys, "argv", ["check", "http://testserver", day, token])
    block = re.search(r"```python\n(import hashlib.*?)```", text_of("operators-administration"), re.DOTALL)
    assert block
    exec(compile(block[1], "operators-administration.md", "exec"), {})
    with reading(stage.engine) as connection:
        count, root = len(audit.page(connection, None, day, None, 10_000)[0]), to_hex(audit.day_root(connection, day))
    assert count > 501
    assert capsys.readouterr().out.split() == [str(count), root]
