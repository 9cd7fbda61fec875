"""A service with its registry's administrator, one for each database."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.partners.registry_room import ADMIN, Room, room_on
from tests.stage import postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def rooms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, anvil: str) -> Iterator[Room]:
    """One room for the tests of a module; take `room`, which leaves it as it was."""
    folder = tmp_path_factory.mktemp("room")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'test.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(postgresql_database(request.getfixturevalue("postgresql")))
        yield stack.enter_context(room_on(folder, anvil, url))


@pytest.fixture
def room(rooms: Room) -> Iterator[Room]:
    """The module's room, with the settings and the chain of before afterwards; partners and keys stay."""
    state = rooms.state
    before = (state.settings, state.chain, state.registry)
    yield rooms
    state.settings, state.chain, state.registry = before
    assert rooms.registry.administration().admin == rooms.admin, f"a test took {ADMIN}'s powers away"
