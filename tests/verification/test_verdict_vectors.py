"""Every case of the shared vectors, judged by our code and by the independent checker beside the repository."""

import importlib.util
import json
from pathlib import Path

import pytest

from chain_service.verification.verdict import check

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "vectors" / "vectors.json").read_text())["cases"]
INDEPENDENT = ROOT.parent / "shared" / "check_receipt.py"
# The independent checker's words for the checks that it makes.
WORDS = {"digest": 1, "signature form": 3, "signature": 3, "path": 5, "other network or contract": 6, "seal": 6}
# It does not ask the registry whether the operator was one.
NOT_ITS_MATTER = {"sealed by a retired operator"}
by_name = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


@by_name
def test_each_check_says_what_the_vectors_say(world, case):
    receipt = world.changed(case)
    verdict = check(
        receipt, world.trust(case["trust"]), world.chain(case["chain"]), world.declarations(case["declarations"])
    )
    assert {str(c.number): c.outcome.value for c in verdict.checks} == case["expect"], verdict.sentence
    assert [note.code for note in verdict.notes] == case["notes"]
    assert verdict.holds == ("failed" not in case["expect"].values())


@pytest.mark.parametrize("case", [c for c in CASES if "text" not in c], ids=lambda case: case["name"])
def test_bytes_and_values_get_the_same_verdict(world, case):
    receipt = world.changed(case)
    trust, chain = world.trust(case["trust"]), world.chain(case["chain"])
    declarations = world.declarations(case["declarations"])
    from_bytes = check(json.dumps(receipt).encode(), trust, chain, declarations)
    assert from_bytes.as_json() == check(receipt, trust, chain, declarations).as_json()


@pytest.fixture(scope="module")
def independent():
    if not INDEPENDENT.exists():
        pytest.skip(f"{INDEPENDENT} is not here")
    spec = importlib.util.spec_from_file_location("check_receipt", INDEPENDENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@by_name
def test_the_independent_checker_agrees_on_checks_1_3_5_and_6(world, case, independent, monkeypatch):
    if case["chain"] in ("unreachable", "other network", "other chain id") or case["name"] in NOT_ITS_MATTER:
        pytest.skip("asks something that the independent checker does not")
    receipt = world.changed(case)
    if isinstance(receipt, bytes):
        try:
            receipt = json.loads(receipt)
        except ValueError:
            pytest.skip("the independent checker reads JSON only")
    if isinstance(receipt, dict) and receipt.get("batch") is None and receipt.get("anchor") is None:
        pytest.skip("it knows no receipts that wait for their seal")
    chain = world.chain(case["chain"])

    def seal_of(rpc, to, signature, operator, number):
        assert signature == "sealOf(address,uint64)"
        seal = chain.seal_of("0x" + operator[12:].hex(), int.from_bytes(number, "big"))
        numbers = (seal.first, seal.count, seal.sealed_at) if seal else (0, 0, 0)
        return (seal.root if seal else bytes(32)) + b"".join(n.to_bytes(32, "big") for n in numbers)

    monkeypatch.setattr(independent, "call", seal_of)
    bad = independent.check(receipt, world.trust_json(case["trust"]) if chain else None)
    failed = {int(number) for number, outcome in case["expect"].items() if outcome == "failed"}
    if set(bad) <= set(WORDS):
        ours = set() if _ill_formed(case) else failed & {1, 3, 5, 6}
        assert {WORDS[word] for word in bad} == ours or _stricter(case, bad)
    else:  # it stopped at something that it could not read, or at the shape
        assert failed, (bad, case["expect"])


def _ill_formed(case):
    """Whether the shape alone decides: one check failed and all others were not possible."""
    outcomes = sorted(case["expect"].values())
    return outcomes == ["failed", *["not possible"] * 6]


def _stricter(case, bad):
    """Spellings that DESIGN rules out and the independent checker reads all the same; both still say no if it does."""
    return _ill_formed(case) and bad
