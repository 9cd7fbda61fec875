"""What tests of sealing stand on: a chain to maltreat, documents to capture, and a proof of the outcome."""

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from chain_service.anchoring.models import Batch, Statement
from chain_service.anchoring.tasks import Sealer
from chain_service.chain.client import Chain
from chain_service.chain.deployment import Administrator
from chain_service.db import reading
from chain_service.events.models import Event
from chain_service.local import Children, LocalChain, _call, free_port, fund
from chain_service.operating import write_network
from chain_service.partners.models import Partner, PartnerKey
from chain_service.partners.roles import Role
from chain_service.settings import Network
from chain_service.verification.node import NodeReader
from chain_service.verification.outcome import Outcome
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check
from tests.stage import CONTEXT, Stage, new_account


class OwnChain:
    """A local chain with this network's contracts, that a test may stop, wind back and mine by hand."""

    def __init__(self, folder: Path, kind: str = "anvil") -> None:
        self._folder, self._kind = folder, kind
        self.start()
        self.network = self.deploy(f"test-{secrets.token_hex(8)}")

    def deploy(self, name: str) -> Network:
        """The contracts of a network, deployed by a new `administrator`."""
        account = new_account()
        fund(self.rpc, account.address, 10**20)
        self.administrator = Administrator(self.rpc, bytes(account.key))
        return self.administrator.deploy(name)

    def start(self, port: int | None = None) -> None:
        """Starts the node, on the port it had where one is given."""
        self._children = Children(self._folder / "logs")
        self._children.__enter__()
        node = LocalChain(self._kind, self._folder, self._children)
        self.rpc = node.start(port=port or free_port())

    @property
    def port(self) -> int:
        return int(self.rpc.rpartition(":")[2])

    def stop(self) -> None:
        """Ends the node; its state stays in the folder."""
        self._children.__exit__(None, None, None)

    def ask(self, method: str, *parameters: Any) -> Any:
        """The node's answer to a JSON-RPC call."""
        return _call(self.rpc, method, list(parameters))

    def mine(self, blocks: int = 1) -> None:
        """Mines so many blocks now."""
        for _ in range(blocks):
            self.ask("evm_mine")

    def transactions_of(self, address: str) -> int:
        """How many transactions of an address are mined."""
        return int(self.ask("eth_getTransactionCount", address, "latest"), 16)


@contextmanager
def own_chain(folder: Path, kind: str = "anvil") -> Iterator[OwnChain]:
    """An OwnChain whose node is ended afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    chain = OwnChain(folder, kind)
    try:
        yield chain
    finally:
        chain.stop()


def event_ids(count: int) -> list[str]:
    """New eventIDs."""
    return [f"urn:uuid:{secrets.token_hex(4)}-0000-4000-8000-{secrets.token_hex(6)}" for _ in range(count)]


def document(ids: Sequence[str]) -> bytes:
    """A capture document with an event for each eventID."""
    events = [
        {
            "type": "ObjectEvent",
            "eventID": event_id,
            "eventTime": "2026-03-01T10:00:00.000Z",
            "eventTimeZoneOffset": "+00:00",
            "epcList": [f"https://id.gs1.org/01/09521101100105/21/{secrets.token_hex(6)}"],
            "action": "ADD",
            "bizStep": "commissioning",
            "disposition": "active",
        }
        for event_id in ids
    ]
    head = {"@context": [CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0"}
    return json.dumps({**head, "creationDate": "2026-03-01T10:00:00.000Z", "epcisBody": {"eventList": events}}).encode()


def captured(stage: Stage, count: int) -> list[str]:
    """Captures so many new events; returns their eventIDs."""
    ids = event_ids(count)
    assert stage.capture(document(ids))["success"]
    return ids


def reopen(stage: Stage, network: Network | None = None) -> None:
    """Ends the service and starts it again, with another network file where one is given."""
    stage.__exit__(None, None, None)
    if network is not None:
        stage.network = network
        write_network(network, stage.settings.network_file)
    stage.__enter__()


def admit_everybody(stage: Stage, administrator: Administrator, network: Network) -> None:
    """Enters the stage's operator and its partners, with the keys they had, into the registry of another chain."""
    fund(network.rpc, stage.operator, 10**19)
    registry = network.contracts["PartnerRegistry"]
    administrator.admit(registry, "did:web:operator.example", int(Role.OPERATOR), {stage.operator: "partner"})
    with reading(stage.engine) as connection:
        held = connection.execute(
            select(Partner.did, Partner.roles, PartnerKey.address).join(PartnerKey, PartnerKey.partner == Partner.did)
        ).all()
    for did, roles, address in held:
        administrator.admit(registry, did, int(roles), {address: "operator"})


def batches(stage: Stage) -> list[Any]:
    """The stage's batches in order."""
    with reading(stage.engine) as connection:
        return list(connection.execute(select(Batch.__table__).order_by(Batch.number)).all())


def one_by_one(stage: Stage, count: int, sealer: Sealer | None = None) -> list[str]:
    """Captures and closes so many batches of one event each, without a look at the chain; returns the eventIDs."""
    sealer = sealer or stage.sealer()
    ids = []
    for _ in range(count):
        ids += captured(stage, 1)
        assert sealer.close_due_batches()
    return ids


def prove(stage: Stage, ids: Sequence[str], network: Network | None = None) -> None:
    """Nothing is lost, nothing sealed twice, and the receipts verify by a reader that shares no code with sealing."""
    network = network or stage.network
    with reading(stage.engine) as connection:
        stated = Counter(
            connection.execute(select(Event.event_id).join(Statement, Statement.event == Event.id)).scalars()
        )
        unplaced = connection.execute(select(func.count()).where(Statement.batch.is_(None))).scalar_one()
        sizes = dict(
            connection.execute(
                select(Statement.batch, func.count()).where(Statement.batch.is_not(None)).group_by(Statement.batch)
            ).all()
        )
    assert stated == Counter(map(stage.vault.fingerprint, ids)), "each accepted event has exactly one statement"
    assert unplaced == 0
    first = 0
    for number, batch in enumerate(batches(stage)):
        assert (batch.number, batch.first, batch.size, batch.sealed) == (number, first, sizes[batch.id], True)
        first += batch.size
    assert first == len(ids)
    chain = Chain(network)
    assert chain.next(stage.operator, chain.head().number) == len(ids), "the chain holds as many statements"
    trust = Trust.from_json(network.model_dump())
    with NodeReader(trust) as reader:
        for event_id in ids:
            receipt = stage.receipt(event_id)
            verdict = check(receipt, trust, reader)
            outcomes = [made.outcome for made in verdict.checks[:6]]
            assert outcomes == [Outcome.PASSED] * 6, [made.reason for made in verdict.checks]
            assert "seal_moved" not in {note.code for note in verdict.notes}, (
                "block and time in the receipt are the chain's"
            )
