"""The forms of what is asked of the registry, and what is said where an argument is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from chain_service.errors import Problem
from chain_service.partners.registry import administration

_Text = Annotated[str, Field(max_length=255)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Time = Annotated[int, Field(ge=0, lt=2**40, description="Unix seconds")]
_NOBODY_STANDS_FOR_NONE = ("successor", "guardian")  # null withdraws an offer, and leaves no guardian
_MADE_HERE = ("admitPartner", "addKey")


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    did: _Text | None = None
    name: Annotated[dict[_Text, _Name], Field(max_length=8)] | None = None

    @property
    def names(self) -> dict[str, dict[str, str]]:
        """The name that is given to a partner, by its DID."""
        return {self.did: self.name} if self.did and self.name else {}


class Asked(_Form):
    """An action and its arguments; which of them it takes is said where one is missing or too many."""

    action: _Text
    roles: Annotated[list[_Text], Field(max_length=16)] | None = None
    key: _Text | None = None
    custody: _Text | None = None
    validFrom: _Time | None = None
    validTo: _Time | None = None
    since: _Time | None = None
    successor: _Text | None = None
    guardian: _Text | None = None

    @property
    def makes_key(self) -> bool:
        """Whether the operator is to make a key for the partner."""
        return self.action in _MADE_HERE and self.custody == "operator" and self.key is None

    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """The registry's calls. Raises Problem 422."""
        given = self.model_dump(include=self.model_fields_set, exclude={"action"})
        if self.action == "admitPartner":
            given.pop("name", None)  # the registry holds none: it is kept here
        said = {name: value for name, value in given.items() if value is not None or name in _NOBODY_STANDS_FOR_NONE}
        with argument_named():
            return administration.calls(self.action, said)


class Synced(_Form):
    """A partner that a wallet has just admitted, and its name; nothing where the chain alone is followed."""


@contextmanager
def argument_named() -> Iterator[None]:
    """A ValueError that begins with an argument's name, as a problem that points at it."""
    try:
        yield
    except ValueError as error:
        name, _, reason = str(error).partition(" ")
        name = name.rstrip(":")
        place = administration.ASKED_AS.get(name, name)
        raise wrong(place, f"{place} {reason}") from None


def wrong(place: str, detail: str) -> Problem:
    """The refusal of a body whose argument is wrong."""
    errors = [{"pointer": f"/{place}", "detail": detail}]
    return Problem(422, "invalid-body", "The body is not what is due", detail, errors)
