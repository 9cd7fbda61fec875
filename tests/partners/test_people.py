"""People of an organisation: invited, changed, erased, and never more powerful than who acts on them."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from chain_service.db import reading, writing
from chain_service.kit import clock
from chain_service.partners import service as partners
from chain_service.partners.actors import COMMAND_LINE, RIGHTS
from chain_service.partners.people import service as people
from chain_service.partners.people.models import Invitation, Person
from chain_service.partners.roles import Role
from tests.partners.persons import (
    ALL_BUT_ADMINISTER,
    PASSWORD,
    Browser,
    Somebody,
    alone,
    alter,
    invited,
    managing_token,
    problem,
    row,
    somebody,
)
from tests.stage import Stage


@pytest.fixture
def operator(shared_stage: Stage) -> str:
    """The DID of an organisation with the role operator."""
    did = f"did:web:operator-{secrets.token_hex(4)}.example"
    with writing(shared_stage.engine) as connection:
        partners.admit(connection, did, {"en": "Operator"}, Role.OPERATOR)
    return did


def new(rights: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {"email": f"{secrets.token_hex(5)}@dairy.example", "name": "Li Na", "rights": rights or [], **more}


def token_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.text
    link: str = answer.json()["invitation"]
    start = "http://127.0.0.1:8000/console/#invite="
    assert link.startswith(start)
    return link.removeprefix(start)


def accepted(stage: Stage, token: str, password: str = PASSWORD) -> Any:
    return Browser(stage).http.post("/v1/invitations/accept", json={"token": token, "password": password})


def test_whoever_manages_invites_and_the_invited_chooses_a_password_and_is_in(shared_stage: Stage) -> None:
    mei, person = somebody(shared_stage), new(["read", "state"])
    person["email"] = person["email"].upper()
    answer = mei.browser.send("POST", "/v1/people", person)
    left = clock.parse_time(answer.json()["expiresAt"]) - clock.now_ms()
    assert left == pytest.approx(72 * 3_600_000, abs=60_000)
    listed = mei.browser.http.get("/v1/people").json()["people"]
    (shown,) = [each for each in listed if each["id"] == answer.json()["id"]]
    assert {**shown, "createdAt": ""} == {
        "id": answer.json()["id"], "email": person["email"].lower(), "name": "Li Na", "rights": ["state", "read"],
        "createdAt": "", "disabledAt": None, "invited": True,
    }  # fmt: skip
    browser = Browser(shared_stage)
    assert browser.sign_in(person["email"]).status_code == 401, "not before a password is chosen"
    token = token_of(answer)
    accepted = browser.http.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    assert browser.signed_in(accepted)["person"]["id"] == shown["id"]
    assert browser.who() is not None
    listed = mei.browser.http.get("/v1/people").json()["people"]
    assert [each["invited"] for each in listed if each["id"] == shown["id"]] == [False]


def test_an_invitation_is_good_once_and_for_72_hours_and_only_the_newest(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    person = mei.browser.send("POST", "/v1/people", new())
    first = token_of(person)
    again = mei.browser.send("POST", f"/v1/people/{person.json()['id']}/invitation")
    assert problem(accepted(shared_stage, first)) == (404, "unknown-invitation")
    second = token_of(again)
    assert problem(accepted(shared_stage, second, "short")) == (422, "weak-password")
    assert accepted(shared_stage, second).status_code == 200, "a refused password does not spend it"
    assert problem(accepted(shared_stage, second)) == (404, "unknown-invitation")
    third, _, token = invited(shared_stage, [])
    alter(shared_stage, Invitation, third, expires_at=clock.now_ms())
    assert problem(accepted(shared_stage, token)) == (410, "invitation-expired")
    assert problem(accepted(shared_stage, "")) == (404, "unknown-invitation")


def test_two_who_accept_at_once_are_not_both_in(shared_stage: Stage) -> None:
    _, _, token = invited(shared_stage, [])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: accepted(shared_stage, token).status_code, range(4)))
    assert sorted(answers) == [200, 404, 404, 404]


def test_a_new_invitation_mends_a_forgotten_password_and_a_lock_and_ends_sessions(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage), somebody(shared_stage, ["read"])
    alter(shared_stage, Person, li.id, failures=9, locked_until=clock.now_ms() + 10**9)
    token = token_of(mei.browser.send("POST", f"/v1/people/{li.id}/invitation"))
    assert li.browser.who() is not None, "a link that nobody used changes nothing"
    other = "the lake freezes in the seventh month"
    assert accepted(shared_stage, token, other).status_code == 200
    assert li.browser.who() is None
    assert Browser(shared_stage).sign_in(li.email, other).status_code == 200


def test_the_token_of_an_invitation_is_not_kept(shared_stage: Stage) -> None:
    _, _, token = invited(shared_stage, [])
    with reading(shared_stage.engine) as connection:
        kept = str(connection.execute(text("SELECT * FROM invitations")).all())
    assert token not in kept


def test_nobody_grants_a_right_that_they_lack(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage, ["read", "manage"]), somebody(shared_stage, ["read"])
    answer = mei.browser.send("POST", "/v1/people", new(["read", "state"]))
    assert problem(answer) == (403, "right-missing")
    assert "state" in answer.json()["detail"]
    assert problem(mei.browser.send("PATCH", f"/v1/people/{li.id}", {"rights": ["state"]})) == (403, "right-missing")
    assert row(shared_stage, li.id).rights == ["read"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/invitation", None),
        ("PATCH", "", {"disabled": True}),
        ("PATCH", "", {"rights": []}),
        ("PATCH", "", {"name": "Eve"}),
        ("DELETE", "", None),
    ],
)
def test_nobody_acts_on_a_person_with_more_rights(
    shared_stage: Stage, operator: str, method: str, path: str, body: Any
) -> None:
    """A new link for an administrator would hand over their account."""
    administrator = somebody(shared_stage, list(RIGHTS), operator)
    manager = somebody(shared_stage, ["read", "manage"], operator)
    answer = manager.browser.send(method, f"/v1/people/{administrator.id}{path}", body)
    assert problem(answer) == (403, "right-missing")
    assert administrator.browser.who() is not None
    assert row(shared_stage, administrator.id).rights == list(RIGHTS)


def test_only_an_operators_people_administer(shared_stage: Stage, operator: str) -> None:
    administrator = somebody(shared_stage, list(RIGHTS), operator)
    for_brand = new(["administer"], partner=shared_stage.brand)
    assert problem(administrator.browser.send("POST", "/v1/people", for_brand)) == (422, "right-not-possible")
    with writing(shared_stage.engine) as connection:
        partners.admit(connection, operator, {"en": "Operator"}, Role.BRAND)
    person = administrator.browser.who()
    assert person is not None
    assert person["rights"] == ALL_BUT_ADMINISTER, "the role ended, and with it the right"


def test_an_administrator_invites_the_first_person_of_another_organisation(shared_stage: Stage, operator: str) -> None:
    administrator = somebody(shared_stage, list(RIGHTS), operator)
    answer = administrator.browser.send("POST", "/v1/people", new(["manage"], partner=shared_stage.carrier))
    assert row(shared_stage, answer.json()["id"]).partner == shared_stage.carrier
    token_of(answer)
    nowhere = administrator.browser.send("POST", "/v1/people", new(partner="did:web:nobody.example"))
    assert problem(nowhere) == (404, "unknown-partner")
    mei = somebody(shared_stage)
    foreign = mei.browser.send("POST", "/v1/people", new(partner=shared_stage.carrier))
    assert problem(foreign) == (403, "right-missing")


def test_people_of_another_organisation_are_not_there(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage), somebody(shared_stage, [], shared_stage.carrier)
    for method, path, body in (
        ("PATCH", f"/v1/people/{li.id}", {"name": "Eve"}),
        ("DELETE", f"/v1/people/{li.id}", None),
        ("POST", f"/v1/people/{li.id}/invitation", None),
        ("DELETE", "/v1/people/0b9f2a56-6a0e-4d0e-9d53-0b6f4f7f2c11", None),
        ("DELETE", "/v1/people/%00", None),
        ("DELETE", f"/v1/people/{'9' * 5000}", None),
    ):
        assert problem(mei.browser.send(method, path, body)) == (404, "unknown-person"), path
    assert li.id not in str(mei.browser.http.get("/v1/people").json())
    assert row(shared_stage, li.id).name == "Mei Chen"


def test_an_email_belongs_to_one_person(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage), somebody(shared_stage, [], shared_stage.carrier)
    answer = mei.browser.send("POST", "/v1/people", {**new(), "email": li.email.upper()})
    assert problem(answer) == (409, "email-taken")


def test_a_disabled_person_is_out_at_once_and_comes_back_when_enabled(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage), somebody(shared_stage, ["read"])
    token = token_of(mei.browser.send("POST", f"/v1/people/{li.id}/invitation"))
    shown = mei.browser.send("PATCH", f"/v1/people/{li.id}", {"disabled": True}).json()
    assert shown["disabledAt"] is not None
    assert li.browser.who() is None
    assert problem(Browser(shared_stage).sign_in(li.email)) == (401, "wrong-login")
    wrong = Browser(shared_stage).sign_in(mei.email, "wrong wrong wrong")
    assert Browser(shared_stage).sign_in(li.email).json() == wrong.json(), "nobody learns who is disabled"
    assert problem(accepted(shared_stage, token)) == (404, "unknown-invitation")
    assert problem(mei.browser.send("POST", f"/v1/people/{li.id}/invitation")) == (409, "person-disabled")
    assert mei.browser.send("PATCH", f"/v1/people/{li.id}", {"disabled": False}).json()["disabledAt"] is None
    assert li.browser.who() is None, "the old session stays ended"
    assert Browser(shared_stage).sign_in(li.email).status_code == 200


def test_changed_rights_hold_from_the_next_request_on(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage), somebody(shared_stage, ["read", "manage"])
    changed = mei.browser.send("PATCH", f"/v1/people/{li.id}", {"rights": ["read", "read"], "name": " Li "})
    assert (changed.json()["rights"], changed.json()["name"]) == (["read"], "Li")
    person = li.browser.who()
    assert person is not None
    assert person["rights"] == ["read"]


@pytest.mark.parametrize("change", [{"disabled": True}, {"rights": ["read"]}, None])
def test_the_last_who_manages_an_organisation_stays(shared_stage: Stage, change: dict[str, Any] | None) -> None:
    alone(shared_stage, shared_stage.carrier)
    mei = somebody(shared_stage, ALL_BUT_ADMINISTER, shared_stage.carrier)
    invited(shared_stage, ["manage"], shared_stage.carrier)  # who never came can't follow

    def leave(who: Somebody) -> Any:
        return mei.browser.send("PATCH" if change else "DELETE", f"/v1/people/{who.id}", change)

    assert problem(leave(mei)) == (409, "last-manager")
    assert mei.browser.send("PATCH", f"/v1/people/{mei.id}", {"name": "Mei"}).status_code == 200
    li = somebody(shared_stage, ["manage"], shared_stage.carrier)
    assert leave(li).is_success
    assert problem(leave(mei)) == (409, "last-manager")


def test_two_who_remove_each_other_at_once_do_not_both_succeed(shared_stage: Stage) -> None:
    alone(shared_stage, shared_stage.carrier)
    two = [somebody(shared_stage, ["manage"], shared_stage.carrier) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        pairs = [(two[0], two[1]), (two[1], two[0])]
        answers = list(pool.map(lambda pair: pair[0].browser.send("DELETE", f"/v1/people/{pair[1].id}"), pairs))
    assert sum(answer.status_code == 204 for answer in answers) == 1


def test_erasing_a_person_leaves_nothing_of_them(shared_stage: Stage) -> None:
    mei, li = somebody(shared_stage), somebody(shared_stage, ["read"])
    assert mei.browser.send("POST", f"/v1/people/{li.id}/invitation").status_code == 201
    assert mei.browser.send("DELETE", f"/v1/people/{li.id}").status_code == 204
    assert li.browser.who() is None
    with reading(shared_stage.engine) as connection:
        for table in ("people", "invitations", "sessions"):
            everything = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert li.id not in everything
            assert li.email not in everything
    assert mei.browser.send("POST", "/v1/people", {**new(), "email": li.email}).status_code == 201


def test_what_the_audit_log_is_told_names_nobody(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str, dict[str, Any]]] = []

    def heard(connection: Any, actor: Any, action: str, partner: str, person: str, **what: Any) -> None:
        assert actor.kind in ("anyone", "person", "command")
        told.append((action, person, {"partner": partner, **what}))

    from chain_service.partners.people import oidc_logins, session_endpoints, signing_in

    for module in (people, signing_in, session_endpoints, oidc_logins):
        monkeypatch.setattr(module, "note", heard)
    mei, li = somebody(shared_stage), somebody(shared_stage, ["read"])
    told.clear()
    for _ in range(5):
        Browser(shared_stage).sign_in(li.email, "wrong wrong wrong")
    li.browser.send("DELETE", "/v1/session")
    token = token_of(mei.browser.send("POST", f"/v1/people/{li.id}/invitation"))
    accepted(shared_stage, token)
    for change in ({"rights": []}, {"name": "Nobody"}, {"disabled": True}, {"disabled": False}):
        mei.browser.send("PATCH", f"/v1/people/{li.id}", change)
    mei.browser.send("DELETE", f"/v1/people/{li.id}")
    assert {person for _, person, _ in told} == {li.id}
    assert [action for action, _, _ in told] == [
        *["session.failed"] * 4, "session.locked", "session.ended", "person.invited", "invitation.accepted",
        "session.begun", "person.rights-changed", "person.renamed", "person.disabled", "person.enabled",
        "person.erased",
    ]  # fmt: skip
    assert li.email not in str(told)
    assert "Mei Chen" not in str(told)


def test_nothing_is_logged_that_names_a_person(shared_stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        mei = somebody(shared_stage)
        Browser(shared_stage).sign_in(mei.email, "wrong wrong wrong")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("chain_service", "uvicorn"))]
    assert mei.email not in str(ours)


def test_a_credential_may_manage_people_too(shared_stage: Stage) -> None:
    headers = managing_token(shared_stage, shared_stage.brand)
    answer = shared_stage.client.post("/v1/people", json=new(["read"]), headers=headers)
    assert answer.status_code == 201, answer.text


def test_without_the_right_to_manage_a_person_sees_and_invites_nobody(shared_stage: Stage) -> None:
    li = somebody(shared_stage, ["state", "describe", "read"])
    assert problem(li.browser.http.get("/v1/people")) == (403, "right-missing")
    assert problem(li.browser.send("POST", "/v1/people", new(["read"]))) == (403, "right-missing")


def test_without_being_signed_in_nobody_sees_people(shared_stage: Stage) -> None:
    assert problem(Browser(shared_stage).http.get("/v1/people")) == (401, "unauthorized")
    assert problem(Browser(shared_stage).http.post("/v1/people", json=new())) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a@b c.example"}, "/email"),
        ({"email": "a\u0000@b.example"}, "/email"),
        ({"email": "x" * 250 + "@b.example"}, "/email"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"rights": ["everything"]}, "/rights/0"),
        ({"rights": "read"}, "/rights"),
        ({"partner": "did:web:\u0000"}, "/partner"),
        ({"password": "x"}, "/password"),
    ],
)
def test_a_wrong_member_is_named(shared_stage: Stage, wrong: dict[str, Any], pointer: str) -> None:
    answer = somebody(shared_stage).browser.send("POST", "/v1/people", {**new(), **wrong})
    assert problem(answer) == (422, "invalid-body")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("wrong", [{"disabled": "true"}, {"email": "a@b.example"}, {"rights": [None]}, []])
def test_a_wrong_change_is_refused(shared_stage: Stage, wrong: Any) -> None:
    mei = somebody(shared_stage)
    assert problem(mei.browser.send("PATCH", f"/v1/people/{mei.id}", wrong)) == (422, "invalid-body")


def test_a_command_acts_with_every_right(shared_stage: Stage, operator: str) -> None:
    with writing(shared_stage.engine) as connection:
        person, _, _ = people.invite(connection, COMMAND_LINE, operator, "Boss@operator.example", "Boss", RIGHTS)
    assert row(shared_stage, person).email == "boss@operator.example"


def test_the_examples_of_the_documentation_are_what_is_answered(shared_stage: Stage) -> None:
    described = shared_stage.client.get("/openapi.json").json()["paths"]

    def shown(path: str, method: str, status: str) -> Any:
        return described[path][method]["responses"][status]["content"]["application/json"]["example"]

    def body(path: str, method: str) -> Any:
        return described[path][method]["requestBody"]["content"]["application/json"]["example"]

    mei = somebody(shared_stage)
    alone(shared_stage, shared_stage.carrier)
    invited = mei.browser.send("POST", "/v1/people", body("/v1/people", "post"))
    token = token_of(invited)
    assert invited.json().keys() == shown("/v1/people", "post", "201").keys()
    acceptance = {**body("/v1/invitations/accept", "post"), "token": token}
    browser = Browser(shared_stage)
    said = browser.signed_in(browser.http.post("/v1/invitations/accept", json=acceptance))
    example = shown("/v1/session", "post", "200")
    assert (said.keys(), said["person"].keys()) == (example.keys(), example["person"].keys())
    assert said["partner"].keys() == example["partner"].keys()
    assert browser.signed_in(browser.http.post("/v1/session", json=body("/v1/session", "post")))
    browser.signed_in(browser.send("POST", "/v1/session/password", body("/v1/session/password", "post")))
    again = mei.browser.send("POST", f"/v1/people/{invited.json()['id']}/invitation")
    assert again.json().keys() == shown("/v1/people/{person}/invitation", "post", "201").keys()
    changed = mei.browser.send("PATCH", f"/v1/people/{invited.json()['id']}", body("/v1/people/{person}", "patch"))
    assert changed.json().keys() == shown("/v1/people/{person}", "patch", "200").keys()
    listed = mei.browser.http.get("/v1/people").json()["people"]
    assert listed[0].keys() == shown("/v1/people", "get", "200")["people"][0].keys()
    assert mei.browser.send("DELETE", f"/v1/people/{invited.json()['id']}").status_code == 204


def test_the_audit_log_holds_what_people_did_by_their_ids(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    li = mei.browser.send("POST", "/v1/people", new(["read"])).json()["id"]
    entries = mei.browser.http.get("/v1/audit").json()["entries"]
    invited, added = entries[:2]
    assert [(each["action"], each["what"]["person"]) for each in (added, invited)] == [
        ("person.added", li), ("person.invited", li),
    ]  # fmt: skip
    assert added["actor"] == {"kind": "person", "id": mei.id, "partner": shared_stage.brand}
    assert added["what"]["rights"] == ["read"]
    assert mei.email not in str(entries)
    assert "Li Na" not in str(entries)
