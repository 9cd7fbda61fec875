"""What the tests of milestones share: items that are known, and posting in the short form."""

import secrets
from typing import Any

from chain_service.kit.gs1 import check_digit
from tests.events.documents import document, new_event
from tests.stage import Stage

GLN = "9521321000018"
PLACE = f"https://id.gs1.org/414/{GLN}"


def new_gtin() -> str:
    """The GTIN (14 digits) of a product that no other test names."""
    digits = "0952" + str(secrets.randbelow(10**9)).zfill(9)
    return digits + check_digit(digits)


def new_sscc() -> str:
    """The SSCC (18 digits) of a logistic unit that no other test names."""
    digits = "3952" + str(secrets.randbelow(10**13)).zfill(13)
    return digits + check_digit(digits)


def describe(stage: Stage, gtin: str, partner: str | None = None, **more: Any) -> None:
    """Makes a product known as its brand's."""
    answer = stage.client.put(
        f"/v1/items/01/{gtin}",
        json={"kind": "product", "name": {"en": "Milk"}, **more},
        headers={"Authorization": f"Bearer {stage.tokens[partner or stage.brand]}"},
    )
    assert answer.status_code == 201, answer.text


def made(stage: Stage, gtin: str | None = None, serial: str = "") -> str:
    """An item (canonical) of a described product, which its brand has commissioned."""
    if gtin is None:
        describe(stage, gtin := new_gtin())
    name = f"https://id.gs1.org/01/{gtin}/21/{serial or secrets.token_hex(4)}"
    job = stage.capture(document(new_event(epcList=[name], action="ADD", bizStep="commissioning")))
    assert job["success"], job
    return name


def milestone(*items: str, step: str = "arrived", **more: Any) -> dict[str, Any]:
    """A milestone in the short form."""
    return {"items": list(items), "step": step, "place": GLN, **more}


def post(
    stage: Stage, form: Any, partner: str | None = None, key: str | None = None, address: str = "", **query: Any
) -> Any:
    """The answer to a milestone that a partner posts; the carrier by default."""
    headers = {"Authorization": f"Bearer {stage.tokens[partner or stage.carrier]}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return stage.client.post(f"/v1/milestones{address}", json=form, headers=headers, params=query)


def codes(answer: Any) -> list[tuple[str, str]]:
    """Pointer and code of each thing that a refusal names."""
    return [(error["pointer"], error["code"]) for error in answer.json().get("errors", [])]
