"""Documents beside milestones: kept encrypted, seen by who may see the milestone, gone with it."""

import hashlib
import os
from typing import Any

import pytest
from sqlalchemy import select

from chain_service.anchoring import erasure
from chain_service.db import reading, writing
from chain_service.events.milestones import documents
from chain_service.events.milestones.models import Document
from chain_service.partners.roles import Role
from tests.events.milestones.posting import made, milestone, new_gtin, post
from tests.stage import Stage


def new_document() -> tuple[bytes, str]:
    content = b"consignment note " + os.urandom(64)
    return content, hashlib.sha256(content).hexdigest()


def put(stage: Stage, digest: str, content: bytes, partner: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {stage.tokens[partner or stage.carrier]}"}
    return stage.client.put(f"/v1/documents/{digest}", content=content, headers=headers)


def get(stage: Stage, digest: str, partner: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {stage.tokens[partner]}"} if partner else {}
    return stage.client.get(f"/v1/documents/{digest}", headers=headers)


def erase(stage: Stage, address: str) -> int:
    headers = {"Authorization": f"Bearer {stage.tokens[stage.carrier]}"}
    return int(stage.client.delete(address, headers=headers).status_code)


def name(stage: Stage, digest: str, item: str, partner: str | None = None, **more: Any) -> str:
    form = milestone(item, documents=[{"name": "CMR", "sha256": digest}], repeat=True)
    answer = post(stage, form, partner, **more)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["eventIDs"][0])


def test_a_document_is_seen_once_a_public_event_names_it(shared_stage: Stage) -> None:
    content, digest = new_document()
    assert put(shared_stage, digest, content).status_code == 201
    assert put(shared_stage, digest, content).status_code == 204
    assert get(shared_stage, digest).status_code == 404
    assert get(shared_stage, digest, shared_stage.carrier).content == content
    name(shared_stage, digest, made(shared_stage))
    answer = get(shared_stage, digest)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_document_may_be_put_in_after_the_event_that_names_it(shared_stage: Stage) -> None:
    content, digest = new_document()
    name(shared_stage, digest, made(shared_stage))
    assert get(shared_stage, digest).status_code == 404
    assert put(shared_stage, digest, content).status_code == 201
    assert get(shared_stage, digest).content == content


def test_a_document_is_as_visible_as_the_event(shared_stage: Stage) -> None:
    content, digest = new_document()
    assert put(shared_stage, digest, content).status_code == 201
    name(shared_stage, digest, made(shared_stage), visibility="partners")
    stranger = shared_stage.add_partner(f"did:web:stranger-{new_gtin()}.example", Role.LOGISTICS)
    assert get(shared_stage, digest).status_code == 404
    assert get(shared_stage, digest, stranger).status_code == 404
    assert get(shared_stage, digest, shared_stage.brand).content == content
    name(shared_stage, digest, made(shared_stage), stranger)  # naming another's document shows it to nobody
    assert get(shared_stage, digest, stranger).status_code == 404
    assert get(shared_stage, digest).status_code == 404


def test_a_document_lies_encrypted(stage: Stage) -> None:
    content, digest = new_document()
    assert put(stage, digest, content).status_code == 201
    with reading(stage.engine) as connection:
        row = connection.execute(select(Document.__table__)).one()
    assert row.content
    assert content[:16] not in row.content
    assert digest.encode() not in row.content
    assert row.digest not in (bytes.fromhex(digest), digest.encode())


@pytest.mark.parametrize("way", ["document", "event"])
def test_an_erased_document_is_gone_with_its_key(stage: Stage, way: str) -> None:
    content, digest = new_document()
    assert put(stage, digest, content).status_code == 201
    item = made(stage)
    event_id, other = name(stage, digest, item), name(stage, digest, item)
    with reading(stage.engine) as connection:
        before = connection.execute(select(Document.__table__)).mappings().one()
    if way == "document":
        assert erase(stage, f"/v1/documents/{digest}") == 204
    else:
        assert erase(stage, f"/v1/events/{event_id}") == 204
        assert get(stage, digest).content == content  # another event names it still
        assert erase(stage, f"/v1/events/{other}") == 204
    assert get(stage, digest, stage.carrier).status_code == 404
    assert erase(stage, f"/v1/documents/{digest}") == 404
    assert stage.vault.keys([before["key"]]) == {}
    with reading(stage.engine) as connection:
        assert connection.execute(select(Document.id)).all() == []
    with writing(stage.engine) as connection:  # a backup of before comes back
        connection.execute(Document.__table__.insert().values(**before))
    erasure.repeat(stage.engine, stage.vault)
    erasure.finish(stage.engine, stage.vault)
    with reading(stage.engine) as connection:
        assert connection.execute(select(Document.id)).all() == []
    assert put(stage, digest, content).status_code == 201  # and may be put in again


def test_other_bytes_and_other_names_are_refused(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    content, digest = new_document()
    answer = put(shared_stage, digest, content + b"!")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "digest-mismatch")
    assert put(shared_stage, "xyz", content).status_code == 400
    assert put(shared_stage, digest.upper(), content).status_code == 400
    answer = put(shared_stage, digest, bytes(documents.MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (413, "too-large")
    monkeypatch.setattr(documents, "MOST_OF_ONE", 10)
    answer = put(shared_stage, digest, content)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (413, "documents-full")
    assert get(shared_stage, digest, shared_stage.carrier).status_code == 404
    assert erase(shared_stage, f"/v1/documents/{digest}") == 404
