"""Forge's tests of the contracts: unit, fuzz, invariants, vectors that others made, and the gas snapshot in git."""

import json
import re

import pytest

SNAPSHOT = "tests/contracts/forge/snapshots/AnchorLog.json"
DESIGN_VECTORS = "../shared/data/design-vectors.json"


@pytest.fixture(scope="module")
def forge(tool, run):
    tool(".tools/solc/solc-v0.8.37", ".tools/solc")
    program = tool("node_modules/@foundry-rs/forge-*/bin/forge*", ".tools/dev")

    def test(*options):
        """Runs `forge test` and returns how many tests passed; a gas figure other than the snapshot's is a failure."""
        # Without colours: the summary is read below.
        said = run(program, "test", *options, env={"FORGE_SNAPSHOT_CHECK": "true", "NO_COLOR": "1"})
        passed, failed, _ = re.search(r"(\d+) tests passed, (\d+) failed, (\d+) skipped \(", said).groups()
        assert failed == "0", said
        return int(passed)

    return test


def test_forge_unit_and_fuzz_tests_pass(forge):
    assert forge("--no-match-path", "*/{invariants,Gas,vectors}*") >= 90


def test_forge_invariants_hold(forge):
    assert forge("--match-path", "*/invariants/*") == 6


def test_gas_is_what_the_snapshot_in_git_says(forge):
    assert forge("--match-path", "*/Gas.t.sol") == 3


def test_snapshot_keeps_later_batches_within_85000_gas(root):
    snapshot = json.loads((root / SNAPSHOT).read_text("utf-8"))
    later = {name: int(gas) for name, gas in snapshot.items() if name.startswith("anchor later")}
    assert len(later) >= 4
    assert max(later.values()) <= 85_000


def test_anchor_log_verify_agrees_with_the_shared_vectors(forge):
    assert forge("--match-contract", "SharedVectors") == 4


def test_anchor_log_verify_agrees_with_the_vectors_of_the_design(forge, root):
    if not (root / DESIGN_VECTORS).exists():
        pytest.skip(f"{DESIGN_VECTORS} is not there")
    assert forge("--match-contract", "DesignVectors") == 2
