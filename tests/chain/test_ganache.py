"""Ganache as well as Anvil, and one database that goes from one to the other and back."""

from pathlib import Path

from chain_service.chain.client import Chain
from tests.anchoring.ground import admit_everybody, batches, one_by_one, own_chain, prove, reopen
from tests.stage import Stage


def test_a_database_moves_from_anvil_to_ganache_and_back(tmp_path: Path, database_url: str) -> None:
    with (
        own_chain(tmp_path / "a") as anvil,
        own_chain(tmp_path / "g", "ganache") as ganache,
        Stage(tmp_path, database_url, anvil.network, anvil.administrator) as stage,
    ):
        ids = one_by_one(stage, 2)
        stage.seal()
        on_anvil = batches(stage)
        ids += one_by_one(stage, 2)
        _left_unsealed_with_transactions_kept(stage)

        network = ganache.deploy(stage.network.network)
        admit_everybody(stage, ganache.administrator, network)
        reopen(stage, network)
        stage.seal()
        prove(stage, ids)
        assert stage.receipt(ids[0])["anchor"]["chainId"] == network.chainId == 1337
        assert not {row.transaction for row in batches(stage)} & {row.transaction for row in on_anvil}
        ids += one_by_one(stage, 1)
        stage.seal()
        prove(stage, ids)

        before = anvil.transactions_of(stage.operator)
        reopen(stage, anvil.network)
        stage.seal()
        prove(stage, ids)
        assert [row.transaction for row in batches(stage)][:2] == [row.transaction for row in on_anvil]
        assert anvil.transactions_of(stage.operator) == before + 3, "what this chain held is not sent again"


def _left_unsealed_with_transactions_kept(stage: Stage) -> None:
    class Deaf(Chain):
        def send(self, raw: bytes) -> None:
            pass

    sealer = stage.sealer()
    sealer._chain = Deaf(stage.network)
    assert sealer.seal()
