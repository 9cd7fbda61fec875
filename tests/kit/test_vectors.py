"""The kit against the shared vectors (published values among them) and the design's own."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from chain_service.anchoring.statement import derive, subjects
from chain_service.events.facts import identifiers
from chain_service.kit import canonical, merkle
from chain_service.kit.clock import parse_time
from chain_service.kit.digests import event_digest, from_hex, keccak256, sha256, to_hex
from chain_service.kit.eip712 import Statement, recover, sign, statement_digest

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "vectors.json").read_text())
PUBLISHED = VECTORS["published"]
DESIGN = ROOT.parent / "shared" / "data" / "design-vectors.json"
needs_design = pytest.mark.skipif(not DESIGN.exists(), reason=f"{DESIGN} is not here")


def design(section):
    return json.loads(DESIGN.read_text())[section]


def raws(texts):
    return [from_hex(text) for text in texts]


def test_vector_file_is_what_its_generator_writes():
    assert subprocess.run([sys.executable, ROOT / "tests" / "vectors" / "make.py", "--check"]).returncode == 0


def test_published_certificate_transparency_tree():
    reference = PUBLISHED["rfc6962"]
    leaves = [merkle.leaf_hash(data) for data in raws(reference["leafData"])]
    assert [to_hex(leaf) for leaf in leaves] == reference["leafHashes"]
    for size, expected in enumerate(reference["roots"]):
        assert to_hex(merkle.root(leaves[:size])) == expected
    for proof in reference["paths"]:
        size, index, siblings = proof["size"], proof["index"], raws(proof["path"])
        assert merkle.path(leaves[:size], index) == siblings
        assert to_hex(merkle.root_from_path(leaves[index], index, size, siblings)) == reference["roots"][size]


def test_published_eip712_example():
    mail = PUBLISHED["eip712"]

    def word(text):
        return keccak256(text.encode())

    def person(value):
        return keccak256(word(mail["personType"]) + word(value["name"]) + from_hex(value["wallet"]).rjust(32, b"\0"))

    domain = mail["domain"]
    separator = keccak256(
        word(mail["domainType"])
        + word(domain["name"])
        + word(domain["version"])
        + domain["chainId"].to_bytes(32, "big")
        + from_hex(domain["verifyingContract"]).rjust(32, b"\0")
    )
    message = mail["message"]
    struct_hash = keccak256(
        word(mail["mailType"]) + person(message["from"]) + person(message["to"]) + word(message["contents"])
    )
    assert to_hex(separator) == mail["domainSeparator"]
    assert to_hex(struct_hash) == mail["structHash"]
    digest = keccak256(b"\x19\x01" + separator + struct_hash)
    assert to_hex(digest) == mail["digest"]
    assert recover(digest, from_hex(mail["signature"])) == mail["address"]
    assert to_hex(sign(digest, keccak256(b"cow"))) == mail["signature"]


@pytest.mark.parametrize("number", PUBLISHED["rfc8785"]["numbers"], ids=lambda number: number["text"])
def test_published_jcs_numbers(number):
    (value,) = struct.unpack(">d", bytes.fromhex(number["ieee"]))
    assert canonical.dumps(value).decode() == number["text"]


def test_published_jcs_sorting():
    sorting = PUBLISHED["rfc8785"]["sorting"]
    text = canonical.dumps(canonical.parse(sorting["text"].encode()))
    assert list(json.loads(text).values()) == sorting["values"]


@pytest.mark.parametrize("accepted", VECTORS["json"]["accepted"], ids=lambda accepted: accepted["text"][:30])
def test_accepted_json_has_its_canonical_form(accepted):
    assert canonical.dumps(canonical.parse(accepted["text"].encode())).decode() == accepted["canonical"]


@pytest.mark.parametrize("refused", VECTORS["json"]["refused"], ids=lambda refused: refused["text"][:30])
def test_refused_json_raises_invalid_json(refused):
    with pytest.raises(canonical.InvalidJson):
        canonical.parse(refused["text"].encode())


@pytest.mark.parametrize("refused", VECTORS["json"]["refusedBytes"], ids=lambda refused: refused["why"])
def test_refused_bytes_raise_invalid_json(refused):
    with pytest.raises(canonical.InvalidJson):
        canonical.parse(bytes.fromhex(refused["hex"]))


@pytest.mark.parametrize("accepted", VECTORS["times"]["accepted"], ids=lambda accepted: accepted["text"])
def test_times_are_milliseconds(accepted):
    assert parse_time(accepted["text"]) == accepted["milliseconds"]


@pytest.mark.parametrize("text", VECTORS["times"]["refused"])
def test_refused_times_raise_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 (the reason is for people)
        parse_time(text)


def check_statement(vector, derived):
    statement = Statement.from_json(vector["statement"])
    assert derived == statement
    digest = statement_digest(statement, vector["network"])
    signature = from_hex(vector["signature"])
    assert to_hex(digest) == vector["digest"]
    assert recover(digest, signature) == vector["address"].lower()
    assert to_hex(digest + signature) == vector["leafData"]
    assert to_hex(merkle.leaf_hash(digest + signature)) == vector["leafHash"]


@pytest.mark.parametrize("vector", VECTORS["statements"], ids=lambda vector: vector["name"])
def test_statement_follows_from_the_event_up_to_the_leaf(vector):
    salt = from_hex(vector["salt"])
    assert canonical.dumps(vector["event"]).decode() == vector["canonical"]
    assert to_hex(event_digest(salt, vector["event"])) == vector["statement"]["eventDigest"]
    assert {name for _, name in identifiers(vector["event"])} == set(vector["identifiers"])
    check_statement(vector, derive(vector["event"], salt))


@needs_design
@pytest.mark.parametrize("number", range(6))
def test_statement_of_the_design_vectors(number):
    vector = design("statements")[number]
    assert canonical.dumps(vector["event"]).decode() == vector["jcs"]
    check_statement(vector, derive(vector["event"], from_hex(vector["salt"])))
    digest = from_hex(vector["digest"])
    assert to_hex(sign(digest, from_hex(vector["privateKey"]))) == vector["signature"]


@needs_design
def test_trees_of_the_design_vectors():
    for tree in design("trees"):
        given = tree["leafData"]
        data = raws(given) if isinstance(given, list) else [data_by_rule(i) for i in range(tree["n"])]
        leaves = [merkle.leaf_hash(leaf) for leaf in data]
        assert to_hex(merkle.root(leaves)) == tree["root"]
        for index, siblings in tree["paths"].items():
            assert [to_hex(sibling) for sibling in merkle.path(leaves, int(index))] == siblings


def data_by_rule(i):
    """'SHA-256 of the ASCII decimal i, three times, then its first byte', as the large trees say."""
    digest = sha256(str(i).encode())
    return digest * 3 + digest[:1]


@needs_design
def test_subjects_of_the_design_vectors():
    for vector in design("subjects"):
        assert to_hex(subjects(vector["identifiers"])) == vector["root"]


@pytest.mark.parametrize("vector", VECTORS["subjects"], ids=lambda vector: str(len(vector["identifiers"])))
def test_subjects_are_unique_and_sorted(vector):
    assert to_hex(subjects(vector["identifiers"])) == vector["root"]


@pytest.mark.parametrize("tree", VECTORS["trees"], ids=lambda tree: str(tree["size"]))
def test_every_path_leads_to_the_root(tree):
    leaves = raws(tree["leafHashes"])
    assert to_hex(merkle.root(leaves)) == tree["root"]
    for index, expected in enumerate(tree["paths"]):
        siblings = merkle.path(leaves, index)
        assert [to_hex(sibling) for sibling in siblings] == expected
        assert to_hex(merkle.root_from_path(leaves[index], index, tree["size"], siblings)) == tree["root"]


@pytest.mark.parametrize("proof", VECTORS["refusedPaths"], ids=lambda proof: proof["why"])
def test_wrong_paths_do_not_lead_to_the_root(proof):
    found = merkle.root_from_path(from_hex(proof["leafHash"]), proof["index"], proof["count"], raws(proof["path"]))
    assert found is None or to_hex(found) != proof["root"]
