"""What the registry's administrator asks for, and how the service follows the chain, on both databases."""

import json
import secrets

import pytest
from sqlalchemy import select

from chain_service.chain.client import Chain
from chain_service.db import reading, writing
from chain_service.partners import audit
from chain_service.partners import service as partners
from chain_service.partners.models import Partner
from chain_service.partners.registry import following
from chain_service.partners.registry.standings import PartnerStanding
from chain_service.partners.roles import Role
from chain_service.rate_limit import RateLimit
from tests.partners.persons import problem
from tests.partners.registry import OwnKey
from tests.stage import Stage

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
    registered = {name: PartnerStanding(int(Role.BRAND)) for name in (*NO_DIDS, did)}
    with writing(shared_stage.engine) as connection:
        assert following.follow(connection, registered, {}) == [did]
    with reading(shared_stage.engine) as connection:
        assert set(connection.execute(select(Partner.did)).scalars()).isdisjoint(NO_DIDS)


def test_strangers_have_the_chain_read_no_more_often_by_the_registry_than_by_rpc(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.client.app.state, "rate_limit", RateLimit(25))  # type: ignore[attr-defined]
    answers = [stage.client.get(path) for path in ("/v1/partners", f"/v1/partners/{stage.brand}", "/v1/partners")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert stage.client.get("/v1/partners", headers=stage.headers()).status_code == 200


def test_the_worker_follows_roles_and_suspensions_and_says_so_in_the_log(stage: Stage) -> None:
    own = OwnKey(stage, "followed")
    follower = following.Following(stage.engine, Chain(stage.network))

    def known() -> tuple[int, bool]:
        follower.follow()
        with reading(stage.engine) as connection:
            row = connection.execute(select(Partner.roles, Partner.suspended).where(Partner.did == own.did)).one()
        return row.roles, row.suspended

    assert known() == (Role.BRAND, False)
    own.tell("suspend", own.partner)
    own.tell("setRoles", own.partner, int(Role.LOGISTICS))
    assert known() == (Role.LOGISTICS, True)
    own.tell("reinstate", own.partner)
    assert known() == (Role.LOGISTICS, False)
    with reading(stage.engine) as connection:
        entries, _ = audit.page(connection, None, None, None, 100)
    told = [entry for entry in entries if entry.action == "registry.followed"]
    assert [(entry.actor_kind, entry.what["changed"]) for entry in told] == [("service", [own.did])] * 2
