"""What a gateway says of itself: devices, counts, what was refused and why, and what waits to be sent."""

import json
import sqlite3
from typing import Any

from chain_service.gateway import trees
from chain_service.gateway.events import unit_of
from chain_service.kit.clock import iso

_GOOD = ("stored", "duplicate")


def status(connection: sqlite3.Connection) -> dict[str, Any]:
    """All of it as JSON."""
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute("SELECT * FROM counts ORDER BY device, word"):
        counts.setdefault(row["device"], {})[row["word"]] = row["count"]
    devices = [
        {
            "name": row["name"],
            "deviceID": row["device_id"],
            "item": row["item"],
            "signs": row["nonce"] is not None,
            "revoked": row["revoked"] is not None,
            "lastReadingAt": None if row["last"] is None else iso(row["last"]),
            **_split(counts.pop(row["name"], {})),
        }
        for row in connection.execute(
            "SELECT d.*, (SELECT item FROM assignments a WHERE a.device = d.id ORDER BY since DESC LIMIT 1) AS item, "
            "(SELECT max(at) FROM newest n WHERE n.device = d.id) AS last FROM devices d ORDER BY name"
        )
    ]
    beat = connection.execute("SELECT value FROM facts WHERE name = 'beat'").fetchone()
    states = dict(connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    return {
        "atBroker": None if beat is None else iso(beat["value"]),
        "devices": devices,
        "others": counts,
        "outbox": {name: states.get(name, 0) for name in ("waiting", "posted", "refused")},
        "problems": _problems(connection),
    }


def in_words(told: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"last at the broker: {told['atBroker'] or 'never'}"]
    for device in told["devices"]:
        state = "revoked" if device["revoked"] else device["item"]
        signs = ", signs" if device["signs"] else ""
        lines.append(f"{device['name']}  {state}{signs}")
        last = device["lastReadingAt"] or "none yet"
        lines.append(f"  readings {device['stored']}, sent twice {device['duplicate']}, last {last}")
        lines += [f"  refused {reason}: {number}" for reason, number in device["refused"].items()]
    for name, counts in told["others"].items():
        lines += [f"{name}  {reason}: {number}" for reason, number in counts.items()]
    lines.append("outbox: " + ", ".join(f"{number} {state}" for state, number in told["outbox"].items()))
    lines += [f"  {each['eventID']} {each['state']}: {each['problem']}" for each in told["problems"]]
    return _safe("\n".join(lines))


def refused(connection: sqlite3.Connection, device: str | None, most: int) -> list[str]:
    """The last messages that were refused, one a line, the newest last."""
    query = "SELECT * FROM refused WHERE ? IS NULL OR device = ? ORDER BY id DESC LIMIT ?"
    rows = connection.execute(query, (device, device, most)).fetchall()
    return [
        _safe(
            f"{iso(row['received'])} {row['device']} {row['reason']}: {row['detail']}: "
            + row["payload"][:200].decode("utf-8", "backslashreplace")
        )
        for row in reversed(rows)
    ]


def readings(connection: sqlite3.Connection, digest: str) -> tuple[str, list[dict[str, Any]]]:
    """The eventID and the raw readings behind a digest, in the order of the tree. Raises ValueError."""
    part = connection.execute("SELECT * FROM parts WHERE digest = ?", (trees.root_of(digest),)).fetchone()
    if part is None:
        raise ValueError("no event of this gateway has that digest")
    (device,) = connection.execute("SELECT device_id FROM devices WHERE id = ?", (part["device"],)).fetchone()
    rows = connection.execute("SELECT * FROM readings WHERE part = ? ORDER BY at, run, seq", (part["id"],)).fetchall()
    if len(rows) < part["count"]:
        raise ValueError(f"its readings are past their retention: {len(rows)} of {part['count']} are still here")
    return part["event_id"], [trees.record(device, row, unit_of(row["kind"])) for row in rows]


def _split(counts: dict[str, int]) -> dict[str, Any]:
    wrong = {word: number for word, number in counts.items() if word not in _GOOD}
    return {**{word: counts.get(word, 0) for word in _GOOD}, "refused": wrong}


def _problems(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    rows = connection.execute("SELECT * FROM outbox WHERE problem IS NOT NULL ORDER BY id DESC LIMIT 20").fetchall()
    return [
        {"eventID": row["event_id"], "state": row["state"], "problem": _said(json.loads(row["problem"]))}
        for row in rows
    ]


def _said(problem: dict[str, Any]) -> str:
    places = "; ".join(str(each.get("detail", "")) for each in problem.get("errors") or ())
    return f"{problem.get('detail') or problem.get('title')}{f' ({places})' if places else ''}"


def _safe(text: str) -> str:
    """Names and payloads are somebody else's: nothing in them may steer the terminal."""
    return "".join(c if c == "\n" or c.isprintable() else "\ufffd" for c in text)
