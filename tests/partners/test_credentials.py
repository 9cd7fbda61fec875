"""Credentials of systems, on both databases: issued, limited, used, ended; and only their organisation's own."""

import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text, update

import chain_service.db as db
from chain_service.db import connect, migrate, reading, writing
from chain_service.kit import clock
from chain_service.partners import credentials
from chain_service.partners import service as partners
from chain_service.partners.models import AuditDay, AuditEntry, Credential
from chain_service.partners.roles import Role
from chain_service.rate_limit import RateLimit
from tests.events.documents import bare, new_event
from tests.stage import Stage

DAY_MS = 86_400_000
ALL = ("state", "describe", "read", "manage")
Answer = tuple[int, Any]


class Organisation:
    """A partner of this test, with a token of every right but administer."""

    def __init__(self, stage: Stage, roles: Role = Role.BRAND) -> None:
        self.stage = stage
        self.did = f"did:web:org-{secrets.token_hex(4)}.example"
        with writing(stage.engine) as connection:
            partners.admit(connection, self.did, {"en": "Organisation"}, roles)
        self.token = self.issued()

    def issued(self, rights: tuple[str, ...] = ALL, **more: Any) -> str:
        with writing(self.stage.engine) as connection:
            return partners.issue_token(connection, self.did, rights=rights, **more)

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Answer:
        """Status and JSON of an answer."""
        sent = {"Authorization": f"Bearer {token or self.token}", **headers}
        content = {} if body is None else {"json": body}
        answer = self.stage.client.request(method, path, headers=sent, **content)
        return answer.status_code, answer.json() if answer.content else None

    def new(self, **asked: Any) -> dict[str, Any]:
        status, issued = self.ask("POST", "/v1/credentials", {"name": "Scanner", "rights": ["read"], **asked})
        assert status == 201, issued
        return dict(issued)

    def row(self, public: str) -> Any:
        with reading(self.stage.engine) as connection:
            return connection.execute(select(Credential.__table__).where(Credential.id == public)).one()

    def set(self, public: str, **values: Any) -> None:
        with writing(self.stage.engine) as connection:
            connection.execute(update(Credential).where(Credential.id == public).values(**values))


@pytest.fixture
def own(shared_stage: Stage) -> Organisation:
    return Organisation(shared_stage)


@pytest.fixture
def limits(shared_stage: Stage) -> Iterator[Any]:
    """The service's limits, set back afterwards."""
    state = shared_stage.client.app.state
    before = state.calls, state.failed_tokens
    yield state
    state.calls, state.failed_tokens = before


def kind(answer: Answer) -> tuple[int, str]:
    """Status and problem type."""
    return answer[0], str(answer[1]["type"]).rpartition("/")[2]


def public_of(token: str) -> str:
    return token.split("_")[1]


def test_an_issued_credential_is_shown_once_and_only_its_hash_is_kept(own: Organisation) -> None:
    issued = own.new(rights=["read", "state", "read"], expiresInDays=30)
    assert re.fullmatch(r"cs_[a-z2-7]{10}_[A-Za-z0-9_-]{43}", issued["token"])
    assert issued["token"].startswith(f"cs_{issued['id']}_")
    assert issued["rights"] == ["state", "read"]
    status, listed = own.ask("GET", "/v1/credentials")
    assert status == 200
    shown = next(entry for entry in listed["credentials"] if entry["id"] == issued["id"])
    assert (shown["name"], shown["rights"], shown["createdBy"]) == ("Scanner", ["state", "read"], public_of(own.token))
    assert (shown["revokedAt"], shown["lastUsedAt"]) == (None, None)
    lasts = clock.parse_time(shown["expiresAt"]) - clock.parse_time(shown["createdAt"])
    assert lasts == 30 * DAY_MS
    secret = issued["token"].rpartition("_")[2]
    assert secret not in str(listed)
    assert secret not in str(own.row(issued["id"]))


def test_a_credential_ends_by_itself_and_says_so_to_its_holder_alone(own: Organisation) -> None:
    issued = own.new()
    assert own.row(issued["id"]).expires_at - own.row(issued["id"]).created_at == 365 * DAY_MS
    assert own.ask("GET", "/epcis/capture", token=issued["token"])[0] == 200
    own.set(issued["id"], expires_at=clock.now_ms())
    refused = own.ask("GET", "/epcis/capture", token=issued["token"])
    assert kind(refused) == (401, "unauthorized")
    assert "expired" in refused[1]["detail"]
    guessed = own.ask("GET", "/epcis/capture", token=f"cs_{issued['id']}_" + "A" * 43)
    assert kind(guessed) == (401, "unauthorized")
    assert "expired" not in guessed[1]["detail"]


