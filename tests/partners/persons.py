"""People and their browsers, for tests: each browser has cookies of its own and the service under test behind it."""

import itertools
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import delete, select, update

from chain_service.db import reading, writing
from chain_service.partners import service as partners
from chain_service.partners.actors import COMMAND_LINE
from chain_service.partners.people import service as people
from chain_service.partners.people.models import Invitation, Person, Session
from tests.stage import Stage

PASSWORD = "our cows graze above the lake"
ALL_BUT_ADMINISTER = ["state", "describe", "read", "manage"]
_numbers = itertools.count(1)


class Browser:
    """Cookies and the CSRF token of one browser."""

    def __init__(self, stage: Stage, base_url: str = "http://127.0.0.1:8000") -> None:
        # Each has a network address of its own: how often one address may try is a test's own matter.
        address = f"2001:db8:{next(_numbers):x}::1"
        self.http = TestClient(
            stage.client.app, base_url=base_url, client=(address, 5000), raise_server_exceptions=False,
            follow_redirects=False,
        )  # fmt: skip
        self.csrf = ""

    def signed_in(self, answer: Response) -> dict[str, Any]:
        """Keeps the CSRF token of an answer that signs in."""
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        self.csrf = said["csrfToken"]
        return said

    def sign_in(self, email: str, password: str = PASSWORD, **headers: str) -> Response:
        """The answer to signing in."""
        return self.http.post("/v1/session", json={"email": email, "password": password}, headers=headers)

    def send(self, method: str, path: str, json: Any = None, **headers: str) -> Response:
        """A request as a page of ours sends it."""
        return self.http.request(method, path, json=json, headers={"X-CSRF-Token": self.csrf, **headers})

    def who(self) -> dict[str, Any] | None:
        """The person that is signed in."""
        answer = self.http.get("/v1/session")
        assert answer.status_code == 200, answer.text
        person: dict[str, Any] | None = answer.json()["person"]
        return person


@dataclass
class Somebody:
    """A person of the stage, with a browser."""

    id: str
    email: str
    browser: Browser


def invited(stage: Stage, rights: list[str], partner: str | None = None) -> tuple[str, str, str]:
    """Id, email and invitation token of a new person of a partner; the brand by default."""
    email = f"person-{next(_numbers)}@dairy.example"
    with writing(stage.engine) as connection:
        invited = people.invite(connection, COMMAND_LINE, partner or stage.brand, email, "Mei Chen", rights)
    return invited[0], email, invited[1]


def somebody(stage: Stage, rights: list[str] | None = None, partner: str | None = None) -> Somebody:
    """A new person of a partner, signed in with a browser of their own."""
    person, email, token = invited(stage, ALL_BUT_ADMINISTER if rights is None else rights, partner)
    browser = Browser(stage)
    browser.signed_in(browser.http.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD}))
    return Somebody(person, email, browser)


def managing_token(stage: Stage, partner: str) -> dict[str, str]:
    """The header of a credential that manages a partner's people, with every right but administer."""
    with writing(stage.engine) as connection:
        token = partners.issue_token(connection, partner, rights=ALL_BUT_ADMINISTER)
    return {"Authorization": f"Bearer {token}"}


def row(stage: Stage, person: str) -> Any:
    """What the database holds of a person, or None."""
    with reading(stage.engine) as connection:
        return connection.execute(select(Person.__table__).where(Person.id == person)).one_or_none()


def alter(stage: Stage, model: type[Person | Session | Invitation], person: str, **values: Any) -> None:
    """Alters rows of a person as time would."""
    of_person = model.id == person if model is Person else model.person == person  # type: ignore[union-attr]
    with writing(stage.engine) as connection:
        connection.execute(update(model).where(of_person).values(values))


def alone(stage: Stage, partner: str) -> None:
    """Takes away everybody of a partner."""
    with writing(stage.engine) as connection:
        theirs = select(Person.id).where(Person.partner == partner)
        for model in (Session, Invitation):
            connection.execute(delete(model).where(model.person.in_(theirs)))
        connection.execute(delete(Person).where(Person.partner == partner))


def problem(answer: Response) -> tuple[int, str]:
    """Status and short type of a problem."""
    return answer.status_code, answer.json()["type"].rpartition("/")[2]
