"""Signing in by an OpenID provider: a real one, once well-behaved, then wrong in each way that matters."""

import base64
import hashlib
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey
from oidc_provider_mock import User
from sqlalchemy import func, select, update

from chain_service.db import reading, writing
from chain_service.kit import clock
from chain_service.partners.actors import COMMAND_LINE
from chain_service.partners.people import oidc
from chain_service.partners.people import service as people
from chain_service.partners.people.models import Invitation, Login, Person
from tests.partners.openid import Provider, openid_provider
from tests.partners.persons import Browser, alter, invited, problem, row
from tests.stage import Stage

CLIENT, SECRET = "chain-service:1", "s3cr&t/of this test"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Provider]]:
    with openid_provider([]) as started:
        yield started


@pytest.fixture
def provider(shared_stage: Stage, running: tuple[str, Provider]) -> Iterator[Provider]:
    """The provider, well-behaved and set in the service."""
    issuer, provider = running
    provider.reset()
    use(shared_stage, issuer)
    yield provider
    shared_stage.client.app.state.oidc = None  # type: ignore[attr-defined]


def use(stage: Stage, issuer: str, secret: str = SECRET) -> None:
    known = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": secret, "oidc_name": "Acme ID"}
    settings = stage.settings.model_copy(update=known)
    stage.client.app.state.oidc = oidc.provider(settings)  # type: ignore[attr-defined]


def user(provider: Provider, email: str, /, **claims: Any) -> str:
    """The subject of a new user of the provider."""
    subject = secrets.token_hex(6)
    said = {"email": email, "email_verified": True, **claims}
    provider.app.test_client().put(f"/users/{subject}", json=said)
    return subject


def come_back(provider: Provider, browser: Browser, subject: str, **changed: str) -> Any:
    """The answer to the whole way through the provider."""
    path, query = provider.sign_in(browser, subject, **changed)
    return browser.http.get(path, params=query)


def test_an_invited_person_signs_in_by_verified_email_and_then_by_subject(
    shared_stage: Stage, provider: Provider
) -> None:
    person, email, _ = invited(shared_stage, ["read"])
    subject = user(provider, email.upper())
    browser = Browser(shared_stage)
    assert browser.http.get("/v1/session").json() == {"person": None, "oidc": {"name": "Acme ID"}}
    answer = come_back(provider, browser, subject)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    cookies = answer.headers.get_list("set-cookie")
    assert any(
        cookie.startswith("session=") and "HttpOnly" in cookie and "SameSite=strict" in cookie for cookie in cookies
    )
    said = browser.signed_in(browser.http.get("/v1/session"))
    assert (said["person"]["id"], said["person"]["rights"]) == (person, ["read"])
    assert browser.send("DELETE", "/v1/session").status_code == 204

    provider.app.test_client().put(f"/users/{subject}", json={"email": "married@elsewhere.example"})
    again = Browser(shared_stage)
    assert come_back(provider, again, subject).status_code == 303, "known by subject, whatever the email is now"
    assert again.who() is not None
    assert (row(shared_stage, person).oidc_subject, row(shared_stage, person).email) == (subject, email)


