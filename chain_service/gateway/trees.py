"""The raw readings behind a summary: an RFC 6962 tree, so that one reading can be shown without the others.

A leaf's data is the JCS of the reading with 16 random bytes of its own (`salt`): without them, who is shown one reading
could find its neighbours, which differ by tenths of a degree, from the hashes beside the path. Order: time, run, seq.
"""

import base64
import json
from typing import Any

from chain_service.kit import canonical, merkle
from chain_service.kit.digests import from_hex, to_hex

KIND = "chain-service/reading/1"
METHOD = "https://ns.chain-service.example/methods/readings-tree-1"  # dataProcessingMethod: this docstring
SALT_BYTES = 16
_NI = "ni:///sha-256;"


class InvalidProof(ValueError):
    """It proves nothing; the message says why."""


def record(device: str, row: Any, unit: str) -> dict[str, Any]:
    """A reading as it goes into the tree. `row`: a row of readings; `unit`: the one its value is kept in."""
    kind, _, component = row["kind"].partition(".")
    value = row["value"] if row["second"] is None else {"latitude": row["value"], "longitude": row["second"]}
    result = {
        "device": device,
        "seq": row["seq"],
        "at": row["at"],
        "received": row["received"],
        "type": kind,
        "value": value,
        "uom": unit,
        "salt": row["salt"].hex(),
    }
    if row["run"]:
        result["run"] = row["run"]
    if component:
        result["component"] = component
    if row["original"]:
        sent, sent_unit = json.loads(row["original"])
        result["sent"] = {"value": sent, "uom": sent_unit}
    return result


def leaf(reading: dict[str, Any]) -> bytes:
    """The leaf hash of a record()."""
    return merkle.leaf_hash(canonical.dumps(reading))


def digest_uri(root: bytes) -> str:
    """A root as rawData carries it (RFC 6920)."""
    return _NI + base64.urlsafe_b64encode(root).decode().rstrip("=")


def root_of(uri: str) -> bytes:
    """The root in a digest_uri(). Raises ValueError."""
    text = uri.removeprefix(_NI)
    try:
        root = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        root = b""
    if not uri.startswith(_NI) or len(root) != 32:
        raise ValueError(f"{uri[:80]} is no digest such as {_NI}…")
    return root


def proof(event_id: str, readings: list[dict[str, Any]], index: int) -> dict[str, Any]:
    """That the reading at a position is in the tree of these, for who holds the event's receipt."""
    tree = merkle.Tree([leaf(reading) for reading in readings])
    return {
        "type": KIND,
        "eventID": event_id,
        "rawData": digest_uri(tree.root),
        "reading": readings[index],
        "index": index,
        "count": len(readings),
        "path": [to_hex(sibling) for sibling in tree.path(index)],
    }


def check(proof: Any, event: Any = None) -> str:
    """What a proof shows, in a sentence. `event`: from a receipt; with it, that this carries the digest and the count.

    Raises InvalidProof. That the event itself is signed and sealed is for `chain-service verify` to say.
    """
    try:
        if proof["type"] != KIND:
            raise InvalidProof("this is no proof of a reading")
        root, count = root_of(proof["rawData"]), proof["count"]
        path = [from_hex(sibling, 32) for sibling in proof["path"]]
        reading = proof["reading"]
        led = merkle.root_from_path(leaf(reading), proof["index"], count, path)
        said = f"{reading['type']} {json.dumps(reading['value'])} {reading['uom']}"
    except InvalidProof:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidProof(f"this is no proof of a reading ({type(error).__name__})") from None
    if led != root:
        raise InvalidProof("the path does not lead from this reading to the digest: it is another reading")
    if event is None:
        return f"{said} is reading {proof['index'] + 1} of {count} behind {proof['rawData']}; no event was compared"
    if not _carries(event, proof):
        raise InvalidProof("the event does not carry this digest with this device, type and number of readings")
    return f"{said} is reading {proof['index'] + 1} of {count} behind event {event.get('eventID')}"


def _carries(event: Any, proof: dict[str, Any]) -> bool:
    reading = proof["reading"]
    for element in event.get("sensorElementList") or ():
        metadata = element.get("sensorMetadata") or {}
        if metadata.get("rawData") != proof["rawData"] or metadata.get("deviceID") != reading["device"]:
            continue
        counts = {report.get("cs:count") for report in element.get("sensorReport") or ()} - {None}
        return counts == {proof["count"]}
    return False
