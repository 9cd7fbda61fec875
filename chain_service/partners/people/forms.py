"""The forms of what is sent about people and sessions, and how a body becomes a form, these and others."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chain_service import body

MOST_BYTES = 16 * 1024
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
_PART = r"[^\s@\x00-\x1f\x7f]+"
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254, pattern=f"^{_PART}@{_PART}$")
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_CONTROL)]
Right = Literal["state", "describe", "read", "manage", "administer"]
Rights = Annotated[list[Right], Field(max_length=5)]
# A password's own limits are told by passwords.py; longer than this is no password, and hashing it costs us.
Password = Annotated[str, StringConstraints(max_length=1000)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SignIn(_Form):
    """Email and password."""

    email: Annotated[str, StringConstraints(max_length=254, pattern=_NO_CONTROL)]
    password: Password


class NewPassword(_Form):
    """The password as it is and as it shall be."""

    old: Password
    new: Password


class Acceptance(_Form):
    """An invitation's token and the password chosen with it."""

    token: Annotated[str, StringConstraints(max_length=200)]
    password: Password


class NewPerson(_Form):
    """Somebody to invite; `partner`: another organisation than one's own, for who administers the network."""

    email: Email
    name: Name
    rights: Rights
    partner: Annotated[str, StringConstraints(max_length=255, pattern=_NO_CONTROL)] | None = None


class Change(_Form):
    """What shall change of a person; what is absent stays."""

    name: Name | None = None
    rights: Rights | None = None
    disabled: bool | None = None


F = TypeVar("F", bound=BaseModel)


def sent(form: type[F], most_bytes: int = MOST_BYTES) -> Callable[[Request], Awaitable[F]]:
    """A FastAPI dependency: the JSON body as this form. Raises Problem 400, 413, 415, 422.

    A body that FastAPI reads by itself is parsed before the sender is known, as large as any document; this one after
    that.
    """

    async def read(request: Request) -> F:
        content = await body.json(request, most_bytes)
        try:
            return form.model_validate(content)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in found]) from None

    return read


def documented_body(form: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI description of a body that `sent` reads."""
    content = {"schema": form.model_json_schema(), "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
