"""A real OpenID provider on this machine, one that can be told to go wrong, and a browser's way through it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import httpx
import oidc_provider_mock
from joserfc import jwk, jwt
from oidc_provider_mock import User
from werkzeug.serving import make_server

from chain_service.partners.people.oidc import CALLBACK
from tests.partners.persons import Browser

Altering = Callable[[dict[str, Any]], dict[str, Any]]


class Provider:
    """The provider at `issuer`; `claims` and `answers` alter what it says, for one test."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        self.claims: Altering | None = None  # of the ID token, signed anew with the provider's key
        self.headers: dict[str, str] = {"alg": "RS256"}
        self.key: Any = None  # another key to sign with
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {}  # JSON answers by path
        self.asked: list[tuple[str, dict[str, str]]] = []  # path and form of each request
        app.after_request(self._altered)

    def _altered(self, answer: flask.Response) -> flask.Response:
        request = flask.request
        self.asked.append((request.path, {**request.form, "authorization": request.headers.get("Authorization", "")}))
        if not answer.is_json:
            return answer
        said = json.loads(answer.get_data())
        if self.claims and "id_token" in said:
            own = jwk.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
            claims = self.claims(jwt.decode(said["id_token"], own).claims)
            header = {"kid": own.kid, **self.headers}
            said["id_token"] = jwt.encode(header, claims, self.key or own, [self.headers["alg"]])
        if alter := self.answers.get(request.path):
            said = alter(said)
        answer.set_data(json.dumps(said))
        return answer

    def reset(self) -> None:
        """Makes it well-behaved again."""
        self.claims, self.key, self.headers, self.answers, self.asked = None, None, {"alg": "RS256"}, {}, []

    def sign_in(self, browser: Browser, subject: str, **changed: str) -> tuple[str, dict[str, str]]:
        """Begins a sign-in and agrees at the provider; the callback's path and its query, not followed yet."""
        begun = browser.http.get("/v1/session/oidc")
        assert begun.status_code == 303, begun.text
        url = urlsplit(begun.headers["location"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()} | changed
        asked = url._replace(query=urlencode(query)).geturl()
        back = httpx.post(asked, data={"sub": subject}, trust_env=False)
        assert back.status_code == 302, back.text
        to = urlsplit(back.headers["location"])
        assert to.path == CALLBACK
        return to.path, {name: values[0] for name, values in parse_qs(to.query).items()}


@contextmanager
def openid_provider(users: list[User]) -> Iterator[tuple[str, Provider]]:
    """The issuer's address and the provider, running until the end of the block."""
    app = oidc_provider_mock.app(user_claims=users)
    provider = Provider(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
