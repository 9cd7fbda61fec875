"""Records of before they were encrypted: they come through the migration whole, and unreadable in the file."""

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from eth_account import Account
from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

import chain_service.db as db
from chain_service.anchoring.statement import derive
from chain_service.app import create
from chain_service.db import connect, migrate, reading
from chain_service.events.facts import facts
from chain_service.kit import canonical
from chain_service.kit.eip712 import Signer, statement_digest
from chain_service.kit.merkle import leaf_hash
from chain_service.partners.custody import create_keystore
from chain_service.partners.vault import MASTER_KEYSTORE, open_vault
from chain_service.settings import Network
from chain_service.verification import repository
from chain_service.verification.verdict import check
from tests.events.documents import document, new_event
from tests.stage import CONTEXT, WORK, Stage

NETWORK = Network(network="old-00112233445566ff", rpc="", chainId=1, contracts={"AnchorLog": "0x" + "11" * 20})
SALT = bytes(range(32))


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + name for name in row)})"), row)


def old_database(url: str, event: dict[str, Any]) -> None:
    """A database of version 0002 that holds one event with its statement, waiting for a batch."""
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    statement, known = derive(event, SALT), facts(event)
    digest = statement_digest(statement, NETWORK.network)
    signer = Signer(bytes(Account.create().key))
    signature = signer.sign(digest)
    engine = connect(url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        insert(connection, "partners", {"did": "did:web:a", "name": "{}", "roles": 1, "created_at": 1})
        plain = {"id": 7, "partner": "did:web:a", "event_id": event["eventID"], "declaration": False}
        shape = {"type": event["type"], "action": event["action"], "event_time": known.event_time, "record_time": 5}
        words = {"step": known.step, "disposition": known.disposition}
        places = {"read_point": known.read_point, "biz_location": known.biz_location}
        kept = {"document": canonical.dumps(event), "salt": SALT, "event_hash": "ni:///sha-256;00?ver=CBV2.0"}
        insert(connection, "events", {**plain, **shape, **words, **places, **kept})
        for role, name in known.items:
            insert(connection, "event_items", {"event": 7, "role": role, "name": name})
        fields = {
            name: getattr(statement, name) for name in ("event_digest", "subjects", "place", "event_time", "flags")
        }
        signed = {
            "digest": "0x" + digest.hex(),
            "reporter": signer.address,
            "custody": "partner",
            "signature": signature,
        }
        leaf = {"leaf_hash": leaf_hash(digest + signature), "accepted_at": 6}
        insert(connection, "statements", {"id": 9, "event": 7, **fields, **words, **signed, **leaf})
    engine.dispose()


def test_records_of_before_are_encrypted_and_make_the_same_receipts(database_url: str, tmp_path: Path) -> None:
    event = {"@context": [CONTEXT], **new_event()}
    old_database(database_url, event)
    create_keystore(tmp_path / "keys", MASTER_KEYSTORE, "a password", work=WORK)
    vault = open_vault(tmp_path / "keys", "a password")
    engine = connect(database_url)
    migrate(engine, lambda: vault)
    with reading(engine) as connection:
        parts = repository.by_event_id(connection, vault, event["eventID"], False, None)
        rows = json.dumps([list(map(str, row)) for row in connection.execute(text("SELECT * FROM events"))])
    assert parts is not None
    receipt = repository.assemble(engine, NETWORK, parts)
    verdict = check(receipt)
    assert (receipt["event"], verdict.holds) == (event, True)
    assert [made.number for made in verdict.checks if made.outcome.value == "passed"] == [1, 2, 3]
    assert event["eventID"] not in rows
    engine.dispose()


def test_a_master_key_that_is_missing_is_named_and_no_new_one_made(tmp_path: Path) -> None:
    create_keystore(tmp_path, MASTER_KEYSTORE, "a password", work=WORK)
    open_vault(tmp_path, "a password").new_keys(1)
    (tmp_path / MASTER_KEYSTORE).unlink()
    with pytest.raises(OSError, match=r"data\.json, which opens the vault"):
        open_vault(tmp_path, "a password")
    assert not (tmp_path / MASTER_KEYSTORE).exists()


def test_a_vault_that_opens_no_record_keeps_the_service_from_starting(stage: Stage, tmp_path: Path) -> None:
    assert stage.capture(document(new_event()))["success"]
    create_keystore(tmp_path / "other", MASTER_KEYSTORE, "a password", work=WORK)
    other = open_vault(tmp_path / "other", "a password")
    with pytest.raises(OSError, match="opens none of the newest records"), TestClient(create(stage.settings, other)):
        pass
