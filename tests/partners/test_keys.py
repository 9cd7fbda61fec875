"""The standing of keys, on both databases: what the chain says decides, and what it said is remembered for a while."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from chain_service.chain.client import Chain, ChainUnreachable, KeyStatus
from chain_service.db import connect, migrate, reading, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.kit.digests import keccak256
from chain_service.partners import keys
from chain_service.partners import service as partners
from chain_service.partners.custody import Custody, KeyUnavailable, held_key
from chain_service.partners.keys import FRESH_MS, USABLE_MS, Standing, standing
from chain_service.partners.models import PartnerKey
from chain_service.partners.roles import Role
from tests.anchoring.ground import OwnChain, own_chain
from tests.anchoring.signing import bare_event, post, statement
from tests.events.documents import document, new_event
from tests.partners.registry import DAY, OwnKey
from tests.stage import Stage


class Counting(Chain):
    """A chain that counts what it is asked, and that can be cut off."""

    asked = 0
    cut = False

    def status_at(self, address: str, at: int) -> KeyStatus:
        self.asked += 1
        if self.cut:
            raise ChainUnreachable("the node does not answer")
        return super().status_at(address, at)


@pytest.fixture
def chain(shared_stage: Stage) -> Counting:
    return Counting(shared_stage.network)


@pytest.fixture
def own(shared_stage: Stage) -> OwnKey:
    return OwnKey(shared_stage, "key")


@pytest.fixture
def own_ground(tmp_path: Path, database_url: str) -> Iterator[tuple[Stage, OwnChain]]:
    """A service on a chain of this test, whose clock it may set."""
    with (
        own_chain(tmp_path / "chain") as made,
        Stage(tmp_path, database_url, made.network, made.administrator) as stage,
    ):
        yield stage, made


def refusal(stage: Stage, own: OwnKey, chain: Chain) -> tuple[int, str]:
    """Status and last word of the type with which a key is refused."""
    with pytest.raises(Problem) as caught:
        standing(stage.engine, chain, own.did, own.signer.address, "/signature")
    problem = caught.value
    assert problem.detail
    assert problem.status == 503 or problem.errors == [{"pointer": "/signature", "detail": problem.detail}]
    return problem.status, problem.type


def good(stage: Stage, own: OwnKey, chain: Chain) -> Standing:
    return standing(stage.engine, chain, own.did, own.signer.address, "/signature")


def remembered(stage: Stage, own: OwnKey) -> list[tuple[str, int | None]]:
    with reading(stage.engine) as connection:
        known = select(PartnerKey.partner, PartnerKey.status).where(PartnerKey.address == own.signer.address)
        return [tuple(row) for row in connection.execute(known)]


def ago(milliseconds: int) -> int:
    return clock.now_ms() - milliseconds


def test_a_good_key_has_its_roles_and_holder_from_the_chain(shared_stage: Stage, chain: Counting) -> None:
    own = OwnKey(shared_stage, "roles", Role.INSPECTOR | Role.WAREHOUSE)
    assert good(shared_stage, own, chain) == Standing(int(Role.INSPECTOR | Role.WAREHOUSE), "partner")
    assert good(shared_stage, OwnKey(shared_stage, "held", custody=2), chain).custody == "operator"


def test_the_chain_is_asked_once_a_minute_while_a_key_is_good(
    shared_stage: Stage, own: OwnKey, chain: Counting
) -> None:
    for _ in range(3):
        good(shared_stage, own, chain)
    assert chain.asked == 1
    own.remembered_at(ago(FRESH_MS))
    good(shared_stage, own, chain)
    assert chain.asked == 2
    own.remembered_at(clock.now_ms() + 10_000)  # a clock that was set back makes nothing fresh
    good(shared_stage, own, chain)
    assert chain.asked == 3


def test_an_unknown_key_is_refused_and_not_remembered(shared_stage: Stage, chain: Counting) -> None:
    own = OwnKey(shared_stage, "unknown", valid=None)
    assert refusal(shared_stage, own, chain) == (403, "unknown-key")
    assert remembered(shared_stage, own) == []


def test_another_partners_key_is_refused_and_not_remembered(shared_stage: Stage, own: OwnKey, chain: Counting) -> None:
    with pytest.raises(Problem) as caught:
        standing(shared_stage.engine, chain, shared_stage.brand, own.signer.address, "")
    assert (caught.value.status, caught.value.type) == (403, "not-your-key")
    assert remembered(shared_stage, own) == []


def test_a_suspended_partner_signs_nothing_until_it_is_reinstated(
    shared_stage: Stage, own: OwnKey, chain: Counting
) -> None:
    good(shared_stage, own, chain)
    own.tell("suspend", own.partner)
    own.remembered_at(ago(FRESH_MS))
    assert refusal(shared_stage, own, chain) == (403, "partner-suspended")
    own.tell("reinstate", own.partner)
    assert good(shared_stage, own, chain).custody == "partner"  # at once: only what is good is fresh


def test_a_key_is_refused_before_it_is_valid(shared_stage: Stage, chain: Counting) -> None:
    own = OwnKey(shared_stage, "early", valid=None)
    own.tell("addKey", own.partner, own.account.address, 1, max(own.chain_time(), clock.now_s()) + DAY, 0)
    assert refusal(shared_stage, own, chain) == (403, "key-not-yet-valid")


def test_a_compromised_key_is_refused(shared_stage: Stage, own: OwnKey, chain: Counting) -> None:
    own.tell("reportCompromised", own.account.address, own.chain_time())
    assert refusal(shared_stage, own, chain) == (403, "key-compromised")


def test_a_key_that_ended_is_refused_and_its_successor_signs_on(own_ground: tuple[Stage, OwnChain]) -> None:
    stage, made = own_ground
    own = OwnKey(stage, "ending", valid=None)
    own.tell("addKey", own.partner, own.account.address, 1, 0, max(own.chain_time(), clock.now_s()) + DAY + 60)
    entry = statement(bare_event(), own.signer, stage.network.network)
    assert post(stage, own.did, entry).status_code == 202
    stage.seal()
    made.ask("evm_increaseTime", 2 * DAY)
    made.ask("evm_mine")
    own.forget()
    answer = post(stage, own.did, statement(bare_event(), own.signer, stage.network.network))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "key-ended")
    successor = OwnKey(stage, "successor", valid=None)
    own.tell("addKey", own.partner, successor.account.address, 1, 0, 0)
    entry = statement(bare_event(), successor.signer, stage.network.network)
    assert post(stage, own.did, entry).status_code == 202


@pytest.mark.parametrize(
    ("tell", "kind"),
    [("suspend", "partner-suspended"), ("reportCompromised", "key-compromised"), ("later", "key-not-yet-valid")],
)
def test_statements_of_a_key_that_is_not_good_are_refused_over_http(shared_stage: Stage, tell: str, kind: str) -> None:
    own = OwnKey(shared_stage, "http", valid=(0, 0) if tell != "later" else None)
    arguments = {
        "suspend": ("suspend", own.partner),
        "reportCompromised": ("reportCompromised", own.account.address, own.chain_time()),
        "later": ("addKey", own.partner, own.account.address, 1, max(own.chain_time(), clock.now_s()) + DAY, 0),
    }
    own.tell(*arguments[tell])
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    answer = post(shared_stage, own.did, [entry])
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, kind)
    assert answer.json()["errors"][0]["pointer"] == "/0/signature"
    assert shared_stage.client.get(f"/v1/receipts/{entry['event']['eventID']}").status_code == 404


def test_without_the_chain_what_it_said_is_good_for_an_hour(shared_stage: Stage, own: OwnKey, chain: Counting) -> None:
    chain.cut = True
    assert refusal(shared_stage, own, chain) == (503, "chain-unreachable")
    chain.cut = False
    good(shared_stage, own, chain)
    chain.cut = True
    own.remembered_at(ago(USABLE_MS - 5_000))
    assert good(shared_stage, own, chain).custody == "partner"
    own.remembered_at(ago(USABLE_MS))
    assert refusal(shared_stage, own, chain) == (503, "chain-unreachable")


def test_without_the_chain_a_suspended_partner_stays_refused(shared_stage: Stage, own: OwnKey, chain: Counting) -> None:
    own.tell("suspend", own.partner)
    assert refusal(shared_stage, own, chain) == (403, "partner-suspended")
    chain.cut = True
    assert refusal(shared_stage, own, chain) == (403, "partner-suspended")


def test_while_the_chain_is_away_http_says_when_to_come_again_and_stores_nothing(
    shared_stage: Stage, own: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ChainUnreachable("the node does not answer")

    monkeypatch.setattr(Chain, "status_at", away)
    entry = statement(bare_event(), own.signer, shared_stage.network.network)
    answer = post(shared_stage, own.did, entry)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "chain-unreachable")
    assert int(answer.headers["Retry-After"]) > 0
    assert shared_stage.client.get(f"/v1/receipts/{entry['event']['eventID']}").status_code == 404
    monkeypatch.undo()
    assert post(shared_stage, own.did, entry).status_code == 202


def test_another_chain_than_the_networks_is_not_believed(shared_stage: Stage, own: OwnKey) -> None:
    elsewhere = Chain(shared_stage.network.model_copy(update={"chainId": 1}))
    assert refusal(shared_stage, own, elsewhere) == (503, "chain-unreachable")


def test_a_key_in_its_partners_hands_is_nothing_that_the_operator_signs_with(
    shared_stage: Stage, own: OwnKey, chain: Counting
) -> None:
    good(shared_stage, own, chain)
    custody = Custody(shared_stage.settings.keys_dir, shared_stage.settings.keys_password)
    with writing(shared_stage.engine) as connection:
        assert held_key(connection, own.did) is None
        with pytest.raises(KeyUnavailable):
            custody.of(connection, own.did)
        partners.hold_key(connection, own.did, own.signer.address, "handed-over.json")
        assert held_key(connection, own.did) is not None
    assert remembered(shared_stage, own) == [(own.did, keys.GOOD)]


def test_a_key_of_its_own_does_not_hide_the_one_that_the_operator_holds(stage: Stage) -> None:
    own = OwnKey(stage, "both", valid=None)
    own.tell("addKey", keccak256(stage.brand.encode()), own.account.address, 1, 0, 0)
    standing(stage.engine, Chain(stage.network), stage.brand, own.signer.address, "")  # remembered as the newest
    assert stage.capture(document(new_event()))["success"]


def test_the_migrated_tables_are_those_of_the_models(database_url: str) -> None:
    engine = connect(database_url)
    migrate(engine)
    columns = {column["name"]: column["nullable"] for column in inspect(engine).get_columns("partner_keys")}
    assert columns == {column.name: column.nullable for column in PartnerKey.__table__.columns}
    assert [index["name"] for index in inspect(engine).get_indexes("partner_keys")] == ["ix_partner_keys_partner"]
    assert inspect(engine).get_foreign_keys("partner_keys")[0]["referred_table"] == "partners"
    engine.dispose()


def test_keys_held_before_the_migration_are_held_after_it(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import text

    import chain_service.db as db

    engine = connect(database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO partners (did, name, roles, created_at) VALUES ('did:web:a', '{}', 1, 1)"))
        key = (
            "INSERT INTO partner_keys (address, partner, keystore, created_at) VALUES ('0x1', 'did:web:a', 'a.json', 1)"
        )
        connection.execute(text(key))
        command.upgrade(config, "0002")
    with reading(engine) as connection:
        assert held_key(connection, "did:web:a") is not None
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert connection.execute(text("SELECT keystore FROM partner_keys")).scalar() == "a.json"
    engine.dispose()
