"""The receipt: the portable proof of one statement (DESIGN section 4). Shape only; verdict.py judges the content.

IllFormedReceipt (ValueError)     all that is wrong with the shape, each with its place and the check it belongs to
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chain_service.kit import canonical
from chain_service.kit.digests import from_hex, to_hex
from chain_service.kit.eip712 import Statement
from chain_service.verification import shape
from chain_service.verification.shape import ShapeProblem

TYPE = shape.TYPE


class IllFormedReceipt(ValueError):
    """Not a receipt. `problems` names every member that is missing, unknown or ill-formed."""

    def __init__(self, problems: Sequence[ShapeProblem]) -> None:
        super().__init__("; ".join(f"{problem.pointer or 'receipt'}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who signed. `address` is lower-case hex; `partner` (a DID) and `custody` are hints: the registry knows."""

    partner: str
    address: str
    signature: bytes
    custody: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch as the receipt describes it. `number` and `first` count from 0 in the operator's log."""

    operator: str
    number: int
    first: int
    count: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the seal was seen. `transaction`, `block` and `sealed_at` (Unix seconds) are hints."""

    chain_id: int
    contract: str
    transaction: str
    block: int
    sealed_at: int


@dataclass(frozen=True, slots=True)
class Place:
    """A statement's place under a seal: the batch, its position inside, the path to the root, the seal."""

    batch: Batch
    index: int
    path: tuple[bytes, ...]
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Receipt:
    """A well-formed receipt. `place` is None while the statement waits for its seal."""

    network: str
    event: dict[str, Any]
    salt: bytes
    event_hash: str
    statement: Statement
    reporter: Reporter
    place: Place | None


def parse(value: object) -> Receipt:
    """The receipt that a JSON value denotes. Raises IllFormedReceipt with all problems, and nothing else."""
    problems = shape.problems(value)
    if problems or not isinstance(value, dict):
        raise IllFormedReceipt(problems)
    reporter = value["reporter"]
    return Receipt(
        value["network"],
        value["event"],
        from_hex(value["salt"], 32),
        value["eventHash"],
        Statement.from_json(value["statement"]),
        Reporter(reporter["partner"], reporter["address"], from_hex(reporter["signature"]), reporter["custody"]),
        None if value["batch"] is None else _place(value),
    )


def read(data: bytes) -> Receipt:
    """The receipt in a file's bytes, read strictly. Raises IllFormedReceipt, also for what is not JSON."""
    try:
        value = canonical.parse(data)
    except canonical.InvalidJson as error:
        raise IllFormedReceipt([ShapeProblem("", f"not JSON: {error}", 1)]) from None
    # The strict reader takes 1.0 for 1, as JCS does in events; a receipt's own integers have no point.
    if problems := shape.problems(json.loads(data)):
        raise IllFormedReceipt(problems)
    return parse(value)


def _place(value: dict[str, Any]) -> Place:
    batch, anchor = value["batch"], value["anchor"]
    return Place(
        Batch(batch["operator"], batch["number"], batch["first"], batch["count"], from_hex(batch["root"], 32)),
        value["index"],
        tuple(from_hex(sibling, 32) for sibling in value["path"]),
        Anchor(anchor["chainId"], anchor["contract"], anchor["transaction"], anchor["block"], anchor["sealedAt"]),
    )


def build(receipt: Receipt) -> dict[str, Any]:
    """The JSON of a receipt, members in DESIGN's order; the inverse of parse().

    Raises IllFormedReceipt when the parts do not make a well-formed receipt, so that none is ever handed out.
    """
    value = {
        "type": TYPE,
        "network": receipt.network,
        "event": receipt.event,
        "salt": to_hex(receipt.salt),
        "eventHash": receipt.event_hash,
        "statement": receipt.statement.as_json(),
        "reporter": {
            "partner": receipt.reporter.partner,
            "address": receipt.reporter.address,
            "signature": to_hex(receipt.reporter.signature),
            "custody": receipt.reporter.custody,
        },
        **build_place(receipt.place),
    }
    if problems := shape.problems(value):
        raise IllFormedReceipt(problems)
    return value


def build_place(place: Place | None) -> dict[str, Any]:
    """The members of a receipt that say where its statement stands under a seal; null while it waits."""
    return {
        "batch": place and _batch_json(place.batch),
        "index": place and place.index,
        "path": place and [to_hex(sibling) for sibling in place.path],
        "anchor": place and _anchor_json(place.anchor),
    }


def _batch_json(batch: Batch) -> dict[str, Any]:
    return {
        "operator": batch.operator,
        "number": batch.number,
        "first": batch.first,
        "count": batch.count,
        "root": to_hex(batch.root),
    }


def _anchor_json(anchor: Anchor) -> dict[str, Any]:
    return {
        "chainId": anchor.chain_id,
        "contract": anchor.contract,
        "transaction": anchor.transaction,
        "block": anchor.block,
        "sealedAt": anchor.sealed_at,
    }
