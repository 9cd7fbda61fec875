"""Compiles contracts/ and writes what the service deploys: chain_service/chain/artifacts/<contract>.json.

The compiler's answer depends on the sources and these settings only: file names are relative to the repository, so the
metadata hash at the end of the bytecode is the same on every machine. The settings are those of brownie-config.yaml.

    python scripts/artifacts.py           writes the artifacts
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMPILER = ROOT / ".tools" / "solc" / "solc-v0.8.37"
ARTIFACTS = ROOT / "chain_service" / "chain" / "artifacts"
SHIPPED = ("AnchorLog", "PartnerRegistry")
EVM_VERSION = "london"
SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": EVM_VERSION,
    "remappings": [],
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
}


def compile_contracts(contracts: Path = ROOT / "contracts") -> dict[str, dict[str, Any]]:
    """The shipped contracts by name, as their artifacts say them.

    Raises FileNotFoundError without the compiler, ValueError with the compiler's messages for sources it refuses.
    """
    if not COMPILER.exists():
        raise FileNotFoundError(f"{COMPILER} is missing: run `make .tools/solc`")
    sources = {
        f"contracts/{path.relative_to(contracts).as_posix()}": {"content": path.read_text("utf-8")}
        for path in sorted(contracts.rglob("*.sol"))
    }
    question = json.dumps({"language": "Solidity", "sources": sources, "settings": SETTINGS})
    run = subprocess.run(  # noqa: S603  # our own compiler, on our own sources
        [COMPILER, "--standard-json"], input=question, capture_output=True, text=True, check=True
    )
    answer = json.loads(run.stdout)
    if messages := [message["formattedMessage"] for message in answer.get("errors", [])]:
        raise ValueError("\n".join(messages))
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    # 0.8.37+commit.xxxxxxxx, without the platform the compiler itself was built for
    compiler = ".".join(version.stdout.split("Version: ")[1].split(".")[:4])
    return {
        name: {
            "contractName": name,
            "compiler": compiler,
            "evmVersion": EVM_VERSION,
            "abi": compiled["abi"],
            "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        }
        for name in SHIPPED
        for compiled in [answer["contracts"][f"contracts/{name}.sol"][name]]
    }


def main() -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for name, artifact in compile_contracts().items():
        target = ARTIFACTS / f"{name}.json"
        # Written beside and moved, so that a service starting now reads the whole old or the whole new one.
        beside = target.with_suffix(".json.new")
        beside.write_text(json.dumps(artifact, indent=1) + "\n", "utf-8")
        os.replace(beside, target)
        print(f"{target.relative_to(ROOT)}: {len(artifact['bytecode']) // 2 - 1} bytes of creation code")


if __name__ == "__main__":
    main()