def test_the_request_carries_a_challenge_a_state_and_a_nonce_and_the_code_its_verifier(
    shared_stage: Stage, provider: Provider
) -> None:
    _, email, _ = invited(shared_stage, [])
    browsers = [Browser(shared_stage), Browser(shared_stage)]
    queries = []
    for browser in browsers:
        begun = browser.http.get("/v1/session/oidc")
        queries.append(
            {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        )
        cookie = begun.headers["set-cookie"]
        assert cookie.startswith("login=")
        assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= set(cookie.split("; "))
    for name in ("state", "nonce", "code_challenge"):
        assert len(queries[0][name]) >= 43
        assert queries[0][name] != queries[1][name]
    expected = {"response_type": "code", "scope": "openid email", "code_challenge_method": "S256", "client_id": CLIENT}
    assert queries[0].items() >= expected.items()
    assert queries[0]["redirect_uri"] == "http://127.0.0.1:8000/v1/session/oidc/callback"

    browser = Browser(shared_stage)
    sent = parse_qs(urlsplit(browser.http.get("/v1/session/oidc").headers["location"]).query)
    subject = user(provider, email)
    path, query = provider.sign_in(browser, subject)
    with reading(shared_stage.engine) as connection:
        kept = connection.execute(select(Login.verifier, Login.nonce)).all()
    assert browser.http.get(path, params=query).status_code == 303
    (form,) = [form for path, form in provider.asked if path == "/oauth2/token"]
    assert form["code_verifier"] in [verifier for verifier, _ in kept]
    assert 43 <= len(form["code_verifier"]) <= 128
    assert sent["nonce"][0] in [nonce for _, nonce in kept]
    pair = base64.b64decode(form["authorization"].removeprefix("Basic ")).decode()
    assert pair == "chain-service%3A1:s3cr%26t%2Fof%20this%20test"


def test_the_challenge_is_that_of_the_verifier(shared_stage: Stage, provider: Provider) -> None:
    url = shared_stage.client.app.state.oidc.authorization_url("s", "n", "v" * 43)  # type: ignore[attr-defined]
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
    assert parse_qs(urlsplit(url).query)["code_challenge"] == [digest]


def test_an_answer_is_good_once_for_ten_minutes_and_only_in_the_browser_that_asked(
    shared_stage: Stage, provider: Provider
) -> None:
    _, email, _ = invited(shared_stage, [])
    subject, browser = user(provider, email), Browser(shared_stage)
    path, query = provider.sign_in(browser, subject)
    assert problem(Browser(shared_stage).http.get(path, params=query)) == (400, "oidc-state"), "another browser"
    assert problem(browser.http.get(path, params=query)) == (400, "oidc-state"), "spent by the other's attempt"
    path, query = provider.sign_in(browser, subject)
    cookies = dict(browser.http.cookies)
    assert browser.http.get(path, params=query).status_code == 303
    replay = Browser(shared_stage)
    replay.http.cookies.update(cookies)
    assert problem(replay.http.get(path, params=query)) == (400, "oidc-state")
    path, query = provider.sign_in(browser, subject)
    with writing(shared_stage.engine) as connection:
        connection.execute(update(Login).values(expires_at=clock.now_ms()))
    assert problem(browser.http.get(path, params=query)) == (400, "oidc-state")
    for wrong in ({}, {"state": "x", "code": "y"}, {**query, "state": ""}):
        assert problem(browser.http.get(path, params=wrong)) == (400, "oidc-state")


def test_a_session_of_before_is_not_taken_over_by_the_provider_either(shared_stage: Stage, provider: Provider) -> None:
    _, email, _ = invited(shared_stage, [])
    browser = Browser(shared_stage)
    browser.http.cookies.set("session", "planted")
    assert come_back(provider, browser, user(provider, email)).status_code == 303
    assert [cookie.value for cookie in browser.http.cookies.jar if cookie.name == "session"][-1] != "planted"


WRONG: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "another nonce": (lambda claims: {**claims, "nonce": "x"}, "nonce"),
    "no nonce": (lambda claims: {name: value for name, value in claims.items() if name != "nonce"}, "nonce"),
    "another audience": (lambda claims: {**claims, "aud": "another-client"}, "aud"),
    "audiences without ours": (lambda claims: {**claims, "aud": ["a", "b"]}, "aud"),
    "several audiences, nobody authorized": (lambda claims: {**claims, "aud": [CLIENT, "b"], "azp": None}, "azp"),
    "another authorized party": (lambda claims: {**claims, "azp": "another-client"}, "azp"),
    "expired": (lambda claims: {**claims, "exp": int(time.time()) - 120}, "exp"),
    "no end": (lambda claims: {name: value for name, value in claims.items() if name != "exp"}, "exp"),
    "issued in the future": (lambda claims: {**claims, "iat": int(time.time()) + 600}, "iat"),
    "another issuer": (lambda claims: {**claims, "iss": "https://evil.example"}, "iss"),
    "no subject": (lambda claims: {**claims, "sub": ""}, "sub"),
    "a subject that is no text": (lambda claims: {**claims, "sub": 7}, "sub"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_id_token_with_a_wrong_claim_is_refused(shared_stage: Stage, provider: Provider, wrong: str) -> None:
    person, email, _ = invited(shared_stage, [])
    provider.claims, claim = WRONG[wrong]
    browser = Browser(shared_stage)
    answer = come_back(provider, browser, user(provider, email))
    assert problem(answer) == (401, "oidc-token-invalid")
    assert f": {claim}" in answer.json()["detail"]
    assert browser.who() is None
    assert row(shared_stage, person).oidc_subject is None
    provider.claims = lambda claims: claims
    assert come_back(provider, browser, user(provider, email)).status_code == 303, "the altering alone was wrong"


def test_a_nonce_of_another_request_is_refused(shared_stage: Stage, provider: Provider) -> None:
    _, email, _ = invited(shared_stage, [])
    answer = come_back(provider, Browser(shared_stage), user(provider, email), nonce="of-another-request")
    assert problem(answer) == (401, "oidc-token-invalid")
    assert "nonce" in answer.json()["detail"]


def test_an_id_token_signed_with_another_key_or_none_is_refused(shared_stage: Stage, provider: Provider) -> None:
    _, email, _ = invited(shared_stage, [])
    provider.claims = lambda claims: claims
    public = RSAKey.generate_key(2048).as_pem(private=False)
    for key, algorithm in (
        (RSAKey.generate_key(2048), "RS256"),
        (OctKey.import_key(SECRET.encode()), "HS256"),
        (OctKey.import_key(base64.b64encode(public)), "HS256"),
        (OctKey.import_key(b"x"), "none"),
    ):
        provider.key, provider.headers = key, {"alg": algorithm}
        answer = come_back(provider, Browser(shared_stage), user(provider, email))
        assert problem(answer) == (401, "oidc-token-invalid"), algorithm
        assert "signature" in answer.json()["detail"]


def test_a_provider_that_changes_its_keys_is_followed(shared_stage: Stage, provider: Provider) -> None:
    _, email, _ = invited(shared_stage, [])
    first = come_back(provider, Browser(shared_stage), user(provider, email))
    assert first.status_code == 303
    another = RSAKey.generate_key(2048, parameters={"kid": "next"})
    provider.answers["/jwks"] = lambda said: {"keys": [{"kty": "unheard-of"}, another.as_dict(private=False)]}
    provider.key, provider.headers = another, {"alg": "RS256", "kid": "next"}
    provider.claims = lambda claims: claims
    _, email, _ = invited(shared_stage, [])
    assert come_back(provider, Browser(shared_stage), user(provider, email)).status_code == 303


def test_an_email_that_is_not_verified_finds_nobody(shared_stage: Stage, provider: Provider) -> None:
    person, email, _ = invited(shared_stage, [])
    for claims in ({"email_verified": False}, {"email_verified": "true"}, {"email_verified": None}, {"email": None}):
        answer = come_back(provider, Browser(shared_stage), user(provider, email, **claims))
        assert problem(answer) == (403, "oidc-unverified-email"), claims
    assert row(shared_stage, person).oidc_subject is None


def test_nobody_is_made_by_the_provider(shared_stage: Stage, provider: Provider) -> None:
    with reading(shared_stage.engine) as connection:
        before = connection.execute(select(func.count()).select_from(Person)).scalar_one()
    answer = come_back(provider, Browser(shared_stage), user(provider, "stranger@elsewhere.example"))
    assert problem(answer) == (403, "oidc-unknown-person")
    with reading(shared_stage.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Person)).scalar_one() == before


def test_an_email_alone_is_not_enough_once_the_invitation_is_gone(shared_stage: Stage, provider: Provider) -> None:
    person, email, _ = invited(shared_stage, [])
    first = user(provider, email)
    alter(shared_stage, Invitation, person, expires_at=clock.now_ms())
    assert problem(come_back(provider, Browser(shared_stage), first)) == (403, "oidc-unknown-person")
    with writing(shared_stage.engine) as connection:
        people.invite_again(connection, COMMAND_LINE, person)
    assert come_back(provider, Browser(shared_stage), first).status_code == 303
    with writing(shared_stage.engine) as connection:
        people.invite_again(connection, COMMAND_LINE, person)
    second = user(provider, email)  # somebody else, to whom the provider gave the address
    assert problem(come_back(provider, Browser(shared_stage), second)) == (403, "oidc-unknown-person")
    alter(shared_stage, Person, person, disabled_at=clock.now_ms())  # as `change` does
    assert problem(come_back(provider, Browser(shared_stage), first)) == (403, "oidc-unknown-person")


def test_an_email_from_userinfo_counts_if_it_is_the_same_subjects(shared_stage: Stage, provider: Provider) -> None:
    def without_email(claims: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in claims.items() if not name.startswith("email")}

    provider.claims = without_email
    _, email, _ = invited(shared_stage, [])
    subject = user(provider, email)
    provider.answers["/userinfo"] = lambda said: {**said, "sub": "another"}
    assert problem(come_back(provider, Browser(shared_stage), subject)) == (401, "oidc-token-invalid")
    provider.answers.clear()
    assert come_back(provider, Browser(shared_stage), subject).status_code == 303


def test_who_does_not_agree_there_is_not_signed_in(shared_stage: Stage, provider: Provider) -> None:
    browser = Browser(shared_stage)
    path, query = provider.sign_in(browser, user(provider, "a@b.example"))
    denied = {"state": query["state"], "error": "access_denied", "error_description": "<script>"}
    answer = browser.http.get(path, params=denied)
    assert problem(answer) == (401, "oidc-refused")
    assert "script" not in answer.text


def test_a_code_that_the_provider_does_not_know_is_refused(shared_stage: Stage, provider: Provider) -> None:
    browser = Browser(shared_stage)
    path, query = provider.sign_in(browser, user(provider, "a@b.example"))
    answer = browser.http.get(path, params={**query, "code": "x"})
    assert problem(answer) == (401, "oidc-refused")
    assert "invalid_grant" in answer.json()["detail"]


def test_an_answer_of_another_provider_is_refused(shared_stage: Stage, provider: Provider) -> None:
    _, email, _ = invited(shared_stage, [])
    subject, browser = user(provider, email), Browser(shared_stage)
    path, query = provider.sign_in(browser, subject)
    mixed_up = browser.http.get(path, params={**query, "iss": "https://evil.example"})
    assert problem(mixed_up) == (401, "oidc-refused")


def test_a_provider_that_is_down_is_named(
    shared_stage: Stage, provider: Provider, running: tuple[str, Provider]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    use(shared_stage, f"http://127.0.0.1:{port}")
    assert problem(Browser(shared_stage).http.get("/v1/session/oidc")) == (503, "oidc-unreachable")
    assert Browser(shared_stage).http.get("/v1/session").json()["oidc"] == {"name": "Acme ID"}
    with openid_provider([User(sub="mei")]) as (issuer, short_lived):
        use(shared_stage, issuer)
        browser = Browser(shared_stage)
        path, query = short_lived.sign_in(browser, "mei")
    assert problem(browser.http.get(path, params=query)) == (503, "oidc-unreachable")


def test_a_silent_provider_is_not_waited_for(
    shared_stage: Stage, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        use(shared_stage, f"http://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        assert problem(Browser(shared_stage).http.get("/v1/session/oidc")) == (503, "oidc-unreachable")
        assert time.monotonic() - begun < 5


DISCOVERY = "/.well-known/openid-configuration"
AMISS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "another issuer": (DISCOVERY, lambda said: {**said, "issuer": "https://evil.example"}),
    "an authorization endpoint without TLS": (
        DISCOVERY,
        lambda said: {**said, "authorization_endpoint": "http://a.example"},
    ),
    "no token endpoint": (DISCOVERY, lambda said: {name: said[name] for name in said if name != "token_endpoint"}),
    "keys that are a file": (DISCOVERY, lambda said: {**said, "jwks_uri": "file:///etc/passwd"}),
    "a userinfo endpoint that is no text": (DISCOVERY, lambda said: {**said, "userinfo_endpoint": 1}),
    "a list": (DISCOVERY, lambda said: [said]),
    "no keys": ("/jwks", lambda said: {}),
    "only shared secrets": ("/jwks", lambda said: {"keys": [{"kty": "oct", "k": "AAAA"}, None, 1]}),
}


@pytest.mark.parametrize("amiss", AMISS)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    shared_stage: Stage, provider: Provider, amiss: str
) -> None:
    path, alter = AMISS[amiss]
    provider.answers[path] = alter
    assert problem(Browser(shared_stage).http.get("/v1/session/oidc")) == (502, "oidc-misconfigured")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"oidc_issuer": "http://id.example"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "http://127.0.0.1.evil.example"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "id.example"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://id.example", "oidc_client_id": ""}, "OIDC_CLIENT_ID"),
    ],
)
def test_unsafe_or_missing_settings_are_refused_at_the_start(
    shared_stage: Stage, changed: dict[str, str], said: str
) -> None:
    settings = shared_stage.settings.model_copy(update={"oidc_client_id": "x", **changed})
    with pytest.raises(ValueError, match=said):
        oidc.provider(settings)


def test_a_public_client_sends_no_secret(
    shared_stage: Stage, provider: Provider, running: tuple[str, Provider]
) -> None:
    use(shared_stage, running[0], secret="")
    _, email, _ = invited(shared_stage, [])
    come_back(provider, Browser(shared_stage), user(provider, email))
    (form,) = [form for path, form in provider.asked if path == "/oauth2/token"]
    assert (form["client_id"], form["authorization"], "client_secret" in form) == (CLIENT, "", False)
