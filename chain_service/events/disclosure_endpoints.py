"""What an organisation lets be seen: defaults for the steps of a brand's products, and whom it shares with."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from chain_service.db import reading, writing
from chain_service.errors import Problem
from chain_service.events import examples
from chain_service.events.visibility import Visibility, apply_defaults
from chain_service.kit.curie import MAX_URI
from chain_service.kit.vocabulary import step_uri
from chain_service.partners import audit, disclosure
from chain_service.partners.access import Acting, ActingPartner
from chain_service.partners.disclosure import ANY_STEP, MOST
from chain_service.partners.people.forms import documented_body, sent

router = APIRouter(prefix="/v1/disclosure", tags=["Disclosure"])
_MOST_BYTES = 2 * 1024 * 1024  # 500 steps and 500 DIDs of the greatest length
Word = Literal["public", "partners", "own"]
_Step = Annotated[str, Field(max_length=MAX_URI)]
_Did = Annotated[str, Field(max_length=255)]


class Disclosure(BaseModel):
    """Who may see which step of your products, and whom you share with what is for the partners of a journey."""

    model_config = ConfigDict(extra="forbid")

    defaults: Annotated[
        dict[_Step, Word],
        Field(
            max_length=MOST,
            description="by step: a word of the CBV, a URI, or '*' for all others",
            examples=[{"*": "public", "inspecting": "partners"}],
        ),
    ] = {}
    sharesWith: Annotated[
        list[_Did], Field(max_length=MOST, description="DIDs", examples=[["did:web:carrier.example"]])
    ] = []


@router.get("", responses=examples.DISCLOSURE)
def read(request: Request, partner: ActingPartner) -> dict[str, Any]:
    """What your organisation lets be seen."""
    with reading(request.app.state.engine) as connection:
        defaults = disclosure.defaults_of(connection, [partner.did])
        others = disclosure.shares_with(connection, partner.did)
    return {"defaults": {step: Visibility(number).word for (_, step), number in defaults.items()}, "sharesWith": others}


@router.put("", responses=examples.DISCLOSURE, openapi_extra=documented_body(Disclosure, examples.DISCLOSED))
def replace(
    request: Request,
    actor: Acting,
    partner: ActingPartner,
    wanted: Annotated[Disclosure, Depends(sent(Disclosure, _MOST_BYTES))],
) -> dict[str, Any]:
    """Set both anew. What is stored about your products follows the new defaults at once."""
    state = request.app.state
    with writing(state.engine) as connection:
        try:
            disclosure.replace(connection, partner.did, _numbers(wanted.defaults), wanted.sharesWith)
        except ValueError as error:
            wrong = [{"pointer": "/sharesWith", "detail": str(error)}]
            raise Problem(422, "invalid-body", "The body is not what is due", errors=wrong) from None
        apply_defaults(connection, state.vault, partner.did)
        audit.record(connection, actor, "disclosure.changed", partner.did, wanted.model_dump())
    return read(request, partner)


def _numbers(defaults: dict[str, Word]) -> dict[str, int]:
    """Defaults by full URI. Raises Problem 422 naming a step that is none."""
    found = {}
    for step, word in defaults.items():
        try:
            found[step if step == ANY_STEP else step_uri(step)] = int(Visibility.named(word))
        except ValueError as error:
            wrong = [{"pointer": f"/defaults/{step.replace('~', '~0').replace('/', '~1')}", "detail": str(error)}]
            raise Problem(422, "invalid-body", "The body is not what is due", errors=wrong) from None
    return found
