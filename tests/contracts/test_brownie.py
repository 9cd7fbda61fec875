"""Brownie's tests, against real nodes of their own: scripts and contracts as an operator would use them."""

import json
import re
import socket
import subprocess
import time

import pytest
from eth_account import Account
from web3 import Web3


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where brownie keeps networks and accounts."""
    return tmp_path_factory.mktemp("brownie")


@pytest.fixture(scope="module")
def brownie(root, run, home):
    """(*arguments, **environment) -> what scripts/brownie.sh printed."""

    def call(*arguments, **env):
        return run(root / "scripts" / "brownie.sh", *arguments, env={"BROWNIE_HOME": str(home), **env})

    return call


@pytest.fixture
def chain(tool):
    """() -> a client of a new Anvil chain, the former one ended; its blocks cost a base fee like a public network's."""
    program = tool("node_modules/@foundry-rs/anvil-*/bin/anvil*", ".tools/dev")
    port = free_port()
    running = []

    def start():
        for process in running:
            process.terminate()
            process.wait(10)
        command = [program, "--quiet", "--hardfork", "london", "--port", str(port)]
        running.append(subprocess.Popen(command))
        client = Web3(Web3.HTTPProvider(f"http://127.0.0.1:{port}"))
        deadline = time.monotonic() + 20
        while not client.is_connected():
            assert time.monotonic() < deadline, "Anvil does not answer"
            time.sleep(0.05)
        return client

    yield start
    running[-1].terminate()
    running[-1].wait(10)


def test_brownie_tests_pass(brownie):
    brownie("networks", "modify", "development", f"port={free_port()}")
    said = brownie("test", "-c", "tests/contracts/brownie/pytest.ini")
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed.group(1)) >= 22
    assert "skipped" not in said


def test_scripts_deploy_admit_and_rotate_on_a_network_and_again_when_it_starts_anew(
    brownie, chain, home, root, tmp_path
):
    admin, old, new = Account.create(), Account.create(), Account.create()
    (home / ".brownie" / "accounts").mkdir(parents=True, exist_ok=True)
    (home / ".brownie" / "accounts" / "admin.json").write_text(json.dumps(admin.encrypt("a password", iterations=2)))
    (tmp_path / "password").write_text("a password\n")
    artifacts = root / "chain_service" / "chain" / "artifacts"
    abi = {
        name: json.loads((artifacts / f"{name}.json").read_text())["abi"] for name in ("AnchorLog", "PartnerRegistry")
    }
    client = chain()
    brownie("networks", "add", "Tests", "journey", f"host={client.provider.endpoint_uri}", "chainid=31337")
    names = set()
    for round_ in ("first", "second"):
        if round_ == "second":
            client = chain()
        client.provider.make_request("anvil_setBalance", [admin.address, hex(10**20)])
        folder = tmp_path / round_
        env = {"ACCOUNT": "admin", "PASSWORD_FILE": str(tmp_path / "password"), "DEPLOYMENTS": str(folder)}

        def script(name, *arguments, env=env):
            return brownie("run", name, "main", *arguments, "--network", "journey", **env)

        script("deploy", "demo")
        deployment = json.loads((folder / "journey.json").read_text())
        names.add(deployment["network"])
        registry, log = (
            client.eth.contract(deployment["contracts"][name], abi=abi[name]).functions
            for name in ("PartnerRegistry", "AnchorLog")
        )
        assert registry.network().call() == deployment["network"]
        assert registry.admin().call() == admin.address
        assert log.registry().call() == deployment["contracts"]["PartnerRegistry"]
        script("admit", "did:web:operator.example", "operator", old.address, "partner")
        now = client.eth.get_block("latest")["timestamp"]
        assert registry.isOperator(old.address, now).call()
        script("rotate", "did:web:operator.example", old.address, new.address)
        now = client.eth.get_block("latest")["timestamp"]
        assert not registry.isOperator(old.address, now).call()
        assert registry.isOperator(new.address, now).call()
    assert len(names) == 2
