"""What each check must say of good, altered and ill-formed receipts."""

import json
from typing import Any

from oracle import address
from receipts import NETWORK, TRUST

PASSED, FAILED, IMPOSSIBLE = "passed", "failed", "not possible"
BASE = "shipping"


def outcome(failed: list[int], impossible: list[int]) -> dict[str, str]:
    return {str(n): FAILED if n in failed else IMPOSSIBLE if n in impossible else PASSED for n in range(1, 8)}


def case(name: str, receipt: str, failed: list[int], impossible: list[int], **more: Any) -> dict[str, Any]:
    """One question: by default the whole truth is at hand, and operators know of no declaration."""
    return {
        "name": name,
        "receipt": receipt,
        "change": None,
        "trust": "main",
        "chain": "main",
        "declarations": [],
        "expect": outcome(failed, impossible),
        "notes": [],
        **more,
    }


def change(pointer: str, value: Any) -> dict[str, Any]:
    return {"op": "set", "pointer": pointer, "value": value}


def removal(pointer: str) -> dict[str, Any]:
    return {"op": "remove", "pointer": pointer}


def after(failed: list[int]) -> list[int]:
    """What is not possible once these failed: 4 without a signer, a path or a seal; 7 without a signer."""
    return [n for n, needs in ((4, {3, 5, 6}), (7, {3})) if needs & set(failed)]


def altered(receipts: dict[str, Any]) -> list[dict[str, Any]]:
    """Every member changed to another well-formed value."""
    base = receipts[BASE]
    flip = {"0": "1"}
    longer = [*base["path"], "0x" + "00" * 32]

    def flipped(text: str) -> str:
        return text[:-1] + flip.get(text[-1], "0")

    changes: list[tuple[str, Any, list[int], list[str]]] = [
        ("/network", "demo-0123456789abcdef", [3, 5, 6], []),
        ("/event/disposition", "active", [1, 2], []),
        ("/event/eventID", "urn:uuid:00000000-0000-4000-8000-000000000077", [1], []),
        ("/event/eventTime", "2026-11-01T08:30:01.1239+08:00", [1, 2], []),
        ("/event/eventTimeZoneOffset", "+09:00", [1], []),
        ("/event/epcList/1", "https://id.gs1.org/01/09521234543213/21/A3", [1, 2], []),
        ("/event/epcList/2", "https://id.gs1.org/01/09521234543213/21/A2", [1], []),
        ("/event/action", "DELETE", [1, 2], []),
        ("/event/note", "added afterwards", [1], []),
        ("/event/errorDeclaration", {"declarationTime": "2026-11-06T00:00:00Z"}, [1, 2], []),
        ("/salt", flipped(base["salt"]), [1], []),
        ("/eventHash", "ni:///sha-256;" + "00" * 32 + "?ver=CBV2.0", [], []),
        ("/statement/eventDigest", flipped(base["statement"]["eventDigest"]), [1, 3, 5], []),
        ("/statement/subjects", flipped(base["statement"]["subjects"]), [2, 3, 5], []),
        ("/statement/step", "https://ref.gs1.org/cbv/BizStep-receiving", [2, 3, 5], []),
        ("/statement/disposition", "", [2, 3, 5], []),
        ("/statement/place", "https://id.gs1.org/414/9521321000018", [2, 3, 5], []),
        ("/statement/eventTime", base["statement"]["eventTime"] + 1, [2, 3, 5], []),
        ("/statement/flags", 1, [2, 3, 5], []),
        ("/statement/flags", 2**32 - 1, [2, 3, 5], []),
        ("/reporter/partner", "did:web:somebody-else.example", [], ["name_not_confirmed"]),
        ("/reporter/address", address("dairy"), [3], []),
        ("/reporter/signature", flipped(base["reporter"]["signature"][:-2]) + "1b", [3, 5], []),
        ("/reporter/signature", base["reporter"]["signature"][:-2] + "1d", [3, 5], []),
        ("/reporter/signature", "0x" + "ff" * 64 + "1b", [3, 5], []),
        ("/reporter/custody", "operator", [], ["custody_differs"]),
        ("/batch/operator", address("retired operator"), [6], []),
        ("/batch/number", 2, [6], []),
        ("/batch/number", 99, [6], []),
        ("/batch/number", 2**53 - 1, [6], []),
        ("/batch/first", base["batch"]["first"] + 1, [6], []),
        ("/batch/count", base["batch"]["count"] + 1, [6], []),
        ("/batch/count", 1, [5, 6], []),
        ("/batch/count", 0, [5, 6], []),
        ("/batch/count", 2**32 - 1, [5, 6], []),
        ("/batch/root", flipped(base["batch"]["root"]), [5, 6], []),
        ("/index", 1, [5], []),
        ("/index", base["batch"]["count"], [5], []),
        ("/index", 2**32 - 1, [5], []),
        ("/path/0", flipped(base["path"][0]), [5], []),
        ("/path", [], [5], []),
        ("/path", base["path"][:-1], [5], []),
        ("/path", longer, [5], []),
        ("/path", base["path"][::-1], [5], []),
        ("/anchor/chainId", 1, [6], []),
        ("/anchor/contract", "0x" + "c3" * 20, [6], []),
        ("/anchor/transaction", "0x" + "00" * 32, [], []),
        ("/anchor/block", 0, [], []),
        ("/anchor/sealedAt", 0, [], ["seal_moved"]),
        ("/anchor/sealedAt", 2**53 - 1, [], ["seal_moved"]),
    ]
    return [
        case(f"altered {pointer} to {json.dumps(value)[:40]}", BASE, failed, after(failed), notes=notes)
        | {"change": change(pointer, value)}
        for pointer, value, failed, notes in changes
    ]


