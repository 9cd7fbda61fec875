"""The command `chain-service capture`: a document to a service, and the job's outcome in words."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import httpx

MOST_SECONDS = 600


def send(file: Path, url: str, token_file: Path | None, proceed: bool, visibility: str = "public") -> int:
    """Sends a document and waits for its job. Returns 0 when all was stored, 1 when something was refused.

    Raises OSError for an unreadable file and ValueError where no token is given or the service does not answer.
    """
    token = token_file.read_text().strip() if token_file else os.environ.get("CHAIN_SERVICE_TOKEN", "")
    if not token:
        raise ValueError("no token: give --token-file, or set CHAIN_SERVICE_TOKEN")
    authorization = {"Authorization": f"Bearer {token}"}
    headers = {
        "Content-Type": "application/ld+json",
        "GS1-Capture-Error-Behaviour": "proceed" if proceed else "rollback",
    }
    try:
        with httpx.Client(base_url=url, timeout=60, headers=authorization) as client:
            answer = client.post(
                "/epcis/capture", content=file.read_bytes(), headers=headers, params={"visibility": visibility}
            )
            if answer.status_code != 202:
                return _refused(_json(answer))
            return _outcome(_finished(client, answer.headers["Location"]))
    except httpx.HTTPError as error:
        raise ValueError(f"the service at {url} does not answer ({type(error).__name__})") from None


def _finished(client: httpx.Client, location: str) -> dict[str, Any]:
    deadline = time.monotonic() + MOST_SECONDS
    while True:
        job = _json(client.get(location))
        if not job.get("running"):
            return job
        if time.monotonic() > deadline:
            raise ValueError(f"the capture still runs; look at {location} later")
        print(".", end="", flush=True, file=sys.stderr)
        time.sleep(0.2)


def _outcome(job: dict[str, Any]) -> int:
    stored = len((job.get("promise") or {}).get("statements", []))
    print(f"{stored} new statement{'' if stored == 1 else 's'} signed; capture {job['captureID']}")
    return _refused(job) if job["errors"] else 0


def _refused(problem: dict[str, Any]) -> int:
    if "title" in problem:
        print(f"{problem['title']}: {problem.get('detail', '')}", file=sys.stderr)
    for error in problem.get("errors", []):
        place = error.get("pointer") or error.get("place") or error.get("parameter") or ""
        print(f"  {place}: {error.get('detail', '')}", file=sys.stderr)
    return 1


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content: dict[str, Any] = answer.json()
    except json.JSONDecodeError:
        raise ValueError(f"the service answered {answer.status_code} and no JSON") from None
    return content
