"""What the tests of several rooms share: both databases, a real chain, and a service on top of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from chain_service.chain.deployment import Administrator
from chain_service.local import Children, LocalChain, fund
from chain_service.settings import Network
from tests.stage import Stage, new_account, postgresql_database, postgresql_server

# How fast a loaded machine makes up its input says nothing about the code.
hypothesis.settings.register_profile("any machine", suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")
ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The third-party test data beside the project."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the third-party test data of ../shared/data is not on this machine")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL server, started without root for this test run."""
    with postgresql_server() as server:
        yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; a test that takes it runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    with postgresql_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The JSON-RPC address of an Anvil that mines each transaction at once."""
    folder = tmp_path_factory.mktemp("anvil")
    with Children(folder / "logs") as children:
        yield LocalChain("anvil", folder, children).start(port=None)


@pytest.fixture(scope="session")
def administrator(anvil: str) -> Administrator:
    """A funded account that deploys and administers."""
    account = new_account()
    fund(anvil, account.address, 10**21)
    return Administrator(anvil, bytes(account.key))


@pytest.fixture(scope="session")
def network(administrator: Administrator) -> Network:
    """A network whose contracts stand on the session's chain."""
    return administrator.deploy("test-00112233445566ff")


@pytest.fixture
def stage(tmp_path: Path, database_url: str, network: Network, administrator: Administrator) -> Iterator[Stage]:
    """A whole service on an empty database with an operator of its own; nothing runs in the background."""
    with Stage(tmp_path, database_url, network, administrator) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shared_stage(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    network: Network,
    administrator: Administrator,
) -> Iterator[Stage]:
    """As `stage`, one for all tests of a module: they leave what they stored, so each has items and ids of its own."""
    folder = tmp_path_factory.mktemp("stage")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'test.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(postgresql_database(request.getfixturevalue("postgresql")))
        yield stack.enter_context(Stage(folder, url, network, administrator))
