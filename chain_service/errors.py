"""Problems as RFC 9457 describes them: every refusal names the field and the reason.

Problem                 what went wrong, with status, stable type and the list of its places
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

TYPE_BASE = "https://ns.chain-service.example/problems/"
# EPCIS 2.0 section 12 names its own exceptions; their types are the standard's.
EPCIS_TYPE_BASE = "epcisException:"
MEDIA_TYPE = "application/problem+json"


@dataclass
class Problem(Exception):
    """A refusal. `errors` holds {"pointer" or "place" or "parameter", "detail"} for each thing that is wrong."""

    status: int
    type: str
    title: str
    detail: str = ""
    errors: Sequence[dict[str, Any]] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The problem document."""
        kind = self.type if ":" in self.type else TYPE_BASE + self.type
        document: dict[str, Any] = {"type": kind, "title": self.title, "status": self.status}
        if self.detail:
            document["detail"] = self.detail
        if self.errors:
            document["errors"] = list(self.errors)
        return document

    def response(self) -> Response:
        """The answer that carries it."""
        return JSONResponse(self.as_json(), self.status, headers=self.headers, media_type=MEDIA_TYPE)


def documented(description: str, problem: Problem) -> dict[str, Any]:
    """An OpenAPI response with this problem as its example."""
    return {"description": description, "content": {MEDIA_TYPE: {"example": problem.as_json()}}}


def epcis(status: int, name: str, detail: str, errors: Sequence[dict[str, Any]] = ()) -> Problem:
    """A problem of one of the standard's own types, such as ValidationException (EPCIS 2.0 section 12.1)."""
    return Problem(status, EPCIS_TYPE_BASE + name, _words(name), detail, errors)


def _words(name: str) -> str:
    return "".join(" " + c.lower() if c.isupper() else c for c in name).strip().capitalize()


def _place(item: dict[str, Any]) -> dict[str, str]:
    """Where one of pydantic's errors lies: a parameter, or a JSON pointer into the body."""
    where, *path = item["loc"]
    if where != "body":
        return {"parameter": str(path[0]) if path else str(where)}
    if item["type"] == "json_invalid":
        return {"place": f"character {path[0]}"} if path else {}
    return {"pointer": "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)}


UNFORESEEN = Problem(500, "internal", "Something went wrong on our side; nothing was stored")
# What every operation may answer besides what it names itself.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": documented("A problem; its `type` is stable, and `errors` name each place", UNFORESEEN)
}


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document; what was not foreseen says nothing about the inside."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        titles = {404: "Not found", 405: "Method not allowed"}
        title = titles.get(error.status_code, str(error.detail))
        return Problem(error.status_code, "http", title, headers=dict(error.headers or {})).response()

    @app.exception_handler(RequestValidationError)
    async def _parameters(_: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        errors = [{**_place(item), "detail": item["msg"]} for item in found]
        if all(item["loc"][0] == "body" for item in found):
            return Problem(422, "invalid-body", "The body is not what is due", errors=errors).response()
        return Problem(400, "invalid-parameter", "A parameter is wrong", errors=errors).response()

    @app.exception_handler(Exception)
    async def _unforeseen(_: Request, __: Exception) -> Response:
        return UNFORESEEN.response()
