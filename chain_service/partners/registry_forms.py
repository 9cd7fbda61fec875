"""What an administrator may ask of the registry, as it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from chain_service.errors import Problem
from chain_service.partners import administration

_Text = Annotated[str, Field(max_length=255)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Time = Annotated[int, Field(ge=0, lt=2**40, description="Unix seconds")]


class Asked(BaseModel):
    """An action and its arguments; which of them it takes is said where one is missing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    action: _Text
    did: _Text | None = None
    name: Annotated[dict[_Text, _Name], Field(max_length=8)] | None = None
    roles: Annotated[list[_Text], Field(max_length=16)] | None = None
    key: _Text | None = None
    custody: _Text | None = None
    validFrom: _Time | None = None
    validTo: _Time | None = None
    since: _Time | None = None
    successor: _Text | None = None
    guardian: _Text | None = None

    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """The registry's calls. Raises Problem 422."""
        given = {key: value for key, value in self.model_dump(exclude={"action", "name"}).items() if value is not None}
        nobody = {"offerAdmin": "successor", "setGuardian": "guardian"}.get(self.action)
        if nobody is not None:
            given.setdefault(nobody, None)
        with argument_named():
            return administration.calls(self.action, given)


class Synced(BaseModel):
    """A partner that a wallet has just admitted, and its name; nothing where the chain alone is followed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    did: _Text | None = None
    name: Annotated[dict[_Text, _Name], Field(max_length=8)] | None = None


@contextmanager
def argument_named() -> Iterator[None]:
    """A ValueError that begins with an argument's name, as a problem that points at it."""
    try:
        yield
    except ValueError as error:
        name = str(error).partition(" ")[0].rstrip(":")
        place = {"valid_from": "validFrom", "valid_to": "validTo"}.get(name, name)
        raise wrong(place, str(error)) from None


def wrong(place: str, detail: str) -> Problem:
    """The refusal of a body that is wrong at one member."""
    errors = [{"pointer": f"/{place}", "detail": detail}]
    return Problem(422, "invalid-body", "The body is not what is due", detail, errors)
