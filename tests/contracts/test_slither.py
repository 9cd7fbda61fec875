"""Slither finds nothing of high or medium impact, unless a comment at the line explains it."""

import json
import re
import shutil

import pytest

CONTRACTS = ("AnchorLog", "PartnerRegistry")


@pytest.fixture(scope="module")
def slither(tool, run, root, tmp_path_factory):
    """(contract) -> slither's findings, from a folder where it finds no other build system."""
    program = tool(".venv-contracts/bin/slither", ".venv-contracts/ready")
    compiler = tool(".tools/solc/solc-v0.8.37", ".tools/solc")
    folder = tmp_path_factory.mktemp("slither")
    shutil.copytree(root / "contracts", folder / "contracts")

    def analyse(name, source=None):
        target = folder / "contracts" / f"{name}.sol"
        if source is not None:
            target.write_text(source, "utf-8")
        options = ["--solc", compiler, "--solc-args", "--optimize --evm-version london", "--fail-none"]
        said = json.loads(run(program, f"contracts/{name}.sol", *options, "--json", "-", cwd=folder))
        assert said["success"], said["error"]
        return said["results"].get("detectors", [])

    return analyse


@pytest.mark.parametrize("contract", CONTRACTS)
def test_slither_reports_nothing_of_high_or_medium_impact(slither, contract):
    grave = [found["description"] for found in slither(contract) if found["impact"] in ("High", "Medium")]
    assert grave == []


def test_slither_analyses_what_it_is_given(slither):
    """Without this a run that understood nothing would look like one that found nothing."""
    source = """// SPDX-License-Identifier: Apache-2.0
    pragma solidity 0.8.37;
    contract Planted { function pay(address payable to) external { to.transfer(address(this).balance); } }
    """
    assert "arbitrary-send-eth" in {found["check"] for found in slither("Planted", source)}


def test_every_exception_from_slither_names_its_reason(root):
    for path in (root / "contracts").rglob("*.sol"):
        lines = path.read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            if "slither-disable" in line:
                assert re.match(r"\s*// slither-disable-next-line [a-z-]+$", line), f"{path}:{number + 1}"
                assert re.match(r"\s*// \w.{20,}", lines[number - 1]), f"{path}:{number + 1}: say why above"
