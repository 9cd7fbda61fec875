"""Transactions that are lost, refused, too cheap or mined unseen."""

import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chain_service.anchoring import service, tasks
from chain_service.chain import client
from chain_service.chain.client import Chain, Refused
from chain_service.chain.models import Outgoing
from chain_service.chain.transactions import Terms
from chain_service.db import reading, writing
from chain_service.partners.custody import Custody, create_keystore
from tests.anchoring.ground import OwnChain, batches, captured, one_by_one, prove
from tests.stage import Stage


def kept(stage: Stage) -> list[Any]:
    """The kept transactions, oldest first."""
    with reading(stage.engine) as connection:
        return list(connection.execute(select(Outgoing.__table__).order_by(Outgoing.created_at)).all())


def test_a_transaction_that_the_node_lost_is_sent_again_unchanged(
    ground: Stage, chain: OwnChain, mining_by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 2, sealer)
    sealer.seal()
    (first, _) = kept(ground)
    chain.ask("anvil_dropTransaction", first.hash)
    monkeypatch.setattr(tasks, "RESEND_MS", 0)
    sealer.seal()
    assert len(kept(ground)) == 2
    chain.mine()
    ground.seal(sealer)
    prove(ground, ids)
    assert batches(ground)[0].transaction == first.hash


def test_a_transaction_that_reverted_is_followed_by_a_new_one(
    ground: Stage, chain: OwnChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 2, sealer)
    monkeypatch.setattr(client, "SEAL_GAS", 30_000)  # too little: mined, and failed
    sealer.seal()
    assert chain.transactions_of(ground.operator) == 2
    monkeypatch.undo()
    ground.seal(sealer)
    prove(ground, ids)
    assert chain.transactions_of(ground.operator) == 4


def test_a_base_fee_above_what_was_offered_is_outbid_at_once(
    ground: Stage, chain: OwnChain, mining_by_hand: None
) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 2, sealer)
    sealer.seal()
    offered = Terms.of(kept(ground)[0].raw)
    chain.ask("anvil_setNextBlockBaseFeePerGas", hex(offered.most * 3))
    chain.mine()
    assert chain.transactions_of(ground.operator) == 0
    sealer.seal()
    assert Terms.of(kept(ground)[-1].raw).most >= offered.most * 6
    chain.mine()
    ground.seal(sealer)
    prove(ground, ids)
    assert chain.transactions_of(ground.operator) == 2
    assert kept(ground) == []


def test_a_transaction_that_is_not_mined_is_paid_twice_as_well_after_a_while(
    ground: Stage, chain: OwnChain, mining_by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 1, sealer)
    sealer.seal()
    monkeypatch.setattr(tasks, "REPLACE_MS", 0)
    for _ in range(2):
        sealer.seal()
    offers = [Terms.of(row.raw) for row in kept(ground)]
    assert len(offers) == 3
    for before, after in pairwise(offers):
        assert (after.most, after.tip) >= (before.most * 2, before.tip * 2)
    chain.mine()
    ground.seal(sealer)
    prove(ground, ids)
    assert chain.transactions_of(ground.operator) == 1


def test_paying_more_ends_somewhere(ground: Stage, chain: OwnChain, mining_by_hand: None) -> None:
    node = Chain(ground.network)
    head = node.head()
    assert head.base_fee is not None
    dear = Terms(31337, "", head.base_fee * 10_000, head.base_fee * 10_000)
    _, raw = node.sign_anchor(ground.custody.secret(), 0, 0, 1, b"\x01" * 32, head, outbid=dear)
    assert Terms.of(raw).most < dear.most


def test_a_kept_transaction_for_another_chain_is_not_sent(ground: Stage, chain: OwnChain) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 1, sealer)
    other = Chain(ground.network)
    other.network = ground.network.model_copy(update={"chainId": 1337})
    (batch,) = batches(ground)
    foreign, raw = other.sign_anchor(ground.custody.secret(), 0, 0, 1, batch.root, other.head())
    with writing(ground.engine) as connection:
        tasks.outbox.keep(connection, batch.id, 0, foreign, raw)
    ground.seal(sealer)
    prove(ground, ids)


def test_the_same_bytes_are_kept_once(ground: Stage) -> None:
    one_by_one(ground, 1)
    (batch,) = batches(ground)
    for _ in range(2):
        with writing(ground.engine) as connection:
            tasks.outbox.keep(connection, batch.id, 0, "0x" + "11" * 32, b"raw")
    assert len(kept(ground)) == 1


def test_a_node_that_shows_an_older_block_is_looked_at_again(ground: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 1, sealer)
    before = Chain(ground.network).head()
    assert sealer.seal()  # mined at once
    behind = ground.sealer()
    with monkeypatch.context() as patch:
        patch.setattr(Chain, "head", lambda _: before)
        assert behind.seal(), "it sends what is mined already, and is told so"
    ground.seal(behind)
    prove(ground, ids)


def test_a_key_that_is_no_operator_is_told_so_and_sends_nothing(ground: Stage, chain: OwnChain, tmp_path: Path) -> None:
    stranger = create_keystore(tmp_path / "strange", "operator.json", "of a stranger", work=16)
    node = Chain(ground.network)
    sealer = tasks.Sealer(ground.engine, node, Custody(tmp_path / "strange", "of a stranger"), ground.settings)
    one_by_one(ground, 1, sealer)
    with pytest.raises(Refused, match=rf"AnchorLog_NotOperator\({stranger}\)"):
        sealer.seal()
    assert kept(ground) == []


def test_a_seal_is_final_only_under_its_confirmations(ground: Stage, chain: OwnChain, mining_by_hand: None) -> None:
    ground.settings.confirmations = 2
    sealer = ground.sealer()
    ids = one_by_one(ground, 2, sealer)
    sealer.seal()
    for blocks in (1, 1):
        chain.mine(blocks)
        assert sealer.seal()
        assert ground.client.get(f"/v1/receipts/{ids[0]}").status_code == 202
    chain.mine()
    ground.seal(sealer)
    prove(ground, ids)


def test_many_batches_are_brought_in_order_a_few_at_a_time(ground: Stage, chain: OwnChain) -> None:
    ids = one_by_one(ground, tasks.IN_FLIGHT + 4)
    ground.seal()
    prove(ground, ids)
    assert chain.transactions_of(ground.operator) == len(ids)


def test_two_workers_that_both_believe_to_be_active_seal_everything_once(ground: Stage) -> None:
    ids: list[str] = []
    failures: list[BaseException] = []
    going = threading.Event()
    going.set()

    def work() -> None:
        sealer = ground.sealer()
        while going.is_set():
            try:
                sealer.close_due_batches()
                sealer.seal()
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(12):
        ids += captured(ground, 3)
    going.clear()
    for thread in threads:
        thread.join()
    ground.seal()
    prove(ground, ids)
    assert not [error for error in failures if isinstance(error, tasks.Conflict)]


def test_a_batch_being_closed_cannot_be_closed_by_another(ground: Stage) -> None:
    ids = captured(ground, 3)
    made = []

    def second() -> None:
        with writing(ground.engine) as connection:
            made.append(service.close_batch(connection, ground.operator, 100))

    thread = threading.Thread(target=second)
    with writing(ground.engine) as connection:
        assert service.close_batch(connection, ground.operator, 100)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "it waits for the first"
    thread.join()
    assert made == [None]
    ground.seal()
    prove(ground, ids)
