"""Who may do what, asked of the running service: every address and method by every kind of caller.

What is expected stands in access.txt, written by hand; the product's own table of rules is not looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import update
from starlette.routing import Mount

from chain_service.db import writing
from chain_service.partners import rules
from chain_service.partners import service as partners
from chain_service.partners.models import Credential
from chain_service.partners.roles import Role
from tests.stage import Stage

Address = tuple[str, str]
ACTING = {"brand", "producer", "logistics", "warehouse", "inspector", "customs", "sensor_gateway"}
EVERY_RIGHT = ("state", "describe", "read", "manage")
BAD = ("unknown token", "expired token", "revoked token")
ALLOWED = (0, "")


@dataclass(frozen=True)
class Expected:
    """One line of the list. `rights`: open, public, or the rights of which one is needed; `roles`: empty for any."""

    rights: frozenset[str]
    roles: frozenset[str]

    def outcome(self, caller: str) -> tuple[int, str]:
        """Status and problem type of a refusal, or ALLOWED."""
        if self.rights == {"open"}:
            return ALLOWED
        if caller in BAD:
            return 401, "unauthorized"
        if self.rights == {"public"}:
            return ALLOWED
        if caller == "anyone":
            return 401, "unauthorized"
        role, _, only = caller.partition(": ")
        rights = {only} if only else {*EVERY_RIGHT, *(["administer"] if role == "operator" else [])}
        if not rights & self.rights:
            return 403, "right-missing"
        return (403, "role-missing") if self.roles and role not in self.roles else ALLOWED


def read_list() -> Iterator[tuple[Address, Expected]]:
    for line in (Path(__file__).parent / "access.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            method, path, who = line.split(maxsplit=2)
            rights, _, roles = who.partition(" of ")
            named = ACTING if roles == "acting" else set(filter(None, roles.split(" or ")))
            yield (method, path), Expected(frozenset(rights.split(" or ")), frozenset(named))


EXPECTED = dict(read_list())
ROLES = [role.name.lower() for role in Role if role.name]
CALLERS = [
    "anyone",
    *BAD,
    *ROLES,
    *(f"brand: {right}" for right in EVERY_RIGHT),
    *(f"operator: {right}" for right in ("state", "manage", "administer")),
]


def addresses(app: FastAPI) -> Iterator[Address]:
    """Method and address of every route; HEAD comes with GET."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.route, Mount):
            yield "GET", str(route.path)
        else:
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, re.sub(r"\{[^}]*\}", "{}", str(route.path))


@pytest.fixture(scope="module")
def app(shared_stage: Stage) -> FastAPI:
    app = shared_stage.client.app
    assert isinstance(app, FastAPI)
    return app


@pytest.fixture(scope="module")
def tokens(shared_stage: Stage) -> dict[str, str]:
    """A token for each caller that has one."""
    made = {"unknown token": "cs_aaaaaaaaaa_" + "A" * 43}
    with writing(shared_stage.engine) as connection:
        for role in ROLES:
            partners.admit(connection, f"did:web:{role}.example", {"en": role}, Role[role.upper()])
        for caller in CALLERS[len(BAD) + 1 :]:
            role, _, only = caller.partition(": ")
            # Who is no operator may hold the right to administer from earlier days: it counts for nothing.
            rights = [only] if only else [*EVERY_RIGHT, "administer"]
            made[caller] = partners.issue_token(connection, f"did:web:{role}.example", rights=rights)
        for caller, ended in (("expired token", {"expires_at": 1}), ("revoked token", {"revoked_at": 1})):
            made[caller] = partners.issue_token(connection, "did:web:brand.example", rights=EVERY_RIGHT)
            public = made[caller].split("_")[1]
            connection.execute(update(Credential).where(Credential.id == public).values(**ended))
    return made


def test_the_list_names_every_address_of_the_service_and_no_other(app: FastAPI) -> None:
    known = {address for address in addresses(app) if address[0] != "OPTIONS"}
    assert known - EXPECTED.keys() == set(), "these are missing in access.txt"
    assert EXPECTED.keys() - known == set()


def test_every_address_has_a_rule_and_every_rule_an_address(app: FastAPI) -> None:
    known = {address for address in addresses(app) if address[0] != "OPTIONS"}
    assert known - rules.RULES.keys() == set(), "these are refused to everybody"
    assert rules.RULES.keys() - known == set()


@pytest.mark.parametrize("address", EXPECTED, ids=" ".join)
def test_who_may_do_what(app: FastAPI, shared_stage: Stage, tokens: dict[str, str], address: Address) -> None:
    method, path = address
    found = {caller: outcome(shared_stage, method, path, tokens.get(caller)) for caller in CALLERS}
    assert found == {caller: EXPECTED[address].outcome(caller) for caller in CALLERS}
    if method == "GET":
        heads = {
            caller: outcome(shared_stage, "HEAD", path, tokens.get(caller)) for caller in ("anyone", *BAD, "brand")
        }
        assert heads == {caller: (found[caller][0], "") for caller in heads}
    assert outcome(shared_stage, "OPTIONS", path, tokens["expired token"]) == ALLOWED


def outcome(stage: Stage, method: str, path: str, token: str | None) -> tuple[int, str]:
    """Status and problem type of a refusal; any other answer, even that the request makes no sense, is ALLOWED."""
    limits = stage.client.app.state  # type: ignore[attr-defined]
    limits.failed_tokens._left.clear()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = stage.client.request(method, path.replace("{}", "x"), headers=headers, follow_redirects=False)
    if answer.status_code not in (401, 403, 429):
        return ALLOWED
    return answer.status_code, answer.json()["type"].rpartition("/")[2] if method != "HEAD" else ""


def test_an_address_without_a_rule_is_refused_to_everybody(
    shared_stage: Stage, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(rules.RULES, ("GET", "/v1/network"))
    for caller in ("anyone", "operator", "brand"):
        assert outcome(shared_stage, "GET", "/v1/network", tokens.get(caller)) == (403, "no-rule")


def test_a_refusal_names_the_right_and_the_roles(shared_stage: Stage, tokens: dict[str, str]) -> None:
    def detail(caller: str, method: str, path: str) -> str:
        headers = {"Authorization": f"Bearer {tokens[caller]}"}
        return str(shared_stage.client.request(method, path, headers=headers).json()["detail"])

    assert detail("brand: read", "POST", "/epcis/capture") == "This needs the right 'state'."
    assert "'brand', 'producer'" in detail("arbiter", "POST", "/epcis/capture")
    assert detail("brand: describe", "GET", "/epcis/capture") == "This needs the right 'state' or 'read'."


def test_no_body_is_parsed_before_its_sender_is_known(shared_stage: Stage) -> None:
    """Else anybody may have the service parse JSON of the greatest size."""
    for (method, path), expected in read_list():
        if method in ("POST", "PUT", "PATCH") and not expected.rights & {"open", "public"}:
            url = re.sub(r"\{[^}]*\}", "x", path)
            answer = shared_stage.client.request(
                method, url, content=b"{no JSON", headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 401, (method, path, answer.text)
