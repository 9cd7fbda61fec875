"""Passports kept for a second: made once for many, never older, never wrong for a client that takes no gzip."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
from starlette.requests import Request

from chain_service.kit.content_coding import CODINGS, encoded
from chain_service.verification import kept

PATH = b"/v1/passports/01/09521234543213/21/A1"


def run(made):
    """A coroutine's result. In a thread of its own: where a browser test ran before, this one has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, made).result()


def asked() -> Request:
    return Request({"type": "http", "raw_path": PATH, "headers": [], "app": type("App", (), {"state": None})})


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the items whose passports were made; making takes no database here."""
    names: list[str] = []

    def encoded(_, item, *__):
        names.append(item.name)
        return b"{}", gzip.compress(b"{}")

    monkeypatch.setattr(kept, "_encoded", encoded)
    return names


def test_many_who_ask_at_once_cost_one_reading(made):
    passports = kept.Passports()

    async def ask_all():
        return await asyncio.gather(*(passports.make(asked(), None) for _ in range(20)))

    assert {plain for plain, _ in run(ask_all())} == {b"{}"}
    assert made == ["https://id.gs1.org/01/09521234543213/21/A1"]


def test_a_failure_reaches_everyone_who_asked_and_is_not_kept(monkeypatch):
    passports = kept.Passports()

    def fails(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(kept, "_encoded", fails)

    async def ask_all():
        return await asyncio.gather(*(passports.make(asked(), None) for _ in range(3)), return_exceptions=True)

    assert [type(answer) for answer in run(ask_all())] == [ZeroDivisionError] * 3
    assert passports.fresh(PATH) is None


def test_a_passport_is_fresh_for_a_second_and_what_is_older_is_let_go(made, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    passports = kept.Passports()
    run(passports.make(asked(), None))
    now[0] = 100.99
    assert passports.fresh(PATH) is not None
    now[0] = 101.0
    assert passports.fresh(PATH) is None
    other = Request({**asked().scope, "raw_path": b"/v1/passports/01/09521234543213/21/A2"})
    run(passports.make(other, None))
    assert list(passports._kept) == [other.scope["raw_path"]]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, br", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("zstd", None),
        ("identity", None),
        ("", None),
    ],
)
def test_a_client_gets_the_best_encoding_that_it_takes(accepted, encoding):
    made = {coding: encoded(b"{}", coding, once=True) for coding in CODINGS}
    answer = kept.response(made, accepted)
    assert answer.headers.get("content-encoding") == encoding
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert undo(answer.body) == b"{}"
    assert answer.headers["vary"] == "Accept-Encoding, Authorization, Cookie"
