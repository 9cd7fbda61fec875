"""Posting by spreadsheet: 10,000 rows from the first byte of their upload until the last is posted.

One `serve` process on SQLite, asked for its progress as the console does. The rows are half made, half arrived, with a
measurement each; the same as CSV and as XLSX.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from openpyxl import Workbook

from benchmarks.figures import Figure
from benchmarks.service import prepare
from chain_service.local import Children

ROWS = 10_000
MOST_SECONDS = 60.0
_BEGIN = datetime(2026, 11, 1, 8, 0)
_HEADER = ["Item", "Step", "Place", "Time", "Temperature (CEL)", "Note"]


def run() -> Iterator[Figure]:
    """Seconds of each format."""
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
        service = prepare(Path(folder))
        url = service.serve(children)
        for name, data in (("CSV", _csv(_rows("c"))), ("XLSX", _xlsx(_rows("x")))):
            read, posted = _posted(url, service.token, data)
            yield Figure(
                f"{ROWS:,} rows of milestones, {name} of {len(data) // 1000:,} kB, {read:.1f} s of it read and checked",
                read + posted,
                "s",
                target=f"≤ {MOST_SECONDS:g} s",
                ok=read + posted <= MOST_SECONDS,
            )


def _rows(letter: str) -> list[list[Any]]:
    found = []
    for number in range(ROWS):
        item = f"https://id.gs1.org/01/09521101100105/21/{letter}{number // 2}"
        step = ("made", "arrived")[number % 2]
        found.append(
            [item, step, "9521321000018", _BEGIN + timedelta(minutes=number), 4 + number % 10 / 10, "in order"]
        )
    return found


def _csv(rows: list[list[Any]]) -> bytes:
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in [_HEADER, *rows]).encode()


def _xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    for row in [_HEADER, *rows]:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _posted(url: str, token: str, data: bytes) -> tuple[float, float]:
    """Seconds until all is read and checked, and from then until all is posted."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, timeout=120, trust_env=False, headers=headers) as client:
        began = time.perf_counter()
        answer = client.post("/v1/imports", params={"kind": "milestones", "name": "bench"}, content=data)
        if answer.status_code != 202:
            raise RuntimeError(f"not taken: {answer.status_code} {answer.text[:500]}")
        location = answer.headers["Location"]
        _settled(client, location, "ready")
        read = time.perf_counter() - began
        client.post(f"{location}/post", json={"which": "all"})
        done = _settled(client, location, "done")
        if done["posted"] != ROWS:
            raise RuntimeError(f"not all was posted: {done['codes']}")
        return read, time.perf_counter() - began - read


def _settled(client: httpx.Client, location: str, wanted: str) -> dict[str, Any]:
    while (found := client.get(location).json())["state"] in ("reading", "posting"):
        time.sleep(0.3)
    if found["state"] != wanted:
        raise RuntimeError(f"{found['state']}: {found['problem']}")
    return dict(found)
