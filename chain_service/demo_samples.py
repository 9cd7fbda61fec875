"""The sample journeys, sent to a service as their partners would send them."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from chain_service.client import Partner, StatingError
from chain_service.kit import canonical
from chain_service.kit.eip712 import Signer
from chain_service.local import LocalError
from chain_service.settings import PACKAGE

SAMPLES = PACKAGE / "samples"
ORDER = ("formula", "lettuce", "sneakers")
SEAL_SECONDS = 120
KINDS = ("receipt", "undisclosed", "erased")  # what a passport tells of a step
Say = Callable[[str], None]
Pause = Callable[[float], None]  # waits so many seconds; raises when it is time to end


def partners() -> list[dict[str, Any]]:
    """The partners of the samples: did, name, roles."""
    content: list[dict[str, Any]] = json.loads((SAMPLES / "partners.json").read_text())
    return content


def journeys() -> list[dict[str, Any]]:
    """The sample journeys; the first is the one whose passport is shown."""
    return [json.loads((SAMPLES / "journeys" / f"{name}.json").read_text()) for name in ORDER]


def load(
    url: str, tokens: dict[str, str], own: Mapping[str, Signer], network: str, altered: bool, say: Say, pause: Pause
) -> None:
    """Posts master data and events, unless they are there, and waits for every seal. Raises LocalError.

    `own`: the keys of the partners that sign for themselves in the network of this name, by DID. `altered`: one stored
    event is altered on purpose, so its sample conflicts with it.
    """
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        if any(client.get(f"/v1/passports{path(journey)}").status_code != 200 for journey in journeys()):
            for item in json.loads((SAMPLES / "items.json").read_text()):
                name, partner = item.pop("item"), item.pop("partner")
                _sent(client.put(f"/v1/items{_path_of(name)}", json=item, headers=_token(tokens, partner)))
        signing = {did: Partner(url, tokens[did], network, signer, client) for did, signer in own.items()}
        for journey in journeys():
            _load_journey(client, journey, tokens, signing, altered, say, pause)
        _wait_for_seals(client, say, pause)


def path(journey: dict[str, Any]) -> str:
    """The path of the Digital Link that is scanned for a journey."""
    return _path_of(journey["scan"])


def _load_journey(
    client: httpx.Client,
    journey: dict[str, Any],
    tokens: dict[str, str],
    signing: Mapping[str, Partner],
    altered: bool,
    say: Say,
    pause: Pause,
) -> None:
    """Captures a journey; what was captured before is not stored again, and one event may be `altered` on purpose."""
    jobs = []
    note = ""
    noted = ", one of them altered (`make untamper` puts it back)"
    for capture in journey["captures"]:
        if capture["partner"] in signing:
            try:
                signing[capture["partner"]].state(canonical.dumps(capture["document"]))
            except StatingError as error:
                if not altered or {place.get("type") for place in error.errors} != {"conflict"}:
                    raise LocalError(f"a sample was refused: {error} {error.errors}") from None
                note = noted
            continue
        token = _token(tokens, capture["partner"])
        headers = {**token, "Content-Type": "application/ld+json"}
        seen = {"visibility": capture.get("visibility", "public")}
        document = canonical.dumps(capture["document"])
        answer = _sent(client.post("/epcis/capture", content=document, headers=headers, params=seen))
        jobs.append((answer.headers["Location"], token))
    for job, token in jobs:
        while (state := _sent(client.get(job, headers=token)).json())["running"]:
            pause(0.05)
        if altered and {error.get("type") for error in state["errors"]} == {"conflict"}:
            note = noted
        elif not state["success"]:
            raise LocalError(f"a sample was refused: {state['errors']}")
    events = sum(len(capture["document"]["epcisBody"]["eventList"]) for capture in journey["captures"])
    say(f"  {journey['title']['en']}: {events} events{note}")


def _wait_for_seals(client: httpx.Client, say: Say, pause: Pause) -> None:
    """Returns when every step of every sample is sealed. Raises LocalError after two minutes."""
    deadline = time.monotonic() + SEAL_SECONDS
    waiting = -1
    while waiting:
        steps = [step for journey in journeys() for step in client.get(f"/v1/passports{path(journey)}").json()["steps"]]
        left = sum(next(step[kind] for kind in KINDS if kind in step)["batch"] is None for step in steps)
        if left != waiting:
            say(f"  {len(steps) - left} of {len(steps)} steps are sealed")
            waiting = left
        if left and time.monotonic() > deadline:
            raise LocalError("the samples were not sealed")
        if left:
            pause(0.5)


def _sent(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise LocalError(f"a sample was refused: {answer.status_code} {answer.text[:500]}")
    return answer


def _token(tokens: dict[str, str], partner: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[partner]}"}


def _path_of(name: str) -> str:
    return name.removeprefix("https://id.gs1.org")