# The check that an ill-formed member fails; objects own their unknown members.
OWNER = {
    "": 1,
    "/type": 1,
    "/network": 3,
    "/event": 1,
    "/salt": 1,
    "/eventHash": 1,
    "/statement": 2,
    "/statement/eventDigest": 1,
    "/statement/subjects": 2,
    "/statement/step": 2,
    "/statement/disposition": 2,
    "/statement/place": 2,
    "/statement/eventTime": 2,
    "/statement/flags": 2,
    "/reporter": 3,
    "/reporter/partner": 4,
    "/reporter/address": 3,
    "/reporter/signature": 3,
    "/reporter/custody": 4,
    "/batch": 5,
    "/batch/operator": 6,
    "/batch/number": 6,
    "/batch/first": 6,
    "/batch/count": 5,
    "/batch/root": 5,
    "/index": 5,
    "/path": 5,
    "/anchor": 6,
    "/anchor/chainId": 6,
    "/anchor/contract": 6,
    "/anchor/transaction": 6,
    "/anchor/block": 6,
    "/anchor/sealedAt": 6,
}


def ill_formed(receipts: dict[str, Any]) -> list[dict[str, Any]]:
    """Every member missing, null, of another type, out of range; unknown members in every object."""
    base = receipts[BASE]
    found = []

    def add(name: str, check: int, what: dict[str, Any]) -> None:
        others = [n for n in range(1, 8) if n != check]
        found.append(case(f"{name} {what['pointer']}", BASE, [check], others) | {"change": what})

    for pointer, check in OWNER.items():
        held: Any = base
        for name in filter(None, pointer.split("/")):
            held = held[name]
        if isinstance(held, dict) and pointer != "/event":
            add("unknown member", check, change(f"{pointer}/extra", None))
        if not pointer:
            continue
        add("missing", check, removal(pointer))
        add("null", check, change(pointer, None))
        add("list at", check, change(pointer, [1]))
        if isinstance(held, int):
            for value in (-1, str(held), True, 0.5):
                add(f"{json.dumps(value)} at", check, change(pointer, value))
        elif isinstance(held, str) and held.startswith("0x"):
            for value in (held[:-2], held + "00", held[2:], "0X" + held[2:], held[:-1] + "g", held[:-1] + " "):
                add(f"{value[:2]}…{value[-3:]} at", check, change(pointer, value))
            add("upper case at", check, change(pointer, "0x" + held[2:-1].upper() + "F"))
        elif isinstance(held, str):
            add("number at", check, change(pointer, 1))
    add("another type", 1, change("/type", "chain-service/receipt/2"))
    add("unknown custody", 4, change("/reporter/custody", "nobody"))
    for pointer, bits in (("/statement/flags", 32), ("/batch/count", 32), ("/index", 32)):
        add("2^32 at", OWNER[pointer], change(pointer, 2**bits))
    add("33 elements at", 5, change("/path", ["0x" + "00" * 32] * 33))
    add("short element in", 5, change("/path/0", "0x" + "00" * 31))
    add("upper-case element in", 5, change("/path/0", "0x" + "AB" * 32))
    return found


