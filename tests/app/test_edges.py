"""What holds for the whole service: problems without insides, HEAD, readiness, /rpc and its limits."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from chain_service import rate_limit
from chain_service.chain.client import Chain, ChainUnreachable
from chain_service.cli import main
from chain_service.events import query
from chain_service.rate_limit import RateLimit
from chain_service.settings import settings as settings_of_this_process
from tests.events.documents import bare, document, new_event, new_item
from tests.stage import Stage

NOWHERE = "http://127.0.0.1:1"


@contextmanager
def without_node(stage: Stage) -> Iterator[None]:
    """The service with a node that does not answer."""
    state = stage.client.app.state
    before = state.chain
    state.chain = Chain(stage.network.model_copy(update={"rpc": NOWHERE}))
    try:
        yield
    finally:
        state.chain = before


@pytest.fixture
def unlimited(shared_stage: Stage) -> Iterator[Stage]:
    """The stage with nothing asked of /rpc yet."""
    shared_stage.client.app.state.rate_limit = RateLimit(600)
    yield shared_stage
    shared_stage.client.app.state.rate_limit = RateLimit(600)


def call(method: str, *parameters: Any, number: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}


def test_an_unforeseen_error_is_a_problem_without_insides(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(query, "run", fails)
    answer = shared_stage.client.get("/epcis/events")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["type"].endswith("/internal")
    assert "42" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1/nowhere", "/static/nowhere.js", "/static/../app.py", "/02/1", "/.env"]
)
def test_what_is_not_there_is_a_problem(shared_stage: Stage, path: str) -> None:
    answer = shared_stage.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_method_that_is_not_there_is_a_problem_that_names_the_others(shared_stage: Stage) -> None:
    answer = shared_stage.client.delete("/epcis/capture/x")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/verify",
        "/healthz",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/v1/network",
        "/.well-known/gs1resolver",
        "/epcis/events",
        "/v1/receipts/none",
        "/v1/labels/01/09521234543213.svg",
        "/static/verify/index.html",
    ],
)
def test_head_answers_as_get_without_the_body(shared_stage: Stage, path: str) -> None:
    get, head = shared_stage.client.get(path), shared_stage.client.head(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    if path != "/metrics":
        assert head.headers.get("content-length") == get.headers.get("content-length")
    assert get.headers["x-content-type-options"] == "nosniff"


def test_no_byte_of_a_body_is_sent_after_head(shared_stage: Stage) -> None:
    """Asked of the application itself: HTTP clients hide what follows."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "HEAD",
        "scheme": "http",
        "query_string": b"",
        "headers": [],
    }
    asyncio.run(shared_stage.client.app({**scope, "path": "/healthz", "raw_path": b"/healthz"}, receive, send))
    assert sent[0]["status"] == 200
    assert dict(sent[0]["headers"])[b"content-length"] != b"0"
    assert [message["body"] for message in sent[1:]] == [b""] * len(sent[1:])


def test_head_of_what_only_takes_post_is_refused(shared_stage: Stage) -> None:
    assert shared_stage.client.head("/rpc").status_code == 405


