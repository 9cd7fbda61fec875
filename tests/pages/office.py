"""The people's side of the service (accounts, credentials, administration) in memory, with the real pages in front.

It stands in only for layout and error cases of the console: it keeps no rule of the service but those that the pages
must react to (sessions, CSRF, rights, refusals). Whether the real service answers so is proved by tests against it.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.pages import office_data as data
from tests.pages.ledger import Ledger
from tests.pages.site import POLICY, Site

Json = Any
Answer = tuple[int, Json]
TYPE = "https://ns.chain-service.example/problems/"


def problem(status: int, kind: str, detail: str = "", **more: Any) -> Answer:
    """A refusal as RFC 9457 has it."""
    return status, {"type": TYPE + kind, "title": kind, "status": status, "detail": detail} | more


class Office:
    """A running console. Tests read and set what it holds; `answers` are given instead, by (method, path), one each."""

    def __init__(self) -> None:
        self.site = Site(Ledger())
        self.people = data.people()
        self.credentials = data.credentials()
        self.partners = data.partners()
        self.disclosure: Json = {"defaults": {"*": "partners"}, "sharesWith": [data.DAIRY]}
        self.entries = data.entries()
        self.days = data.days()
        self.oidc: Json = None
        self.passwords = {data.ADMIN["email"]: data.PASSWORD}
        self.session: str | None = None  # the CSRF token of who is signed in
        self.person: Json = data.ADMIN
        self.partner: Json = data.OPERATOR
        self.check: Json = {"check": "did-document", "outcome": "passed", "detail": "", "keys": [data.KEY]}
        self.refusal: str | None = None
        self.can_send_here = True
        self.sender: str | None = None
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self.asked: list[tuple[str, str, Json]] = []  # changing requests
        self.retry_after = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self.site.close()

    def bodies(self, method: str, path: str) -> list[Json]:
        """What was sent to an address, in order."""
        return [body for asked, at, body in self.asked if (asked, at) == (method, path)]

    def answer(self, method: str, address: str, body: Json, csrf: str | None) -> Answer:
        """Status and JSON of a request of the people's side."""
        url = urlsplit(address)
        path = url.path
        if method != "GET":
            self.asked.append((method, path, body))
        if scripted := self.answers.get((method, path)):
            return scripted.pop(0)
        if path in ("/v1/session", "/v1/invitations/accept"):
            return self._session(method, path, body)
        if path.startswith("/v1/partners"):
            return self._partners(unquote(path.removeprefix("/v1/partners").removeprefix("/")))
        if self.session is None:
            return problem(401, "unauthorized")
        if method != "GET" and csrf != self.session:
            return problem(403, "csrf")
        return self._inside(method, path, body, url.query)

    def _session(self, method: str, path: str, body: Json) -> Answer:
        if method == "DELETE":
            self.session = None
            return 204, None
        if method == "POST":
            token = body.get("token")
            if token is not None and token != data.INVITATION:
                return problem(404, "unknown-invitation")
            if token is None and self.passwords.get(body["email"]) != body["password"]:
                return problem(401, "wrong-login")
            self.session = f"csrf-{len(self.asked)}"
        if self.session is None:
            return 200, {"person": None, "oidc": self.oidc}
        return 200, {"person": self.person, "partner": self.partner, "csrfToken": self.session, "expiresAt": 0}

    def _partners(self, did: str) -> Answer:
        if not did:
            return 200, {"partners": [{k: v for k, v in each.items() if k != "history"} | {"keys": data.counted(each)}
                                      for each in self.partners]}  # fmt: skip
        found = next((each for each in self.partners if each["did"] == did), None)
        return (200, found) if found else problem(404, "unknown-partner")

    def _inside(self, method: str, path: str, body: Json, query: str) -> Answer:
        room, _, name = path.removeprefix("/v1/").partition("/")
        if room == "session":
            return self._session("GET", path, body)
        if room == "people":
            return self._people(method, name, body)
        if room == "credentials":
            return self._credentials(method, name, body)
        if room == "disclosure":
            if method == "PUT":
                self.disclosure = body
            return 200, self.disclosure
        if room == "audit":
            if name == "days":
                return 200, self.days
            day = "day=" in query
            first = 0 if "after=" not in query else 2
            return 200, {"entries": self.entries[:1] if day else self.entries[first : first + 2],
                         "next": None if day or first or not self.entries else self.entries[1]["id"]}  # fmt: skip
        return self._registry(name, body) if room == "registry" else problem(404, "not-found")

    def _people(self, method: str, name: str, body: Json) -> Answer:
        if method == "GET":
            return 200, {"people": self.people}
        made = {"id": "p-new", "invitation": f"{self.url}/console/#invite={data.INVITATION}", "expiresAt": "2026-12-01"}
        if method == "POST" and not name:
            if any(each["email"] == body["email"] for each in self.people):
                errors = [{"pointer": "/email", "detail": "taken"}]
                return problem(409, "email-taken", errors=errors)
            person = {"id": "p-new", "createdAt": 0, "disabledAt": None, "invited": True}
            self.people.append(person | {key: body[key] for key in ("email", "name", "rights")})
            return 201, made
        person = next(each for each in self.people if each["id"] == name.partition("/")[0])
        if method == "POST":
            return 201, made
        if method == "DELETE":
            if person["id"] == self.person["id"]:
                return problem(409, "last-manager")
            self.people.remove(person)
            return 204, None
        if "disabled" in body:
            person["disabledAt"] = 1 if body["disabled"] else None
        person["rights"] = body.get("rights", person["rights"])
        return 200, person

    def _credentials(self, method: str, name: str, body: Json) -> Answer:
        if method == "POST":
            issued = {"id": "aaaabbbbcc", "createdAt": data.NOW, "revokedAt": None, "lastUsedAt": None}
            issued |= {"expiresAt": data.NOW + 86_400_000 * body["expiresInDays"], "createdBy": "p-1"}
            issued |= {key: body[key] for key in ("name", "rights")}
            self.credentials.append(issued)
            return 201, issued | {"token": data.TOKEN}
        if method == "DELETE":
            next(each for each in self.credentials if each["id"] == name)["revokedAt"] = data.NOW
            return 204, None
        return 200, {"credentials": self.credentials}

    def _registry(self, name: str, body: Json) -> Answer:
        if name == "plan":
            steps = [data.step(function, body, self.refusal, self.sender) for function in data.functions(body)]
            checks = [self.check] if body["action"] in ("admitPartner", "addKey") else []
            return 200, {"action": body["action"], "steps": steps, "checks": checks, "canSendHere": self.can_send_here}
        if name == "send":
            return 200, {"transactions": ["0x" + "ab" * 32 for _ in data.functions(body)]}
        if name == "sync":
            return 200, {}
        return 200, data.ADMINISTRATION | {"operatorHoldsAdminKey": self.can_send_here}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                if self.path == "/rpc":
                    return self._send(200, "application/json", json.dumps(office.site.rpc(body)).encode())
                if self.path == "/v1/statements":
                    status, said = office.site.stating(self.headers.get("X-CSRF-Token", ""), body)
                    return self._send(status, "application/json", json.dumps(said).encode())
                own = ("session", "invitations", "people", "credentials", "partners", "disclosure", "audit", "registry")
                if not self.path.startswith(tuple(f"/v1/{name}" for name in own)):
                    return self._send(*office.site.bodies(self.path))
                status, said = office.answer(self.command, self.path, body, self.headers.get("X-CSRF-Token"))
                return self._send(status, "application/json", b"" if said is None else json.dumps(said).encode())

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

            def _send(self, status: int, media_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", POLICY)
                self.send_header("X-Content-Type-Options", "nosniff")
                if status == 429:
                    self.send_header("Retry-After", str(office.retry_after))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: pytest shows what matters."""

        return Handler


def wait_for(office: Office, method: str, path: str) -> Json:
    """The last body sent to an address, once there is one; at most 5 seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if found := office.bodies(method, path):
            return found[-1]
        time.sleep(0.02)
    raise AssertionError(f"{method} {path} was not asked")
