"""Signing in and out, as a browser meets it, and as somebody who is up to no good does."""

import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import Request
from sqlalchemy import select

from chain_service.db import reading
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.people import lockout, passwords
from chain_service.partners.people.models import Person, Session
from chain_service.partners.people.sessions import actor_of
from tests.partners.persons import PASSWORD, Browser, alter, invited, managing_token, problem, row, somebody
from tests.stage import Stage

NEW = "the lake freezes in the seventh month"


def test_a_person_signs_in_is_known_and_signs_out(shared_stage: Stage) -> None:
    mei = somebody(shared_stage, ["state", "read"])
    browser = Browser(shared_stage)
    assert browser.who() is None
    said = browser.signed_in(browser.sign_in(f" {mei.email.upper()} "))
    assert said["person"] == {"id": mei.id, "email": mei.email, "name": "Mei Chen", "rights": ["state", "read"]}
    assert said["partner"]["did"] == shared_stage.brand
    assert said["partner"]["roles"] == ["brand", "producer"]
    assert browser.http.get("/v1/session").json() == said
    assert clock.parse_time(said["expiresAt"]) == pytest.approx(clock.now_ms() + 12 * 3_600_000, abs=60_000)
    answer = browser.send("DELETE", "/v1/session")
    assert (answer.status_code, browser.who()) == (204, None)
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_nobody_signed_in_is_no_error_and_says_whether_there_is_another_way_in(shared_stage: Stage) -> None:
    assert Browser(shared_stage).http.get("/v1/session").json() == {"person": None, "oidc": None}
    assert Browser(shared_stage).send("DELETE", "/v1/session").status_code == 204
    assert problem(Browser(shared_stage).http.get("/v1/session/oidc")) == (404, "no-oidc")


@pytest.mark.parametrize(
    ("public_url", "name"), [("http://127.0.0.1:8000", "session"), ("https://a.example", "__Host-session")]
)
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    shared_stage: Stage, monkeypatch: pytest.MonkeyPatch, public_url: str, name: str
) -> None:
    mei = somebody(shared_stage)
    monkeypatch.setattr(shared_stage.settings, "public_url", public_url)
    browser = Browser(shared_stage, base_url=public_url)
    answer = browser.sign_in(mei.email)
    first, *flags = answer.headers["set-cookie"].split("; ")
    assert re.fullmatch(rf"{name}=[A-Za-z0-9_-]{{43}}", first)
    expected = {"HttpOnly", "Max-Age=43200", "Path=/", "SameSite=strict"}
    assert set(flags) == expected | ({"Secure"} if name.startswith("__Host-") else set())
    assert answer.headers["cache-control"] == "no-store"
    assert browser.who() is not None


@pytest.mark.parametrize("email", ["", "nobody@dairy.example", "'; --", "ü@ü", "x" * 254])
def test_an_unknown_email_and_a_wrong_password_get_the_same_answer_at_the_same_time(
    shared_stage: Stage, email: str
) -> None:
    def refused(email: str) -> tuple[Any, float]:
        begun = time.monotonic()
        answer = Browser(shared_stage).sign_in(email, "not the password of anybody")
        return (answer.status_code, answer.json(), set(answer.headers) - {"date"}), time.monotonic() - begun

    known, of_known = refused(somebody(shared_stage).email)
    unknown, of_unknown = refused(email)
    assert known == unknown
    assert (known[0], known[1]["type"].rpartition("/")[2]) == (401, "wrong-login")
    assert min(of_known, of_unknown) >= 0.25  # both wait for the same tick