def test_other_origins_may_read_and_ask_the_chain(shared_stage: Stage) -> None:
    origin = {"Origin": "https://member.example"}
    assert shared_stage.client.get("/v1/network", headers=origin).headers["access-control-allow-origin"] == "*"
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = shared_stage.client.options("/rpc", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in preflight.headers


def test_a_system_on_another_origin_may_post_with_an_idempotency_key(shared_stage: Stage) -> None:
    wanted = "authorization,content-type,idempotency-key"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": wanted}
    preflight = shared_stage.client.options("/v1/milestones", headers={"Origin": "https://tms.example", **asked})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")


def test_other_origins_may_read_the_headers_that_are_there(shared_stage: Stage) -> None:
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    headers = {"Origin": "https://member.example", "Accept": "text/html"}
    linked = shared_stage.client.get(item.removeprefix("https://id.gs1.org"), headers=headers)
    assert "Link" in linked.headers["access-control-expose-headers"]
    assert "access-control-expose-headers" not in shared_stage.client.get("/v1/network", headers=headers).headers


def test_the_page_to_verify_may_ask_any_node_and_nothing_else(shared_stage: Stage) -> None:
    answer = shared_stage.client.get("/verify")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "https:" in policy["connect-src"]
    assert shared_stage.client.get("/", follow_redirects=False).headers["location"] == "/verify"


def test_ready_names_each_part(stage: Stage) -> None:
    answer = stage.client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (200, {"database": "ok", "chain": "ok", "sealing": "ok"})


def test_without_a_node_it_is_not_ready_and_capture_goes_on(shared_stage: Stage) -> None:
    with without_node(shared_stage):
        answer = shared_stage.client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
        assert "does not answer" in answer.json()["checks"]["chain"]
        assert answer.json()["checks"]["database"] == "ok"
        assert shared_stage.client.get("/healthz").status_code == 200
        event = new_event()
        assert shared_stage.capture(document(event))["success"]
        other = shared_stage.client.post("/epcis/events", content=bare(new_event()), headers=shared_stage.headers())
        assert other.status_code == 201
        assert shared_stage.client.get(f"/v1/receipts/{event['eventID']}").status_code == 202
    shared_stage.seal()
    assert shared_stage.client.get(f"/v1/receipts/{event['eventID']}").status_code == 200


def test_on_the_wrong_chain_it_is_not_ready(shared_stage: Stage) -> None:
    state = shared_stage.client.app.state
    before = state.chain
    state.chain = Chain(shared_stage.network.model_copy(update={"chainId": 1}))
    try:
        checks = shared_stage.client.get("/readyz").json()["checks"]
    finally:
        state.chain = before
    assert "chain 31337" in checks["chain"]


def test_without_a_database_it_is_not_ready(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("postgresql://user:secret@db"))

    monkeypatch.setattr("chain_service.health.reading", gone)
    answer = shared_stage.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "the database does not answer (OperationalError)"
    assert "secret" not in answer.text


def test_the_figures_count_what_waits(stage: Stage) -> None:
    stage.capture(document(new_event(), new_event()))

    def figures() -> dict[str, int]:
        lines = stage.client.get("/metrics").text.splitlines()
        return {line.split()[0]: int(line.split()[1]) for line in lines if not line.startswith("#")}

    assert figures()["chain_service_statements"] == 2
    assert figures()["chain_service_batches"] == 0
    stage.seal()
    assert figures() | {"chain_service_statements": 2} == {
        "chain_service_statements": 2,
        "chain_service_batches": 1,
        "chain_service_unsealed_batches": 0,
        "chain_service_oldest_unsealed_seconds": 0,
    }


def test_the_reading_methods_of_a_node_are_answered(unlimited: Stage) -> None:
    log = unlimited.network.contracts["AnchorLog"]
    calls = [
        call("eth_chainId"),
        call("eth_blockNumber", number="two"),
        call("eth_getCode", log, "latest"),
        call("eth_getBlockByNumber", "latest", False),
        call("eth_call", {"to": log, "data": "0x7b103999"}, "latest"),
        call("eth_getTransactionReceipt", "0x" + "0" * 64),
        None,
    ]
    answers = unlimited.client.post("/rpc", json=calls).json()
    assert [answer["id"] for answer in answers] == [1, "two", 1, 1, 1, 1, None]
    assert answers[0]["result"] == hex(unlimited.network.chainId)
    assert len(answers[2]["result"]) > 1000
    assert answers[3]["result"]["hash"].startswith("0x")
    assert answers[4]["result"].endswith(unlimited.network.contracts["PartnerRegistry"].lower()[2:])
    assert answers[5]["result"] is None
    assert answers[6]["error"]["code"] == -32600
    assert unlimited.client.post("/rpc", json=calls[0]).json() == answers[0]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (call("eth_sendRawTransaction", "0x00"), -32601),
        (call("eth_sendTransaction", {}), -32601),
        (call("eth_accounts"), -32601),
        (call("anvil_setBalance", "0x0", "0x0"), -32601),
        (call("debug_traceCall"), -32601),
        (call("eth_getLogs", {}), -32601),
        (call("eth_call"), -32602),
        (call("eth_call", {"to": "0x00", "from": "0x00"}, "latest"), -32602),
        (call("eth_call", {"to": "0x00", "gas": "0xffffffff"}, "latest"), -32602),
        (call("eth_call", {"to": "0x00"}, "latest", {}), -32602),
        (call("eth_call", {"to": {"a": "b"}}, "latest"), -32602),
        (call("eth_call", {"to": "0x00", "data": "0x" + "0" * 5000}, "latest"), -32602),
        (call("eth_getBlockByNumber", "pending", False), -32602),
        (call("eth_getCode", "0x00", "latest", "x"), -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": {"to": "0x00"}}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": 7}, -32600),
        ({"id": [1], "method": None}, -32600),
        (7, -32600),
    ],
)
def test_every_other_call_is_refused_without_asking_the_node(
    unlimited: Stage, asked: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chain, "request", lambda *_: pytest.fail("the node was asked"))
    answer = unlimited.client.post("/rpc", json=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, code)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 50_000, 400),
        (b'{"id": "\\ud800", "method": "eth_chainId"}', 400),
        (b'{"id": NaN}', 400),
        (b"[]", 400),
        (json.dumps([call("eth_chainId")] * 51).encode(), 400),
        (b" " * (64 * 1024 + 1), 413),
    ],
)
def test_what_is_no_batch_of_calls_is_refused(unlimited: Stage, content: bytes, status: int) -> None:
    answer = unlimited.client.post("/rpc", content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_who_asks_too_often_waits_and_others_do_not(unlimited: Stage) -> None:
    unlimited.client.app.state.rate_limit = RateLimit(60)
    batch = [call("eth_chainId")] * 50
    assert unlimited.client.post("/rpc", json=batch).status_code == 200
    answer = unlimited.client.post("/rpc", json=batch)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert unlimited.client.app.state.rate_limit.take("192.0.2.7", 50)


def test_the_limit_refills_with_time_and_forgets_old_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(rate_limit.time, "monotonic", lambda: now[0])
    limit = RateLimit(60)
    assert limit.take("a", 60)
    assert not limit.take("a", 1)
    now[0] += 10
    assert limit.take("a", 10)
    assert not limit.take("a", 1)
    now[0] += 10_000
    assert not limit.take("a", 61)
    for number in range(RateLimit.MOST + 5):
        limit.take(str(number), 1)
    assert len(limit._left) == RateLimit.MOST


def test_a_node_that_is_down_is_asked_once_a_batch(unlimited: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def down(_: Chain, method: str, __: Any) -> None:
        asked.append(method)
        raise ChainUnreachable("simulated")

    monkeypatch.setattr(Chain, "request", down)
    answer = unlimited.client.post("/rpc", json=[call("eth_chainId"), call("eth_accounts"), call("eth_blockNumber")])
    assert [entry["error"]["code"] for entry in answer.json()] == [-32000, -32601, -32000]
    assert asked == ["eth_chainId"]


@pytest.mark.parametrize("said", [{"error": "text"}, {"error": None}, {"error": {"code": 3}}, "nonsense", None, [1]])
def test_a_strange_answer_of_the_node_is_no_error_of_ours(
    unlimited: Stage, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chain, "request", lambda *_: said)
    answer = unlimited.client.post("/rpc", json=call("eth_chainId"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, -32000)


def test_a_passport_is_still_read_without_a_node(shared_stage: Stage) -> None:
    item = new_item()
    shared_stage.capture(document(new_event(epcList=[item])))
    with without_node(shared_stage):
        path = item.removeprefix("https://id.gs1.org")
        assert shared_stage.client.get(f"/v1/passports{path}").status_code == 200
        assert shared_stage.client.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_a_database_that_does_not_answer_is_one_line_and_no_trace(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("CHAIN_SERVICE_KEYS_DIR", str(tmp_path))
    monkeypatch.setenv("CHAIN_SERVICE_KEYS_PASSWORD", "of this test")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:hidden@127.0.0.1:1/none")
    settings_of_this_process.cache_clear()
    try:
        assert main(["serve"]) == 2
    finally:
        settings_of_this_process.cache_clear()
    said = capsys.readouterr().err
    assert said.startswith("chain-service serve: the database at postgresql")
    assert "hidden" not in said
    assert "Traceback" not in said
