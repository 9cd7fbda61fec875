"""What a brand lets other partners post about its products."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.events import examples
from chain_service.events.milestones.steps import STEPS
from chain_service.kit.curie import MAX_URI
from chain_service.kit.vocabulary import InvalidWord, step_uri
from chain_service.partners import audit, posting
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.people.forms import documented_body, sent
from chain_service.partners.posting import ANY_STEP

router = APIRouter(prefix="/v1/posting", tags=["Posting rules"])
_MOST_BYTES = 4 * 1024 * 1024
_Step = Annotated[str, Field(min_length=1, max_length=MAX_URI)]


class Rule(BaseModel):
    """The steps that one partner may post."""

    model_config = ConfigDict(extra="forbid")

    partner: Annotated[str, Field(max_length=255, description="DID")]
    steps: Annotated[
        list[_Step],
        Field(max_length=posting.MOST_STEPS, description="'*' for all, a word of GET /v1/steps or the CBV, or a URI"),
    ]


class Posting(BaseModel):
    """The rules of a brand; null: whoever has the role for a step may post it."""

    model_config = ConfigDict(extra="forbid")

    rules: Annotated[list[Rule], Field(max_length=posting.MOST)] | None


@router.get("", responses=examples.POSTING)
def read(request: Request, partner: ActingPartner) -> dict[str, Any]:
    """Who may post which steps about your products."""
    with reading(request.app.state.engine) as connection:
        return {"rules": posting.read(connection, partner.did)}


@router.put("", responses=examples.POSTING, openapi_extra=documented_body(Posting, examples.POSTING_RULES))
def replace(
    request: Request,
    actor: Acting,
    partner: ActingPartner,
    wanted: Annotated[Posting, Depends(sent(Posting, _MOST_BYTES))],
) -> dict[str, Any]:
    """Set anew who may post which steps about your products, from now on and whichever way they post.

    Your own organisation always may. What was posted before stays, and its reporter may still declare it wrong.
    """
    rules = None if wanted.rules is None else _rules(wanted.rules)
    with writing(request.app.state.engine) as connection:
        try:
            posting.replace(connection, partner.did, rules)
        except posting.UnknownPartner as error:
            raise _wrong(error.pointer, str(error)) from None
        audit.record(connection, actor, "posting.changed", partner.did, {"rules": rules})
    return {"rules": rules}


def _rules(wanted: list[Rule]) -> list[dict[str, Any]]:
    """Rules with full URIs, each partner once. Raises Problem 422 naming a step that is none, or a partner twice."""
    found: dict[str, list[str]] = {}
    for number, rule in enumerate(wanted):
        if rule.partner in found:
            raise _wrong(f"/rules/{number}/partner", f"{rule.partner} stands here twice")
        found[rule.partner] = [_step(step, f"/rules/{number}/steps/{place}") for place, step in enumerate(rule.steps)]
    return [{"partner": partner, "steps": list(dict.fromkeys(steps))} for partner, steps in found.items()]


def _step(step: str, pointer: str) -> str:
    if step == ANY_STEP:
        return step
    if step in STEPS:
        return STEPS[step].uri
    try:
        return step_uri(step)
    except InvalidWord as error:
        raise _wrong(pointer, error.reason) from None


def _wrong(pointer: str, detail: str) -> Problem:
    return Problem(422, "invalid-body", "The body is not what is due", errors=[{"pointer": pointer, "detail": detail}])