def test_argon2_runs_for_an_email_that_nobody_has(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    real = PasswordHasher.verify

    def seen(self: PasswordHasher, password_hash: str, password: str) -> bool:
        verified.append(password_hash)
        return real(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", seen)
    assert Browser(shared_stage).sign_in("nobody@dairy.example").status_code == 401
    (_, invited_only, _) = invited(shared_stage, [])
    assert Browser(shared_stage).sign_in(invited_only).status_code == 401
    assert [re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", each) is not None for each in verified] == [True, True]


def test_an_account_is_locked_after_five_failures_and_the_right_password_does_not_help(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    for _ in range(5):
        assert problem(Browser(shared_stage).sign_in(mei.email, "wrong wrong wrong")) == (401, "wrong-login")
    answer = Browser(shared_stage).sign_in(mei.email)
    assert problem(answer) == (429, "locked-out")
    assert 890 <= int(answer.headers["retry-after"]) <= 900
    assert mei.browser.who() is not None, "who is signed in stays so"

    alter(shared_stage, Person, mei.id, locked_until=clock.now_ms() - 1)
    assert Browser(shared_stage).sign_in(mei.email, "wrong wrong wrong").status_code == 401
    answer = Browser(shared_stage).sign_in(mei.email)
    assert 1790 <= int(answer.headers["retry-after"]) <= 1800, "twice as long"

    alter(shared_stage, Person, mei.id, locked_until=clock.now_ms() - 1)
    assert Browser(shared_stage).sign_in(mei.email).status_code == 200
    assert (row(shared_stage, mei.id).failures, row(shared_stage, mei.id).locked_until) == (0, None)


def test_locks_double_up_to_a_day() -> None:
    minutes = []
    failures, locked_until = 0, None
    for _ in range(15):
        failures, locked_until = lockout.counted(failures, None, 0)
        minutes.append((locked_until or 0) // 60_000)
    assert minutes == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440, 1440]


def test_an_email_that_nobody_has_is_locked_in_the_same_way(shared_stage: Stage) -> None:
    email = f"{secrets.token_hex(4)}@nowhere.example"
    for _ in range(5):
        assert problem(Browser(shared_stage).sign_in(email)) == (401, "wrong-login")
    answer = Browser(shared_stage).sign_in(email)
    assert problem(answer) == (429, "locked-out")
    assert 890 <= int(answer.headers["retry-after"]) <= 900


def test_guesses_sent_at_once_are_no_more_than_five(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: Browser(shared_stage).sign_in(mei.email, "wrong wrong wrong"), range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


def test_one_address_may_fail_twenty_times_whatever_emails_it_tries(shared_stage: Stage) -> None:
    mei, browser = somebody(shared_stage), Browser(shared_stage)
    for _ in range(20):
        browser.signed_in(browser.sign_in(mei.email))  # good ones do not count
    attempts = lockout.Attempts()
    for _ in range(20):
        attempts.begin("2001:db8::1")
    for address in ("2001:db8::1", "2001:db8::ffff"):  # one customer's
        with pytest.raises(Problem) as refused:
            attempts.begin(address)
        assert (refused.value.status, refused.value.type) == (429, "locked-out")
        assert 590 <= int(refused.value.headers["Retry-After"]) <= 601
    attempts.begin("2001:db8:0:1::1")


def test_a_failing_address_is_refused_before_its_password_is_looked_at(shared_stage: Stage) -> None:
    mei, browser = somebody(shared_stage), Browser(shared_stage)
    emails = (f"{secrets.token_hex(4)}@nowhere.example" for _ in range(20))
    assert {browser.sign_in(email).status_code for email in emails} == {401}
    assert problem(browser.sign_in(mei.email)) == (429, "locked-out")
    assert Browser(shared_stage).sign_in(mei.email).status_code == 200


def test_a_session_of_before_is_not_taken_over(shared_stage: Stage) -> None:
    """Fixation: whatever cookie a browser brings, signing in gives it another, and the earlier session ends."""
    mei, eve = somebody(shared_stage), somebody(shared_stage)
    browser = Browser(shared_stage)
    planted = eve.browser.http.cookies["session"]
    browser.http.cookies.set("session", planted)
    browser.signed_in(browser.sign_in(mei.email))
    tokens = [cookie.value for cookie in browser.http.cookies.jar if cookie.name == "session"]
    assert tokens[-1] != planted
    assert eve.browser.who() is None


def test_only_a_digest_of_the_cookie_is_kept(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    with reading(shared_stage.engine) as connection:
        kept = connection.execute(select(Session.token_sha256).where(Session.person == mei.id)).scalars().all()
    assert len(kept) == 1
    stolen = Browser(shared_stage)
    stolen.http.cookies.set("session", kept[0])
    assert stolen.who() is None


@pytest.mark.parametrize("field", ["expires_at", "seen_at"])
def test_a_session_ends_after_twelve_hours_or_two_idle_ones(shared_stage: Stage, field: str) -> None:
    mei = somebody(shared_stage)
    now = clock.now_ms()
    alter(shared_stage, Session, mei.id, **{field: now if field == "expires_at" else now - 2 * 3_600_000})
    assert mei.browser.who() is None
    assert problem(mei.browser.http.get("/v1/people")) == (401, "unauthorized")


def test_a_session_in_use_does_not_become_idle(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    for _ in range(3):
        alter(shared_stage, Session, mei.id, seen_at=clock.now_ms() - 7_100_000)
        assert mei.browser.who() is not None


def test_a_stale_cookie_reads_what_is_public_and_signs_in_again(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    alter(shared_stage, Session, mei.id, expires_at=0)
    assert mei.browser.http.get("/epcis/events").status_code == 200
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    assert mei.browser.http.post("/rpc", json=call).status_code == 200
    assert mei.browser.sign_in(mei.email).status_code == 200


def test_a_page_without_the_token_still_asks_the_chain_while_somebody_is_signed_in(shared_stage: Stage) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    assert somebody(shared_stage).browser.http.post("/rpc", json=call).status_code == 200


CHANGING = [
    ("POST", "/v1/people", {"email": "a@b.example", "name": "A", "rights": []}),
    ("PATCH", "/v1/people/x", {"name": "A"}),
    ("DELETE", "/v1/people/x", None),
    ("POST", "/v1/session/password", {"old": PASSWORD, "new": NEW}),
    ("DELETE", "/v1/session", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGING)
def test_a_changing_request_needs_the_token_and_our_origin(
    shared_stage: Stage, method: str, path: str, body: Any
) -> None:
    mei, eve = somebody(shared_stage), somebody(shared_stage)
    for headers in (
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "x" * 43},
        {"X-CSRF-Token": eve.browser.csrf},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:8001"},
    ):
        assert problem(mei.browser.send(method, path, body, **headers)) == (403, "csrf"), headers
    unreadable = mei.browser.http.request(method, path, json=body, headers={"X-CSRF-Token": b"\xc3\xbc"})
    assert problem(unreadable) == (403, "csrf")
    without = mei.browser.http.request(method, path, json=body)
    assert problem(without) == (403, "csrf")
    assert mei.browser.who() is not None
    assert mei.browser.send("DELETE", "/v1/session", Origin="http://127.0.0.1:8000").status_code == 204


def test_our_origin_is_the_public_one_alone_where_that_is_https(
    shared_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = somebody(shared_stage)
    monkeypatch.setattr(shared_stage.settings, "public_url", "https://journeys.example")
    behind_a_proxy = Browser(shared_stage, base_url="http://journeys.example")
    assert behind_a_proxy.sign_in(mei.email, Origin="https://journeys.example").status_code == 200
    assert problem(behind_a_proxy.sign_in(mei.email, Origin="http://journeys.example")) == (403, "csrf")


def test_nobody_is_signed_in_from_another_sites_page(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    _, _, token = invited(shared_stage, [])
    browser = Browser(shared_stage)
    assert problem(browser.sign_in(mei.email, Origin="https://evil.example")) == (403, "csrf")
    acceptance = {"token": token, "password": PASSWORD}
    evil = {"Origin": "https://evil.example"}
    assert problem(browser.http.post("/v1/invitations/accept", json=acceptance, headers=evil)) == (403, "csrf")
    body = f'{{"email": "{mei.email}", "password": "{PASSWORD}"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = browser.http.post("/v1/session", content=body, headers={"Content-Type": kind})
        assert problem(answer) == (415, "unsupported-media-type"), kind
    assert browser.who() is None


def test_with_a_token_and_a_cookie_the_token_acts(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    bearer = managing_token(shared_stage, shared_stage.carrier)
    listed = mei.browser.http.get("/v1/people", headers=bearer).json()["people"]
    assert mei.email not in [person["email"] for person in listed]
    changed = mei.browser.send("POST", "/v1/session/password", {"old": PASSWORD, "new": NEW}, **bearer)
    assert problem(changed) == (401, "unauthorized")
    assert problem(mei.browser.http.get("/v1/people", headers={"Authorization": "Bearer x"})) == (401, "unauthorized")


def test_a_new_password_ends_every_other_session(shared_stage: Stage) -> None:
    mei, elsewhere = somebody(shared_stage), Browser(shared_stage)
    elsewhere.signed_in(elsewhere.sign_in(mei.email))
    wrong = mei.browser.send("POST", "/v1/session/password", {"old": "not the old one", "new": NEW})
    assert problem(wrong) == (401, "wrong-login")
    assert elsewhere.who() is not None
    mei.browser.signed_in(mei.browser.send("POST", "/v1/session/password", {"old": PASSWORD, "new": NEW}))
    assert elsewhere.who() is None
    assert mei.browser.who() is not None
    assert Browser(shared_stage).sign_in(mei.email).status_code == 401
    assert Browser(shared_stage).sign_in(mei.email, NEW).status_code == 200


def test_guessing_the_old_password_locks_the_account_too(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    answers = [
        mei.browser.send("POST", "/v1/session/password", {"old": "wrong wrong wrong", "new": NEW}) for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


@pytest.mark.parametrize(
    "weak",
    [
        "", "elevenchars", "x" * 201, "aaaaaaaaaaaa", "123456789012", "password1234", "Passw0rd!2026", "qwertyuiop123",
        "iloveyou-iloveyou", "P@ssw0rdP@ssw0rd", "qwerty_asdfghjkl", "welcome welcome", "112233445566",
        "THE-EMAIL",
    ],
)  # fmt: skip
def test_a_weak_password_is_refused_with_its_reason(shared_stage: Stage, weak: str) -> None:
    mei = somebody(shared_stage)
    new = mei.email.upper() if weak == "THE-EMAIL" else weak
    answer = mei.browser.send("POST", "/v1/session/password", {"old": PASSWORD, "new": new})
    assert problem(answer) == (422, "weak-password")
    assert answer.json()["errors"][0]["pointer"] == "/new"


@pytest.mark.parametrize(
    "good", [PASSWORD, "x1!fQ9$kLm2@", "乳业山上的牛在湖边吃草很高兴啊", "correct horse battery staple"]
)
def test_a_long_enough_password_of_ones_own_is_taken(good: str) -> None:
    passwords.refuse_weak(good, "mei@dairy.example", "/password")


def test_a_password_typed_in_another_unicode_form_is_the_same() -> None:
    assert passwords.matches(passwords.hashed("käse über alles"), "ka\u0308se u\u0308ber alles")


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    alter(shared_stage, Person, mei.id, password_hash=old)
    assert Browser(shared_stage).sign_in(mei.email, "wrong wrong wrong").status_code == 401
    assert row(shared_stage, mei.id).password_hash == old
    assert Browser(shared_stage).sign_in(mei.email).status_code == 200
    assert row(shared_stage, mei.id).password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Browser(shared_stage).sign_in(mei.email).status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "not-json")),
        (b'{"email": "a", "email": "b", "password": "c"}', (400, "not-json")),
        (b'{"email": "\\ud800", "password": "c"}', (400, "not-json")),
        (b"[]", (422, "invalid-body")),
        (b'{"email": "a@b"}', (422, "invalid-body")),
        (b'{"email": 1, "password": null}', (422, "invalid-body")),
        (b'{"email": "a@b", "password": "c", "remember": true}', (422, "invalid-body")),
        (b'{"email": "a@b", "password": "' + b"x" * 20_000 + b'"}', (413, "too-large")),
        (b'{"email": "a\\u0000b@c", "password": "c"}', (422, "invalid-body")),
    ],
)
def test_a_wrong_body_gets_a_named_problem(shared_stage: Stage, body: bytes, expected: tuple[int, str]) -> None:
    answer = Browser(shared_stage).http.post("/v1/session", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer) == expected
    assert "xxxx" not in answer.text


def test_a_session_stands_back_where_a_bearer_token_is_sent(shared_stage: Stage) -> None:
    mei = somebody(shared_stage)
    cookie = (b"cookie", f"session={mei.browser.http.cookies['session']}".encode())

    def actor(*more: tuple[bytes, bytes], method: str = "GET") -> Any:
        headers = [cookie, *more]
        return actor_of(Request({"type": "http", "method": method, "headers": headers, "app": shared_stage.client.app}))

    assert (actor().kind, actor().id, actor().partner.did) == ("person", mei.id, shared_stage.brand)
    assert actor((b"authorization", b"bearer x")) is None
    assert actor((b"authorization", b"Basic eDp5")).id == mei.id, "a proxy's own header is none of ours"
    assert actor((b"x-csrf-token", mei.browser.csrf.encode()), method="DELETE").id == mei.id
    with pytest.raises(Problem) as refused:
        actor(method="DELETE")
    assert refused.value.type == "csrf"


def test_many_who_sign_in_leave_the_other_requests_their_threads_and_are_not_locked_out(
    shared_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = somebody(shared_stage)
    with monkeypatch.context() as while_full:
        while_full.setattr(passwords, "_IN_LINE", BoundedSemaphore(1))
        with passwords._Turn():
            begun = time.monotonic()
            for email in (someone.email, "nobody-at-all@dairy.example"):
                browser = Browser(shared_stage)
                answers = [browser.sign_in(email) for _ in range(lockout.ACCOUNT_FAILURES + 1)]
                assert [problem(answer) for answer in answers] == [(503, "busy")] * len(answers)
            assert time.monotonic() - begun < passwords._WAIT_SECONDS / 2
    assert Browser(shared_stage).sign_in(someone.email).status_code == 200
    assert row(shared_stage, someone.id).failures == 0
