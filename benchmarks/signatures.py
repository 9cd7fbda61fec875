"""What verifying partners' own signatures adds to capture time.

Ours: statements signed by the partner, 1,000 to a request, posted to /v1/statements until the answer: strict parsing,
validation, event hash, the statement rebuilt and compared, the signature recovered, durable storage. Reference: events
of the same kind in documents of 1,000 through /epcis/capture, where the service signs, until each job has finished. One
`serve` process on SQLite for both, in turns, the best turn of each.
"""

import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx
from sqlalchemy import update

from benchmarks.capture import DOCUMENTS, EVENTS, TURNS, captured
from benchmarks.documents import LARGE, SMALL, Kind, documents, kind
from benchmarks.figures import Figure, against
from benchmarks.service import ALL_ROLES, UNSEALED, Service, prepare
from chain_service.chain.contracts import CUSTODY
from chain_service.client import Partner, open_keystore
from chain_service.db import connect, writing
from chain_service.kit import clock
from chain_service.local import Children
from chain_service.partners.keys import GOOD
from chain_service.partners.models import PartnerKey

REFERENCE = "/epcis/capture, signed by the service"


def run() -> Iterator[Figure]:
    """One figure for each kind of event."""
    for of in (kind("small sample events", SMALL), kind("large sample events", LARGE)):
        with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
            service = prepare(Path(folder))
            yield _compared(of, service, service.serve(children))


def _compared(of: Kind, service: Service, url: str) -> Figure:
    source = documents(of, EVENTS)
    captured(url, service.token, list(islice(source, 1)))  # what a process does only once
    ours, theirs = 0.0, 0.0
    for _ in range(TURNS):
        theirs = max(theirs, DOCUMENTS * EVENTS / captured(url, service.token, list(islice(source, DOCUMENTS))))
        _remember_key(service)
        ours = max(ours, DOCUMENTS * EVENTS / _stated(url, service, list(islice(source, DOCUMENTS))))
    return against(f"Own signatures, {of.name}", ours, "events/s", REFERENCE, theirs, at_least=0.8)


def _stated(url: str, service: Service, chosen: list[bytes]) -> float:
    """Seconds that the service takes for signed statements; what the partner's side does is not counted."""
    password = service.environment["CHAIN_SERVICE_KEYS_PASSWORD"]
    signer = open_keystore(service.folder / "keys" / "partner.json", password)
    partner = Partner(url, service.token, UNSEALED.network, signer)
    bodies = [body for document in chosen for body in partner.bodies(document)]
    headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/json"}
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        began = time.perf_counter()
        for body in bodies:
            answer = client.post("/v1/statements", content=body, headers=headers)
            if answer.status_code != 202:
                raise RuntimeError(f"not stored: {answer.status_code} {answer.text[:500]}")
        return time.perf_counter() - began


def _remember_key(service: Service) -> None:
    """As if the chain had just been asked: on this network none answers, and it is asked once a minute anyway."""
    engine = connect(service.environment["DATABASE_URL"])
    said = {"roles": int(ALL_ROLES), "custody": CUSTODY["partner"], "status": GOOD, "checked_at": clock.now_ms()}
    with writing(engine) as connection:
        connection.execute(update(PartnerKey).where(PartnerKey.address == service.partner).values(said))
    engine.dispose()
