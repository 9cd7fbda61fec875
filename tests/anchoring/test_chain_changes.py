"""A chain that is wound back, replaced, or written to by others: batches are sealed again, or nothing is sent."""

import shutil
from pathlib import Path

import pytest
from eth_account import Account

from chain_service.anchoring.tasks import Conflict
from chain_service.chain.client import Chain, WrongChain
from tests.anchoring.ground import OwnChain, admit_everybody, batches, captured, one_by_one, own_chain, prove, reopen
from tests.stage import Stage


@pytest.mark.parametrize("kept", [0, 3], ids=["all seals are lost", "the last seals are lost"])
def test_a_reorganised_chain_gets_every_lost_batch_again(ground: Stage, chain: OwnChain, kept: int) -> None:
    ids = one_by_one(ground, kept)
    ground.seal()
    snapshot = chain.ask("evm_snapshot")
    ids += one_by_one(ground, 3)
    ground.seal()
    before = batches(ground)
    chain.ask("evm_revert", snapshot)
    chain.mine(5)
    ground.seal()
    prove(ground, ids)
    after = batches(ground)
    assert [row.block_hash for row in after][:kept] == [row.block_hash for row in before][:kept]
    assert not {row.block_hash for row in after[kept:]} & {row.block_hash for row in before}


def test_receipts_wait_while_a_lost_seal_is_not_back(ground: Stage, chain: OwnChain, mining_by_hand: None) -> None:
    snapshot = chain.ask("evm_snapshot")
    ids = one_by_one(ground, 2)
    sealer = ground.sealer()
    sealer.seal()
    chain.mine()
    ground.seal(sealer)
    assert ground.client.get(f"/v1/receipts/{ids[0]}").status_code == 200
    chain.ask("evm_revert", snapshot)
    assert sealer.seal()
    answer = ground.client.get(f"/v1/receipts/{ids[0]}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    chain.mine()
    ground.seal(sealer)
    prove(ground, ids)


def test_a_node_that_comes_back_older_is_brought_up_to_date(tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "chain"
    with own_chain(folder) as chain, Stage(tmp_path, database_url, chain.network, chain.administrator) as stage:
        ids = one_by_one(stage, 2)
        stage.seal()
        chain.stop()
        shutil.copy(folder / "anvil-state.json", folder / "older")
        chain.start(chain.port)
        ids += one_by_one(stage, 3)
        stage.seal()
        chain.stop()
        (folder / "older").replace(folder / "anvil-state.json")
        chain.start(chain.port)
        stage.seal()
        prove(stage, ids)


def test_a_chain_that_begins_anew_stops_sealing_only_and_is_sealed_once_deployed(
    tmp_path: Path, database_url: str
) -> None:
    folder = tmp_path / "chain"
    with own_chain(folder) as chain, Stage(tmp_path, database_url, chain.network, chain.administrator) as stage:
        ids = one_by_one(stage, 3)
        stage.seal()
        chain.stop()
        (folder / "anvil-state.json").unlink()
        chain.start(chain.port)
        sealer = stage.sealer()
        with pytest.raises(WrongChain, match=r"there is no AnchorLog at 0x\w{40} on this chain"):
            sealer.seal()
        ids += captured(stage, 1)
        ready = stage.client.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "ok")
        assert "there is no AnchorLog" in ready.json()["checks"]["chain"]

        network = chain.deploy(stage.network.network)
        admit_everybody(stage, chain.administrator, network)
        reopen(stage, network)
        stage.seal()
        prove(stage, ids)
        assert stage.client.get("/readyz").status_code == 200


def test_a_node_of_another_chain_is_named(ground: Stage) -> None:
    other = ground.network.model_copy(update={"chainId": 99})
    with pytest.raises(WrongChain, match="the node is on chain 31337, this network on 99"):
        Chain(other).check()


def test_contracts_of_another_network_are_named(ground: Stage) -> None:
    other = ground.network.model_copy(update={"network": "other-0000000000000000"})
    with pytest.raises(WrongChain, match="these contracts belong to the network 'test-"):
        Chain(other).check()


@pytest.mark.parametrize("size", [1, 2, 9], ids=["of the same size", "that ends inside ours", "beyond all ours"])
def test_a_foreign_batch_under_our_number_is_a_conflict_and_nothing_is_sent(
    ground: Stage, chain: OwnChain, size: int
) -> None:
    sealer = ground.sealer()
    if size == 2:
        captured(ground, 1)
        captured(ground, 2)
        sealer.close_due_batches()  # one batch of three: two statements end inside it
    else:
        one_by_one(ground, 2, sealer)
    node = Chain(ground.network)
    _, raw = node.sign_anchor(ground.custody.secret(), 0, 0, size, b"\x01" * 32, node.head())
    node.send(raw)
    for _ in range(2):
        with pytest.raises(Conflict, match="the chain holds"):
            sealer.seal()
    assert chain.transactions_of(ground.operator) == 1
    assert not any(batch.sealed for batch in batches(ground))


def test_a_database_older_than_the_chain_is_a_conflict(ground: Stage, chain: OwnChain) -> None:
    captured(ground, 1)
    ground.seal()
    node = Chain(ground.network)
    _, raw = node.sign_anchor(ground.custody.secret(), 1, 1, 5, b"\x01" * 32, node.head())
    node.send(raw)
    with pytest.raises(Conflict, match="this one is older than the chain"):
        ground.sealer().seal()
    assert chain.transactions_of(ground.operator) == 2


def test_transactions_of_others_with_our_key_do_not_stop_sealing(ground: Stage, chain: OwnChain) -> None:
    sealer = ground.sealer()
    ids = one_by_one(ground, 1, sealer)
    ground.seal(sealer)
    transfer = {"to": ground.operator, "value": 1, "gas": 21_000, "gasPrice": 10**10, "nonce": 1, "chainId": 31337}
    transfer["to"] = Account.create().address
    chain.ask(
        "eth_sendRawTransaction",
        "0x" + Account.sign_transaction(transfer, ground.custody.secret()).raw_transaction.hex(),
    )
    ids += one_by_one(ground, 2, sealer)
    ground.seal(sealer)
    prove(ground, ids)
    assert chain.transactions_of(ground.operator) == 4
