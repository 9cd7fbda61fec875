"""`chain-service verify` as a user meets it: exit codes, marks, JSON, standard input."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

import httpx
import pytest

from chain_service.verification import operators
from chain_service.verification.cli import run


@pytest.fixture
def files(tmp_path, world):
    class Files:
        def receipt(self, value):
            path = tmp_path / "receipt.json"
            path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
            return path

        def network(self, **changes):
            path = tmp_path / "network.json"
            path.write_text(json.dumps({**world.trust_json("main"), **changes}))
            return path

    return Files()


def verify(*arguments, **more):
    out, err = io.StringIO(), io.StringIO()
    return run(*arguments, out=out, err=err, **more), out.getvalue(), err.getvalue()


def test_offline_checks_up_to_the_path_and_exits_0(world, files):
    code, out, _ = verify(files.receipt(world.receipt("shipping")))
    assert code == 0
    assert [line[0] for line in out.splitlines() if line[1:2] == " " and line[2:3].isdigit()] == list("✓✓✓?✓??")


def test_strict_exits_1_when_a_check_was_not_possible(world, files):
    assert verify(files.receipt(world.receipt("shipping")), strict=True)[0] == 1


def test_an_altered_receipt_exits_1_and_names_the_check(world, files):
    receipt = world.receipt("shipping")
    receipt["event"]["note"] = "added"
    code, out, _ = verify(files.receipt(receipt))
    assert code == 1
    assert "✕ 1. The digest matches the event: failed" in out


def test_json_is_for_programs(world, files):
    code, out, _ = verify(files.receipt(world.receipt("shipping")), as_json=True)
    verdict = json.loads(out)
    assert code == 0
    assert verdict["holds"]
    assert not verdict["complete"]
    assert [made["outcome"] for made in verdict["checks"]].count("not possible") == 3


@pytest.mark.parametrize("data", [b"", b"no JSON", b'{"a":1,"a":2}', b"\xff"])
def test_what_is_not_json_exits_2(files, data):
    code, out, err = verify(files.receipt(data))
    assert (code, out) == (2, "")
    assert err.startswith("cannot be read: ")


def test_a_file_that_is_not_there_exits_2(tmp_path):
    assert verify(tmp_path / "none.json")[0] == 2


def test_an_ill_formed_receipt_exits_1(files):
    assert verify(files.receipt({}))[0] == 1


def test_a_bad_network_file_or_a_node_without_one_exits_2(world, files):
    receipt = files.receipt(world.receipt("shipping"))
    assert verify(receipt, files.network(contracts={}))[0] == 2
    assert verify(receipt, None, "http://127.0.0.1:1")[0] == 2


def test_a_node_out_of_reach_fails_nothing_and_says_so(world, files):
    code, out, _ = verify(files.receipt(world.receipt("shipping")), files.network(), "http://127.0.0.1:1")
    assert code == 0
    assert "? 6. The log on the chain holds the seal: not possible" in out


def test_nothing_in_a_receipt_steers_the_terminal(world, files):
    receipt = world.receipt("shipping")
    receipt["\x1b[2J"] = 1
    assert "\x1b" not in verify(files.receipt(receipt))[1]


def test_standard_input_is_read(world, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(world.receipt("shipping")).encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert verify("-")[0] == 0


@pytest.fixture
def operator(world):
    """An operator that knows the declaration about 'shipping' and nothing else; it keeps the paths that were asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.paths.append(self.path)
            known = "000000000002" in self.path
            body = json.dumps(world.receipt("declaration") if known else {"status": 404}).encode()
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.paths = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_operators_declaration_fails_check_7(world, files, operator):
    receipt = world.receipt("shipping")
    code, out, _ = verify(files.receipt(receipt), operators=[operator.url + "/"])
    assert code == 1
    assert "✕ 7." in out
    asked = "/v1/receipts/urn%3Auuid%3A00000000-0000-4000-8000-000000000002?declaration=1&partner="
    assert operator.paths == [asked + quote(receipt["reporter"]["partner"], safe="")]


def test_an_operator_that_knows_none_passes_check_7(world, files, operator):
    code, out, _ = verify(files.receipt(world.receipt("first")), operators=[operator.url])
    assert code == 0
    assert f"No declaration is known to {operator.url}" in out


@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_an_operator_without_a_proper_answer_was_not_asked(status):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="<html>"))
    assert operators.ask(["https://operator.example"], "urn:x:1", transport) is None
    assert operators.ask(["no address"], "urn:x:1") is None


def test_an_operator_is_asked_for_the_partners_own_declaration():
    asked = []
    transport = httpx.MockTransport(lambda request: asked.append(str(request.url)) or httpx.Response(404))
    operators.ask(["https://operator.example"], "urn:x:1", transport, "did:web:a.example&declaration=0")
    assert asked == [
        "https://operator.example/v1/receipts/urn%3Ax%3A1?declaration=1&partner=did%3Aweb%3Aa.example%26declaration%3D0"
    ]
