"""What the tests of this room share."""

import pytest

from tests.chain.office import DID, OPERATOR, PRODUCER, Office


@pytest.fixture
def office(anvil: str) -> Office:
    """A new registry on the session's Anvil, with one partner of two roles, an operator, and no key."""
    made = Office(anvil)
    made.do("admitPartner", did=DID, roles=PRODUCER | OPERATOR)
    return made
