"""The passport data endpoint beside an empty FastAPI route: requests a second, by the same client, in turns.

The service is the demo's, with its three sample journeys sealed; the passports asked for are those of a tin of infant
formula, the longest, and of a pair of sneakers. Asked as a browser does (gzip), and without compression.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.figures import Figure, against
from benchmarks.load import requests_per_second
from benchmarks.service import answering, sampled
from chain_service.local import Children, free_port

SECONDS = 2.0
TURNS = 3
REFERENCE = "empty FastAPI route, same uvicorn settings"


def run() -> Iterator[Figure]:
    """A figure for each passport, compressed, and one without compression."""
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
        url, journeys = sampled(Path(folder), children)
        port = free_port()
        children.start("empty", [sys.executable, "-m", "benchmarks.empty", str(port)])
        empty = answering(f"http://127.0.0.1:{port}", "/", children)
        first, *_, last = journeys
        yield _compared(f"{url}/v1/passports{first}", empty, "gzip")
        yield _compared(f"{url}/v1/passports{last}", empty, "gzip")
        yield _compared(f"{url}/v1/passports{first}", empty, "identity")


def _compared(url: str, empty: str, encoding: str) -> Figure:
    headers = {"Accept-Encoding": encoding}
    passport = httpx.get(url, headers=headers, trust_env=False)
    size = int(passport.headers["Content-Length"])
    ours, theirs = 0.0, 0.0
    for _ in range(TURNS):
        ours = max(ours, requests_per_second(url, headers, SECONDS))
        theirs = max(theirs, requests_per_second(f"{empty}/", headers, SECONDS))
    title = f"Passport of {len(passport.json()['steps'])} steps, {size:,} bytes ({encoding})"
    return against(title, ours, "requests/s", REFERENCE, theirs, at_least=0.5)
