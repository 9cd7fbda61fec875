"""scripts/ on a real node: what they write, what they put on chain, what they refuse."""

import json
import re

import pytest
from brownie import chain, web3

from scripts import admit, deploy, rotate

OPERATOR_DID = "did:web:operator.example"


def test_deploy_writes_what_it_deployed(deployed, deployments, registry, log, accounts):
    assert json.loads(deployments.location().read_text()) == deployed
    assert re.fullmatch(r"demo-[0-9a-f]{16}", deployed["network"])
    assert deployed["chainId"] == web3.eth.chain_id
    assert registry.network() == deployed["network"]
    assert registry.admin() == deployed["admin"] == accounts[0]
    assert log.registry() == registry


def test_deploy_refuses_a_network_that_has_a_deployment(deployed, deployments):
    before = deployments.location().read_text()
    with pytest.raises(FileExistsError, match="fixed for ever"):
        deploy.main("demo")
    assert deployments.location().read_text() == before


@pytest.mark.parametrize("label", ["", "Demo", "9demo", "demo-", "a--b", "a b", "../x"])
def test_deploy_refuses_an_odd_label(deployments, label):
    with pytest.raises(ValueError, match="is no label"):
        deploy.main(label)


def test_admit_gives_roles_and_a_key_with_its_holder(deployed, registry, accounts):
    partner = admit.main("did:web:farm.example", "producer,sensor_gateway", accounts[3].address, "operator")
    assert partner == web3.keccak(text="did:web:farm.example").to_0x_hex()
    holder, *rest = registry.statusAt(accounts[3], chain.time() + 60)
    assert holder == partner
    assert rest == [2 | 64, 2, 1]


def test_admit_adds_a_second_key_to_a_partner(operator, registry, accounts):
    admit.main(OPERATOR_DID, "operator", accounts[4].address, "partner")
    assert registry.isOperator(accounts[4], chain.time() + 60)


def test_admit_refuses_other_roles_than_the_partner_holds(operator, accounts):
    with pytest.raises(ValueError, match="holds roles 128, not 2"):
        admit.main(OPERATOR_DID, "producer", accounts[4].address, "partner")


@pytest.mark.parametrize(
    ("did", "roles", "custody"),
    [("web:x", "brand", "partner"), ("did:web:x", "king", "partner"), ("did:web:x", "brand", "nobody")],
)
def test_admit_refuses_what_is_no_did_role_or_custody(deployed, accounts, did, roles, custody):
    with pytest.raises(ValueError, match=r"is no|not in tuple"):
        admit.main(did, roles, accounts[4].address, custody)


def test_scripts_refuse_a_network_without_a_deployment(deployments, accounts):
    with pytest.raises(FileNotFoundError, match="deploy first"):
        admit.main("did:web:x", "brand", accounts[4].address, "partner")


def test_scripts_refuse_the_deployment_of_another_chain(deployed, deployments, accounts):
    deployments.location().write_text(json.dumps({**deployed, "chainId": 1}))
    with pytest.raises(ValueError, match="is of chain 1"):
        admit.main("did:web:x", "brand", accounts[4].address, "partner")


def test_rotate_freezes_the_old_log_and_starts_the_new(operator, registry, log, accounts):
    log.anchor(0, 5, b"\1" * 32, {"from": operator})
    assert rotate.main(OPERATOR_DID, operator.address, accounts[5].address) == 5
    assert registry.successorOf(operator)[0] == accounts[5]
    assert not registry.isOperator(operator, chain.time() + 60)
    log.anchor(0, 1, b"\2" * 32, {"from": accounts[5]})
    assert (log.next(operator), log.next(accounts[5])) == (5, 1)