def situations(receipts: dict[str, Any]) -> list[dict[str, Any]]:
    """Whole receipts in other circumstances."""
    good = [
        case(f"holds: {name}", name, [], []) for name in ("first", BASE, "names", "packing", "alarm", "words of others")
    ]
    good += [
        case("holds, recorded late: nothing named", "nothing named", [], [], notes=["recorded_late"]),
        case("holds, recorded late: declaration", "declaration", [], [], notes=["recorded_late"]),
        case("holds, said to happen after its seal: transaction", "transaction", [], []),
        case("holds: transformation", "transformation", [], []),
        case("holds: association", "association", [], []),
    ]
    other_contract = {**TRUST, "contracts": {**TRUST["contracts"], "AnchorLog": "0x" + "c3" * 20}}
    places = [
        case("offline", BASE, [], [4, 6, 7], trust=None, chain=None, declarations=None),
        case("network known, chain not asked", BASE, [], [4, 6], chain=None),
        case("chain not reachable", BASE, [], [4, 6], chain="unreachable"),
        case("the node serves another network", BASE, [], [4, 6], chain="other network"),
        case("the node serves another chain", BASE, [], [4, 6], chain="other chain id"),
        case("the verifier trusts another network", BASE, [6], [4], trust={**TRUST, "network": f"x{NETWORK}"}),
        case("the verifier trusts another chain", BASE, [6], [4], trust={**TRUST, "chainId": 1}),
        case("the verifier trusts another contract", BASE, [6], [4], trust=other_contract),
        case("the chain holds no seal", BASE, [6], [4], chain="empty"),
        case("the seal moved", BASE, [], [], chain="moved by a minute", notes=["seal_moved"]),
        case("sealed again on a new chain", BASE, [], [], chain="begun anew", notes=["seal_moved", "recorded_late"]),
        case(
            "sealed again on a new chain after the key ended",
            "signed by an ended key",
            [],
            [4],
            chain="begun anew",
            notes=["seal_moved", "recorded_late"],
        ),
        case("key good until the second of the seal", BASE, [4], [], chain="key good until the second of the seal"),
        case("key good from the second of the seal", BASE, [], [], chain="key good from the second of the seal"),
        case("waiting", "waiting", [], [4, 5, 6]),
        case("waiting, altered", "waiting", [1], [4, 5, 6]) | {"change": change("/event/eventID", "urn:x:1")},
        case("waiting, offline", "waiting", [], [4, 5, 6, 7], trust=None, chain=None, declarations=None),
    ]
    rogue = [
        case("signed by a stranger", "signed by a stranger", [4], []),
        case("signed by a gateway", "signed by a gateway", [4], []),
        case("signed by an early key", "signed by an early key", [4], []),
        case("signed by an ended key", "signed by an ended key", [4], []),
        case("signed by a suspended partner", "signed by a suspended partner", [4], []),
        case("signed by a compromised key", "signed by a compromised key", [4], []),
        case("step not of the event", "step not of the event", [2], []),
        case("subjects not of the event", "subjects not of the event", [2], []),
        case("time not of the event", "time not of the event", [2], []),
        case("digest not of the event", "digest not of the event", [1], []),
        case("event with a wrong check digit", "event with a wrong check digit", [2], []),
        case("signature with high s", "signature with high s", [3], [4, 7]),
        case("signature with v 0 or 1", "signature with v 0 or 1", [3], [4, 7]),
        case("signature of zeros", "signature of zeros", [3], [4, 7]),
        case("sealed by a retired operator", "sealed by a retired operator", [6], [4]),
    ]
    declared = [
        case("declared erroneous", BASE, [7], [], declarations=["declaration"]),
        case("declared erroneous, not sealed yet", BASE, [7], [], declarations=["waiting declaration"]),
        case("declared by the partner's other key", BASE, [7], [], declarations=["declaration by second key"]),
        case("declared by another partner", BASE, [], [], declarations=["declaration by another partner"]),
        case("a forged declaration", BASE, [], [], declarations=["forged declaration"]),
        case("another event declared", BASE, [], [], declarations=["declaration of another event", BASE]),
        case("declared, chain not reachable", BASE, [7], [4, 6], chain="unreachable", declarations=["declaration"]),
        case(
            "declared by who knows whom, chain not reachable",
            BASE,
            [],
            [4, 6, 7],
            chain="unreachable",
            declarations=["declaration by second key"],
        ),
        case("nobody asked", BASE, [], [7], declarations=None),
    ]
    return good + places + rogue + declared


def texts(receipts: dict[str, Any]) -> list[dict[str, Any]]:
    """Receipts that only strict reading refuses: `text` stands for the file's bytes."""
    compact = json.dumps(receipts[BASE], separators=(",", ":"))
    return [
        case(name, BASE, [check], [n for n in range(1, 8) if n != check], text=text)
        for name, text, check in (
            ("a name twice", compact.replace('"index":0', '"index":1,"index":0'), 1),
            ("a name twice in the event", compact.replace('"action":', '"action":"ADD","action":'), 1),
            ("a lone surrogate in the event", compact.replace('"OBSERVE"', '"OBSERVE\\ud800"'), 1),
            ("a number that no double holds", compact.replace('"action":', '"n":0.10000000000000001,"action":'), 1),
            ("cut short", compact[:-1], 1),
            ("not an object", "[]", 1),
            ("nothing", "", 1),
            ("an index with a point", compact.replace('"index":0', '"index":0.0'), 5),
        )
    ]
