"""A deployed network on brownie's development chain; each test starts from the same state."""

import pytest

OPERATOR_DID = "did:web:operator.example"


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


@pytest.fixture
def deployments(tmp_path, monkeypatch):
    """The scripts' module, writing to a folder of this test."""
    from scripts import deployments

    monkeypatch.setattr(deployments, "FOLDER", tmp_path)
    return deployments


@pytest.fixture
def deployed(deployments):
    """What scripts/deploy.py returns and writes."""
    from scripts import deploy

    return deploy.main("demo")


@pytest.fixture
def log(deployed, AnchorLog):
    return AnchorLog.at(deployed["contracts"]["AnchorLog"])


@pytest.fixture
def registry(deployed, PartnerRegistry):
    return PartnerRegistry.at(deployed["contracts"]["PartnerRegistry"])


@pytest.fixture
def operator(deployed, accounts):
    """An account that scripts/admit.py made the operator's key."""
    from scripts import admit

    admit.main(OPERATOR_DID, "operator", accounts[1].address, "partner")
    return accounts[1]
