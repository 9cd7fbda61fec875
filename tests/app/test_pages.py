"""Static pages over the wire: compressed, revalidated, changed at once."""

import gzip

import brotli
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from chain_service.pages import Pages


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.js").write_text("export const words = 1;\n" * 50)
    (tmp_path / "photo.png").write_bytes(b"\x89PNG not really")
    return tmp_path


@pytest.fixture
def client(folder):
    app = FastAPI()
    app.mount("/static", Pages(directory=folder))
    return TestClient(app)


@pytest.mark.parametrize(("coding", "undo"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_script_comes_in_the_coding_that_was_asked_for(client, folder, coding, undo):
    with client.stream("GET", "/static/page.js", headers={"Accept-Encoding": coding}) as answer:
        body = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert answer.headers["content-type"].startswith("text/javascript")
    assert undo(body) == (folder / "page.js").read_bytes()


def test_a_client_without_codings_gets_the_file_as_it_is(client, folder):
    answer = client.get("/static/page.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == (folder / "page.js").read_bytes()


def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_is(client, folder):
    first = client.get("/static/page.js")
    again = client.get("/static/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (folder / "page.js").write_text("export const words = 2;\n")
    changed = client.get("/static/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.text) == (200, "export const words = 2;\n")


def test_a_picture_is_not_compressed_again(client):
    assert "content-encoding" not in client.get("/static/photo.png", headers={"Accept-Encoding": "br"}).headers


@pytest.mark.parametrize(
    "path", ["/static/../conftest.py", "/static/%2e%2e/conftest.py", "/static/none.js", "/static/"]
)
def test_nothing_outside_the_folder_is_served(client, path):
    assert client.get(path).status_code in (404, 405)