def test_a_revoked_credential_opens_nothing_from_now_on_and_revoking_again_is_harmless(own: Organisation) -> None:
    issued = own.new()
    assert own.ask("GET", "/v1/network", token=issued["token"])[0] == 200
    for _ in range(2):
        assert own.ask("DELETE", f"/v1/credentials/{issued['id']}") == (204, None)
    refused = own.ask("GET", "/v1/network", token=issued["token"])  # public, yet a bad token is told that it is bad
    assert kind(refused) == (401, "unauthorized")
    assert "revoked" in refused[1]["detail"]
    first = own.row(issued["id"]).revoked_at
    own.ask("DELETE", f"/v1/credentials/{issued['id']}")
    assert own.row(issued["id"]).revoked_at == first


def test_nobody_grants_a_right_that_they_lack(own: Organisation) -> None:
    manager = own.issued(("manage", "read"))
    for right in ("state", "describe", "administer"):
        body = {"name": "More", "rights": ["read", right]}
        refused = own.ask("POST", "/v1/credentials", body, token=manager)
        assert kind(refused) == (403, "right-missing")
        assert repr(right) in refused[1]["detail"]
    assert own.ask("POST", "/v1/credentials", {"name": "As much", "rights": ["read", "manage"]}, manager)[0] == 201


