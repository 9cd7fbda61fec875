"""Inviting a person from the command line: the first of each organisation, and whoever lost every other way in."""

from pydantic import ValidationError

from chain_service.db import connect, migrate, writing
from chain_service.errors import Problem
from chain_service.kit import clock
from chain_service.partners.people import service as people
from chain_service.partners.people.endpoints import invitation_link
from chain_service.partners.people.forms import NewPerson
from chain_service.partners.vault import open_vault
from chain_service.settings import settings

_OPTIONS = {"email": "--person", "name": "--person-name", "rights": "--right"}


def invite_person(did: str, email: str, name: str | None, rights: list[str] | None) -> str:
    """Invites a person of a partner, or anew one that is there; returns what to tell them.

    Rights: all that the partner's roles permit, unless given; who is there keeps theirs. Raises ValueError.
    """
    _check(email, name, rights)
    current = settings()
    engine = connect(current.database_url)
    migrate(engine, lambda: open_vault(current.keys_dir, current.keys_password, current.vault_url))
    try:
        with writing(engine) as connection:
            token, expires_at = people.invite_anyhow(connection, did, email.strip(), name and name.strip(), rights)
    except Problem as problem:
        raise ValueError(f"{problem.title.lower()}: {problem.detail}") from None
    finally:
        engine.dispose()
    link = invitation_link(current, token)
    return f"invited {email} of {did} until {clock.iso(expires_at)}\nlink (shown this once): {link}"


def _check(email: str, name: str | None, rights: list[str] | None) -> None:
    """Raises ValueError naming the option that is wrong."""
    try:
        NewPerson.model_validate({"email": email, "name": "-" if name is None else name, "rights": rights or []})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{_OPTIONS[str(first['loc'][0])]}: {first['msg']}") from None
