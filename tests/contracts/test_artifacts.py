"""What the service deploys is what the sources compile to, by two ways of compiling."""

import json
import runpy

import pytest

CONTRACTS = ("AnchorLog", "PartnerRegistry")


@pytest.fixture(scope="module")
def shipped(root):
    folder = root / "chain_service" / "chain" / "artifacts"
    return {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in CONTRACTS}


@pytest.fixture(scope="module")
def compiled(root, tool):
    tool(".tools/solc/solc-v0.8.37", ".tools/solc")
    return runpy.run_path(str(root / "scripts" / "artifacts.py"))["compile_contracts"]()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_artifact_is_what_the_sources_compile_to(shipped, compiled, contract):
    assert shipped[contract] == compiled[contract], "run `make artifacts`"


def test_brownie_compiles_the_same_bytecode_and_abi(shipped, root, run, tmp_path):
    run(root / "scripts" / "brownie.sh", "compile", env={"BROWNIE_HOME": str(tmp_path)})
    for name, artifact in shipped.items():
        build = json.loads((root / "build" / "contracts" / f"{name}.json").read_text("utf-8"))
        assert "0x" + build["bytecode"] == artifact["bytecode"]
        assert build["abi"] == artifact["abi"]


def test_bytecode_runs_on_london(shipped):
    """No opcode of a later fork, such as PUSH0 (Shanghai) or MCOPY (Cancun): it would fail when called, not before."""
    for artifact in shipped.values():
        code = bytes.fromhex(artifact["bytecode"][2:])
        code = code[: -2 - int.from_bytes(code[-2:], "big")]
        at = 0
        while at < len(code):
            opcode = code[at]
            assert opcode not in (0x49, 0x4A, 0x5C, 0x5D, 0x5E, 0x5F), f"opcode {opcode:#x} at {at}"
            at += 1 + (opcode - 0x5F if 0x60 <= opcode <= 0x7F else 0)


def test_contracts_fit_the_code_size_limit_of_eip_170(shipped):
    for artifact in shipped.values():
        assert len(artifact["bytecode"]) // 2 - 1 <= 24_576


def test_interface_holds_the_functions_the_service_relies_on(shipped):
    def signatures(contract, kind):
        return {
            f"{entry['name']}({','.join(argument['type'] for argument in entry['inputs'])})"
            for entry in shipped[contract]["abi"]
            if entry["type"] == kind
        }

    assert {
        "anchor(uint64,uint32,bytes32)",
        "next(address)",
        "sealOf(address,uint64)",
        "verify(address,uint64,uint32,bytes32,bytes32[])",
        "registry()",
    } == signatures("AnchorLog", "function")
    assert {"Anchored(address,uint64,uint64,uint32,bytes32)"} == signatures("AnchorLog", "event")
    assert {
        "network()",
        "admitPartner(string,uint32)",
        "guardian()",
        "setGuardian(address)",
        "setRoles(bytes32,uint32)",
        "suspend(bytes32)",
        "reinstate(bytes32)",
        "addKey(bytes32,address,uint8,uint64,uint64)",
        "endKey(address,uint64)",
        "reportCompromised(address,uint64)",
        "statusAt(address,uint64)",
        "isOperator(address,uint64)",
    } <= signatures("PartnerRegistry", "function")
