"""What the registry's administrator asks for, and how the service follows the chain, on both databases."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import select

from chain_service.chain.deployment import Administrator
from chain_service.db import reading, writing
from chain_service.partners import administration
from chain_service.partners import service as partners
from chain_service.partners.models import Partner
from chain_service.partners.roles import Role
from chain_service.rate_limit import RateLimit
from chain_service.settings import Network
from tests.partners.persons import problem
from tests.stage import WORK, Stage

NO_DIDS = ["did:web:a\0b", "did:web:" + "a" * 300, "did:web:ex\ufffd", "dairy.example", "did:web:a b", ""]


@pytest.fixture
def administering(shared_stage: Stage) -> dict[str, str]:
    """The header of a credential that administers the network."""
    with writing(shared_stage.engine) as connection:
        partners.admit(connection, shared_stage.operator_did, {"en": "Operator"}, Role.OPERATOR)
        token = partners.issue_token(connection, shared_stage.operator_did, rights=["administer"])
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


@pytest.mark.parametrize("did", NO_DIDS)
def test_what_is_no_did_is_not_admitted(shared_stage: Stage, administering: dict[str, str], did: str) -> None:
    asked = json.dumps({"action": "admitPartner", "did": did, "roles": ["brand"]})
    answer = shared_stage.client.post("/v1/registry/plan", content=asked, headers=administering)
    assert (*problem(answer), answer.json()["errors"][0]["pointer"]) == (422, "invalid-body", "/did")


def test_what_the_registry_holds_that_is_no_did_keeps_no_partner_out(shared_stage: Stage) -> None:
    did = f"did:web:late-{secrets.token_hex(4)}.example"
    registered = {**dict.fromkeys(NO_DIDS, 1), did: int(Role.BRAND)}
    with writing(shared_stage.engine) as connection:
        assert administration.follow(connection, registered, {}) == [did]
    with reading(shared_stage.engine) as connection:
        assert set(connection.execute(select(Partner.did)).scalars()).isdisjoint(NO_DIDS)


@pytest.fixture
def office(tmp_path: Path, database_url: str, network: Network, administrator: Administrator) -> Iterator[Stage]:
    """A service that holds the administrator's key."""
    with Stage(tmp_path, database_url, network, administrator, admin_keystore="admin.json") as made:
        secret = administrator._account.key
        keystore = Account.encrypt(secret, made.settings.keys_password, kdf="scrypt", iterations=WORK)
        (made.settings.keys_dir / "admin.json").write_text(json.dumps(keystore))
        yield made


def test_what_was_sent_before_something_failed_is_in_the_log(office: Stage) -> None:
    with writing(office.engine) as connection:
        partners.admit(connection, office.operator_did, {"en": "Operator"}, Role.OPERATOR)
        token = partners.issue_token(connection, office.operator_did, rights=["administer"])
    did = f"did:web:new-{secrets.token_hex(4)}.example"
    taken = office.operator  # another partner's key for ever
    asked: dict[str, Any] = {"action": "admitPartner", "did": did, "roles": ["brand"], "key": taken}
    headers = {"Authorization": f"Bearer {token}"}
    answer = office.client.post("/v1/registry/send", json=asked, headers=headers)
    assert problem(answer) == (409, "refused-by-contract"), answer.text
    assert office.client.get(f"/v1/partners/{did}").status_code == 200, "the first step stays"
    entry = office.client.get("/v1/audit", params={"partner": did}, headers=headers).json()["entries"][0]
    assert (entry["action"], entry["what"]["failed"]) == ("registry.admitPartner", "refused-by-contract")
    assert len(entry["what"]["transactions"]) == 1


def test_strangers_have_the_chain_read_no_more_often_by_the_registry_than_by_rpc(
    office: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.client.app.state, "rate_limit", RateLimit(25))  # type: ignore[attr-defined]
    answers = [office.client.get(path) for path in ("/v1/partners", f"/v1/partners/{office.brand}", "/v1/partners")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert office.client.get("/v1/partners", headers=office.headers()).status_code == 200
