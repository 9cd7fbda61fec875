"""Capture over HTTP until all is stored and signed, beside the reference event-hash generator hashing alone.

Ours: one `serve` process on SQLite takes documents of 1,000 events one after another; measured from the first byte sent
until the last job has finished, with strict parsing, validation, event hash, digest, signature and durable storage.
Reference: `epcis_hashes_from_events` of epcis-event-hash-generator 1.9.3 on the same documents, already parsed and
converted to its own form, which it is not charged for. Both in turns, the best turn of each.
"""

import copy
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from benchmarks.documents import LARGE, SMALL, Kind, documents, kind, shipments
from benchmarks.figures import Figure, against
from benchmarks.service import Service, prepare
from chain_service.local import Children

EVENTS = 1000
DOCUMENTS = 5  # in each turn
TURNS = 4
REFERENCE = "epcis-event-hash-generator 1.9.3, hashing alone"


def run() -> Iterator[Figure]:
    """One figure for each kind of event."""
    for of in (kind("small sample events", SMALL), kind("large sample events", LARGE), shipments(20)):
        with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
            service = prepare(Path(folder))
            yield _compared(of, service, service.serve(children))


def _compared(of: Kind, service: Service, url: str) -> Figure:
    source = documents(of, EVENTS)
    ours, theirs, size = 0.0, 0.0, 0
    captured(url, service.token, list(islice(source, 1)))  # what a process does only once
    for _ in range(TURNS):
        chosen = list(islice(source, DOCUMENTS))
        size = len(chosen[0]) // EVENTS
        ours = max(ours, DOCUMENTS * EVENTS / captured(url, service.token, chosen))
        theirs = max(theirs, EVENTS / _hashed(chosen[0]))
    return against(f"Capture, {of.name}, {size:,} bytes each", ours, "events/s", REFERENCE, theirs, at_least=1.0)


def captured(url: str, token: str, chosen: list[bytes]) -> float:
    """Seconds from the first request until the last job has finished."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/ld+json"}
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        began = time.perf_counter()
        jobs = []
        for document in chosen:
            answer = client.post("/epcis/capture", content=document, headers=headers)
            if answer.status_code != 202:
                raise RuntimeError(f"not captured: {answer.status_code} {answer.text[:500]}")
            jobs.append(answer.headers["Location"])
        for job in jobs:
            while (state := client.get(job, headers=headers).json())["running"]:
                time.sleep(0.03)
            if not state["success"] or len(state["promise"]["statements"]) != EVENTS:
                raise RuntimeError(f"not all was stored: {state['errors'][:3]}")
        return time.perf_counter() - began


def _hashed(document: bytes) -> float:
    """Seconds that the reference takes for the events of a document, its reading and conversion left out."""
    from epcis_event_hash_generator import file_document_loader  # noqa: F401  (lets it find its JSON-LD contexts)
    from epcis_event_hash_generator.hash_generator import epcis_hashes_from_events
    from epcis_event_hash_generator.json_to_py import event_list_from_epcis_document_str

    events: Any = event_list_from_epcis_document_str(document.decode())
    began = time.perf_counter()
    hashes = epcis_hashes_from_events(copy.copy(events))
    seconds = time.perf_counter() - began
    if len(hashes) != EVENTS:
        raise RuntimeError("the reference did not hash every event")
    return seconds