def test_only_an_operators_credential_administers(shared_stage: Stage) -> None:
    operator = Organisation(shared_stage, Role.OPERATOR)
    token = operator.issued(("manage", "administer"))
    body = {"name": "Registrar", "rights": ["administer"]}
    assert operator.ask("POST", "/v1/credentials", body, token)[0] == 201
    with writing(shared_stage.engine) as connection:
        partners.admit(connection, operator.did, {"en": "No operator any more"}, Role.BRAND)
    assert kind(operator.ask("POST", "/v1/credentials", body, token)) == (403, "right-missing")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "a" * 101}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"name": None}, "/name"),
        ({"rights": []}, "/rights"),
        ({"rights": ["everything"]}, "/rights/0"),
        ({"rights": "read"}, "/rights"),
        ({"expiresInDays": 0}, "/expiresInDays"),
        ({"expiresInDays": 731}, "/expiresInDays"),
        ({"expiresInDays": 1.5}, "/expiresInDays"),
        ({"expiresInDays": "30"}, "/expiresInDays"),
        ({"expiresInDays": True}, "/expiresInDays"),
        ({"partner": "did:web:other.example"}, "/partner"),
    ],
)
def test_an_ill_formed_wish_is_refused_with_its_place(own: Organisation, change: dict[str, Any], pointer: str) -> None:
    refused = own.ask("POST", "/v1/credentials", {"name": "Scanner", "rights": ["read"], **change})
    assert kind(refused) == (422, "invalid-body")
    assert [error["pointer"] for error in refused[1]["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 400), (b"{", 400), (b'{"name": "a", "name": "b"}', 400), (b"[]", 422), (b" " * 20_000, 413)],
)
def test_what_is_no_wish_at_all_is_refused(own: Organisation, content: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {own.token}", "Content-Type": "application/json"}
    answer = own.stage.client.post("/v1/credentials", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    headers["Content-Type"] = "text/plain"
    answer = own.stage.client.post("/v1/credentials", content=content, headers=headers)
    assert answer.status_code == 415


def test_another_organisations_credentials_are_neither_seen_nor_revoked(own: Organisation, shared_stage: Stage) -> None:
    other = Organisation(shared_stage)
    theirs = other.new()
    assert theirs["id"] not in str(own.ask("GET", "/v1/credentials"))
    assert kind(own.ask("DELETE", f"/v1/credentials/{theirs['id']}")) == (404, "no-such-credential")
    assert other.ask("GET", "/v1/network", token=theirs["token"])[0] == 200
    for public in ("x", "%00", "a" * 3000):
        assert kind(own.ask("DELETE", f"/v1/credentials/{public}")) == (404, "no-such-credential")


def test_a_credential_does_what_its_rights_say_and_nothing_else(shared_stage: Stage) -> None:
    brand = shared_stage.brand
    with writing(shared_stage.engine) as connection:
        reads = partners.issue_token(connection, brand, rights=("read",))
        states = partners.issue_token(connection, brand, rights=("state",))
    headers = {"Content-Type": "application/ld+json"}
    for token, status in ((reads, 403), (states, 201)):
        sent = {**headers, "Authorization": f"Bearer {token}"}
        answer = shared_stage.client.post("/epcis/events", content=bare(new_event()), headers=sent)
        assert answer.status_code == status
    item = {"kind": "place", "name": {"en": "Here"}}
    sent = {"Authorization": f"Bearer {states}"}
    answer = shared_stage.client.put("/v1/items/414/9521321000018", json=item, headers=sent)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "right-missing")


def test_another_scheme_than_bearer_is_no_token(shared_stage: Stage) -> None:
    basic = {"Authorization": "Basic YTpi"}  # of a proxy in front, say
    assert shared_stage.client.get("/v1/network", headers=basic).status_code == 200
    assert shared_stage.client.get("/epcis/capture", headers=basic).status_code == 401


# ------------------------------------------------------------------ the last use


def test_the_last_use_is_noted_once_a_minute(own: Organisation) -> None:
    issued = own.new()
    asked = lambda: own.ask("GET", "/v1/network", token=issued["token"])  # noqa: E731
    asked()
    first = own.row(issued["id"]).last_used_at
    assert abs(clock.now_ms() - first) < 10_000
    own.set(issued["id"], last_used_at=first - 30_000)
    asked()
    assert own.row(issued["id"]).last_used_at == first - 30_000
    for stale in (first - 60_000, first + 3_600_000):  # or from a clock that was set back since
        own.set(issued["id"], last_used_at=stale)
        asked()
        assert abs(clock.now_ms() - own.row(issued["id"]).last_used_at) < 10_000


def test_a_reader_does_not_wait_for_a_writer_to_note_its_use(own: Organisation) -> None:
    if own.stage.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one lock for all that write")
    issued = own.new()
    elsewhere = sqlite3.connect(str(own.stage.engine.url.database), isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    assert own.ask("GET", "/v1/network", token=issued["token"])[0] == 200
    assert time.monotonic() - began < 1
    elsewhere.execute("ROLLBACK")
    elsewhere.close()
    assert own.row(issued["id"]).last_used_at is None
    with writing(own.stage.engine):  # of the same process
        assert own.ask("GET", "/v1/network", token=issued["token"])[0] == 200
    assert own.row(issued["id"]).last_used_at is None
    assert own.ask("GET", "/v1/network", token=issued["token"])[0] == 200
    assert own.row(issued["id"]).last_used_at is not None


# ------------------------------------------------------------------ limits


def test_a_credential_that_asks_too_often_waits_and_others_do_not(own: Organisation, limits: Any) -> None:
    limits.calls = RateLimit(2)
    other = own.issued()
    for _ in range(2):
        assert own.ask("GET", "/v1/network")[0] == 200
    answer = own.stage.client.get("/v1/network", headers={"Authorization": f"Bearer {own.token}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert answer.json()["type"].endswith("/too-many-calls")
    assert own.ask("GET", "/v1/network", token=other)[0] == 200
    for _ in range(5):
        assert own.stage.client.get("/v1/network").status_code == 200
        assert own.ask("GET", "/healthz")[0] == 200  # nobody is looked at there


def test_an_address_that_tries_tokens_is_told_to_wait_while_good_ones_go_on(own: Organisation, limits: Any) -> None:
    limits.failed_tokens = RateLimit(3)
    for number in range(3):
        assert own.ask("GET", "/v1/network", token=f"wrong-{number}")[0] == 401
    refused = own.stage.client.get("/v1/network", headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert own.ask("GET", "/epcis/capture")[0] == 200
    assert own.stage.client.get("/v1/network").status_code == 200


# ------------------------------------------------------------------ the schema


def upgraded(engine: Any, version: str, downgrade: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        (command.downgrade if downgrade else command.upgrade)(config, version)


@pytest.mark.parametrize("model", [Credential, AuditEntry, AuditDay])
def test_the_migrated_tables_are_those_of_the_models(database_url: str, model: Any) -> None:
    engine = connect(database_url)
    migrate(engine)
    table = model.__table__
    seen = inspect(engine)
    columns = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
    assert columns == {column.name: column.nullable for column in table.columns}
    indexes = {index["name"] for index in seen.get_indexes(table.name) if not index["unique"]}
    assert indexes == {index.name for index in table.indexes}
    assert seen.get_pk_constraint(table.name)["constrained_columns"] == [column.name for column in table.primary_key]
    engine.dispose()


def test_tokens_of_the_first_release_go_on_for_a_year_with_the_rights_that_they_had(database_url: str) -> None:
    engine = connect(database_url)
    upgraded(engine, "0002")
    token, now = secrets.token_urlsafe(32), clock.now_ms()
    old = "INSERT INTO credentials (token_sha256, partner, created_at) VALUES (:hash, 'did:web:a', :at)"
    with writing(engine) as connection:
        connection.execute(
            text("INSERT INTO partners (did, name, roles, created_at) VALUES ('did:web:a', '{}', 129, 1)")
        )
        for hash_, at in ((credentials._hash(token), now), ("0" * 64, now - 366 * DAY_MS)):
            connection.execute(text(old), {"hash": hash_, "at": at})
    upgraded(engine, "0003")
    actor = credentials.bearer(engine, token)
    assert (actor.partner.did if actor.partner else "", actor.rights) == ("did:web:a", {"state", "describe", "read"})
    assert re.fullmatch(r"[a-z2-7]{10}", actor.id)
    with reading(engine) as connection:
        rows = {row.token_sha256: row for row in connection.execute(select(Credential.__table__))}
    assert rows[credentials._hash(token)].expires_at == now + 365 * DAY_MS
    assert rows["0" * 64].expires_at < now
    with writing(engine) as connection:
        revoked = partners.issue_token(connection, "did:web:a")
        credentials.revoke(connection, "did:web:a", public_of(revoked), actor)
    upgraded(engine, "0002", downgrade=True)
    with reading(engine) as connection:  # what had ended does not come to life again
        left = connection.execute(text("SELECT token_sha256 FROM credentials")).scalars().all()
    assert left == [credentials._hash(token)]
    engine.dispose()
