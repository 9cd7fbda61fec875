"""How long a statement waits for its seal under steady load, on a chain with a block every second.

Accepted: the `202` of the capture has arrived. Sealed: the receipt of the document's last event answers `200`. Both as
a partner sees them over HTTP, with `serve` and `worker` in processes of their own and the default settings.
"""

import json
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx

from benchmarks.chain import deployed
from benchmarks.documents import SMALL, documents, kind
from benchmarks.figures import Figure, quantile, within
from chain_service.local import Children

DOCUMENTS_A_SECOND = 4
EVENTS = 25  # in each document
SECONDS = 25
LONGEST = 60.0  # seconds until a seal is given up
TARGET = 3.0
_LOOK = 0.02


def run() -> Iterator[Figure]:
    """The 95th percentile, and the median."""
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
        _, service = deployed(Path(folder), children, block_seconds=1)
        url = service.serve(children)
        service.work(children)
        waits = _waits(url, service.token)
    load = f"{DOCUMENTS_A_SECOND * EVENTS} events/s for {SECONDS} s, 1 s blocks"
    yield within(f"Accepted to sealed, 95th percentile, {load}", quantile(waits, 0.95), "s", TARGET)
    yield Figure(f"Accepted to sealed, median, {load}", quantile(waits, 0.5), "s")


def _waits(url: str, token: str) -> list[float]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/ld+json"}
    source = documents(kind("small", SMALL), EVENTS)
    open_since: deque[tuple[float, str]] = deque()  # when accepted, and whose receipt to ask for; sealed in this order
    waits: list[float] = []
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        began = time.monotonic()
        for number in range(DOCUMENTS_A_SECOND * SECONDS):
            due = began + number / DOCUMENTS_A_SECOND
            while time.monotonic() < due:
                _look(client, open_since, waits)
            document = next(source)
            client.post("/epcis/capture", content=document, headers=headers).raise_for_status()
            last = json.loads(document)["epcisBody"]["eventList"][-1]["eventID"]
            open_since.append((time.monotonic(), last))
        while open_since:
            _look(client, open_since, waits)
            if open_since and time.monotonic() - open_since[0][0] > LONGEST:
                raise RuntimeError("a statement was not sealed")
    return waits


def _look(client: httpx.Client, open_since: deque[tuple[float, str]], waits: list[float]) -> None:
    if open_since and client.get(f"/v1/receipts/{quote(open_since[0][1], safe='')}").status_code == 200:
        waits.append(time.monotonic() - open_since.popleft()[0])
    else:
        time.sleep(_LOOK)
