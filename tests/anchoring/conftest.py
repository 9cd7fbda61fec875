"""A service on a chain that only these tests use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.anchoring.ground import OwnChain, own_chain
from tests.stage import Stage


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnChain]:
    """An Anvil of this module, to wind back and mine by hand."""
    with own_chain(tmp_path_factory.mktemp("chain")) as made:
        yield made


@pytest.fixture
def mining_by_hand(chain: OwnChain) -> Iterator[None]:
    """Blocks come only when a test asks for one."""
    chain.ask("evm_setAutomine", False)
    yield
    chain.ask("evm_setAutomine", True)
    chain.mine()


@pytest.fixture
def ground(tmp_path: Path, database_url: str, chain: OwnChain) -> Iterator[Stage]:
    """A service on an empty database and that chain; nothing runs in the background but its capture thread."""
    with Stage(tmp_path, database_url, chain.network, chain.administrator) as stage:
        yield stage
