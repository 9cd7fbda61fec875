"""Writes vectors.json beside this file: `python tests/vectors/make.py`. No code of the project is used (README.md).

`python tests/vectors/make.py --check` writes nothing and exits 1 when the file differs.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import cases
import published
import receipts
import rfc8785
import texts
from events import EVENTS
from oracle import address, hexed, leaf_hash, path, private_key, root, sha, statement_digest, subjects

FILE = Path(__file__).parent / "vectors.json"
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17)


def statements(sealed: dict[str, Any]) -> list[dict[str, Any]]:
    """Each event with all that follows from it, up to the leaf."""
    found = []
    for name, receipt in sealed.items():
        if name.startswith(("signature", "waiting", "forged", "step", "subjects", "time", "digest", "event with")):
            continue
        digest = statement_digest(receipt["statement"], receipt["network"])
        data = receipts.leaf_data(receipt)
        event_name = next(n for n, (event, _) in EVENTS.items() if event == receipt["event"])
        found.append(
            {
                "name": name,
                "network": receipt["network"],
                "event": receipt["event"],
                "canonical": rfc8785.dumps(receipt["event"]).decode(),
                "salt": receipt["salt"],
                "identifiers": EVENTS[event_name][1]["identifiers"],
                "statement": receipt["statement"],
                "digest": hexed(digest),
                "address": receipt["reporter"]["address"],
                "signature": receipt["reporter"]["signature"],
                "leafData": hexed(data),
                "leafHash": hexed(leaf_hash(data)),
            }
        )
    return found


def trees() -> list[dict[str, Any]]:
    found = []
    for size in SIZES:
        hashes = [leaf_hash(sha(f"leaf {i}".encode())) for i in range(size)]
        found.append(
            {
                "size": size,
                "leafHashes": [hexed(h) for h in hashes],
                "root": hexed(root(hashes)),
                "paths": [[hexed(sibling) for sibling in path(hashes, i)] for i in range(size)],
            }
        )
    return found


def refused_paths() -> list[dict[str, Any]]:
    """Proofs that prove nothing: each names what is wrong with it."""
    hashes = [leaf_hash(sha(f"leaf {i}".encode())) for i in range(7)]
    good = path(hashes, 6)
    other = path(hashes, 2)
    inner = root(hashes[:2])
    proofs = [
        ("another position", hashes[2], 3, 7, other),
        ("a position outside", hashes[2], 7, 7, other),
        ("the last position of 32 bits", hashes[2], 2**32 - 1, 7, other),
        ("no leaves at all", hashes[2], 0, 0, []),
        ("one element too few", hashes[2], 2, 7, other[:-1]),
        ("one element too many", hashes[2], 2, 7, [*other, other[0]]),
        ("elements swapped", hashes[2], 2, 7, other[::-1]),
        ("one bit changed", hashes[2], 2, 7, [bytes([other[0][0] ^ 1]) + other[0][1:], *other[1:]]),
        ("another leaf", hashes[3], 2, 7, other),
        ("a count of another shape", hashes[6], 6, 16, good),
        ("an inner node as leaf", inner, 0, 7, path(hashes, 0)[1:]),
        ("no path where one is due", hashes[0], 0, 7, []),
    ]
    return [
        {
            "why": why,
            "leafHash": hexed(leaf),
            "index": index,
            "count": count,
            "path": [hexed(sibling) for sibling in siblings],
            "root": hexed(root(hashes)),
        }
        for why, leaf, index, count, siblings in proofs
    ]


def subject_sets() -> list[dict[str, Any]]:
    sets = [EVENTS[name][1]["identifiers"] for name in ("nothing named", "first", "packing", "shipping")]
    sets.append([f"https://id.gs1.org/01/09521234543213/21/S{i}" for i in range(11)])
    return [{"identifiers": names, "root": subjects(names)} for names in sets]


def everything() -> dict[str, Any]:
    sealed, seals = receipts.everything()
    signers = sorted([*receipts.SIGNERS, "carrier two", "stranger"])
    return {
        "note": "Shared by the Python, JavaScript and Solidity tests; README.md says what is what.",
        "published": published.section(),
        "json": texts.json_section(),
        "times": texts.time_section(),
        "keys": [{"name": n, "privateKey": hexed(private_key(n)), "address": address(n)} for n in signers],
        "statements": statements(sealed),
        "subjects": subject_sets(),
        "trees": trees(),
        "refusedPaths": refused_paths(),
        "trust": {"main": receipts.TRUST},
        "chains": receipts.chains(seals),
        "receipts": sealed,
        "cases": [
            *cases.situations(sealed),
            *cases.altered(sealed),
            *cases.ill_formed(sealed),
            *cases.texts(sealed),
        ],
    }


def main() -> int:
    text = json.dumps(everything(), ensure_ascii=False, indent=1) + "\n"
    if "--check" in sys.argv:
        return int(FILE.read_text() != text)
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
