"""A service and a broker that the tests of a module share; each test has a gateway of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chain_service.chain.deployment import Administrator
from chain_service.settings import Network
from tests.gateway.ground import BrokerProcess, Site, closing
from tests.stage import Stage


@pytest.fixture(scope="module")
def gateway_stage(
    tmp_path_factory: pytest.TempPathFactory, network: Network, administrator: Administrator
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    with Stage(folder, f"sqlite:///{folder / 'test.db'}", network, administrator) as made:
        yield made


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    """aedes; GATEWAY_BROKER=mosquitto runs the same tests on mosquitto."""
    made = BrokerProcess(tmp_path, os.environ.get("GATEWAY_BROKER", "aedes"))
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path, gateway_stage: Stage, broker: BrokerProcess) -> Iterator[Site]:
    """Nothing of it runs yet but the broker and the service."""
    with closing(Site(tmp_path / "site", gateway_stage, broker)) as made:
        made.service.start()
        yield made
