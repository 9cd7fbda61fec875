"""`chain-service verify`: the seven checks on a receipt file, offline or against the reader's own network file."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from chain_service.kit import canonical
from chain_service.verification.declarations import Declarations
from chain_service.verification.node import NodeReader
from chain_service.verification.operators import ask
from chain_service.verification.outcome import Outcome, Verdict
from chain_service.verification.trust import InvalidTrust, Trust
from chain_service.verification.verdict import check

HOLDS, FAILED, UNREADABLE = 0, 1, 2
MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✕", Outcome.NOT_POSSIBLE: "?"}


def run(
    receipt: Path,
    network: Path | None = None,
    rpc: str | None = None,
    as_json: bool = False,
    operators: Sequence[str] = (),
    strict: bool = False,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Judges a receipt file ('-' is standard input), writes the verdict to `out` and returns the exit code.

    `network`: the reader's own network file, without which only what needs no chain is checked; `rpc`: a node to read
    instead of the one in that file; `operators`: base URLs to ask for error declarations; `strict`: one of the checks 1
    to 6 that was not possible counts as failed. Exit code: 0 when nothing failed, 1 when something did, 2 when a file
    cannot be read or is not JSON.
    """
    try:
        data = sys.stdin.buffer.read() if str(receipt) == "-" else receipt.read_bytes()
        value = canonical.parse(data)
        trust = _trust(network, rpc)
    except (OSError, canonical.InvalidJson, InvalidTrust) as error:
        print(f"cannot be read: {error}", file=err or sys.stderr)
        return UNREADABLE
    declarations = _declarations(operators, value)
    if trust is None:
        verdict = check(data, None, None, declarations)
    else:
        with NodeReader(trust) as chain:
            verdict = check(data, trust, chain, declarations)
    print(
        json.dumps(verdict.as_json(), ensure_ascii=False, indent=2) if as_json else told(verdict),
        file=out or sys.stdout,
    )
    return HOLDS if verdict.holds and (verdict.complete or not strict) else FAILED


def _trust(network: Path | None, rpc: str | None) -> Trust | None:
    if network is None:
        if rpc is not None:
            raise InvalidTrust("--rpc says where to ask, --network whom to trust: give both")
        return None
    trust = Trust.from_json(canonical.parse(network.read_bytes()))
    return trust if rpc is None else replace(trust, rpc=rpc)


def _declarations(urls: Sequence[str], value: object) -> Declarations | None:
    event = value.get("event") if isinstance(value, dict) else None
    event_id = event.get("eventID") if isinstance(event, dict) else None
    reporter = value.get("reporter") if isinstance(value, dict) else None
    partner = reporter.get("partner") if isinstance(reporter, dict) else None
    if not urls or not isinstance(event_id, str):
        return None
    return ask(urls, event_id, partner=partner if isinstance(partner, str) else None)


def told(verdict: Verdict) -> str:
    """The verdict for people: the sentence, then the checks by number."""
    lines = [verdict.sentence, ""]
    for made in verdict.checks:
        lines += [f"{MARKS[made.outcome]} {made.number}. {made.title}: {made.outcome.value}", f"     {made.reason}"]
    # A receipt is somebody else's text: nothing in it may steer the terminal.
    return "".join(c if c == "\n" or c.isprintable() else "\ufffd" for c in "\n".join(lines))
