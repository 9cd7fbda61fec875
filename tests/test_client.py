"""The Python client and `chain-service capture --key`: signed here, sent, stored, on both databases."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from chain_service import cli, client
from chain_service.app import create
from chain_service.client import InvalidDocument, Partner, Refused, Unreachable, open_keystore
from chain_service.kit import eip712
from chain_service.kit.digests import from_hex
from chain_service.local import free_port
from chain_service.partners.custody import create_keystore
from chain_service.settings import Network
from chain_service.verification.cli import run as verify
from tests.events.documents import bare, document, new_event
from tests.partners.registry import OwnKey
from tests.stage import WORK, Stage


@pytest.fixture
def own(shared_stage: Stage) -> OwnKey:
    return OwnKey(shared_stage, "client")


@pytest.fixture
def partner(shared_stage: Stage, own: OwnKey) -> Partner:
    network = shared_stage.network.network
    return Partner("", shared_stage.tokens[own.did], network, own.signer, shared_stage.client)


def test_a_document_is_signed_sent_and_verifies(
    shared_stage: Stage, own: OwnKey, partner: Partner, tmp_path: Path
) -> None:
    events = [new_event() for _ in range(3)]
    ids = [event["eventID"] for event in events]
    assert partner.state(document(*events)) == ids
    assert sum(len(promise["statements"]) for promise in partner.promises) == 3
    shared_stage.seal()
    (tmp_path / "network.json").write_text(json.dumps(shared_stage.network.model_dump()))
    for event_id in ids:
        receipt = shared_stage.receipt(event_id)
        assert receipt["reporter"]["custody"] == "partner"
        (tmp_path / "receipt.json").write_text(json.dumps(receipt))
        assert verify(tmp_path / "receipt.json", tmp_path / "network.json") == 0
    assert partner.state(document(*events)) == ids
    assert len(partner.promises) == 1, "the same again is not new"


def test_a_bare_event_and_one_without_an_id_are_stated(shared_stage: Stage, partner: Partner) -> None:
    event = new_event()
    assert partner.state(bare(event)) == [event["eventID"]]
    nameless = document(new_event(eventID=None))
    assert partner.state(nameless) == partner.state(nameless)


def test_a_captured_document_and_a_signed_one_are_the_same_event(shared_stage: Stage) -> None:
    """What a partner signs itself is stated as a capture would have it: moving between the two stores nothing twice."""
    content = document(new_event())
    shared_stage.capture(content)
    held = next((shared_stage.settings.keys_dir).glob("key-0.json"))
    signer = open_keystore(held, shared_stage.settings.keys_password)
    token = shared_stage.tokens[shared_stage.brand]
    brand = Partner("", token, shared_stage.network.network, signer, shared_stage.client)
    brand.state(content)
    assert brand.promises == []


def test_large_documents_go_in_parts(shared_stage: Stage, partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST", 4)
    events = [new_event() for _ in range(10)]
    assert partner.state(document(*events)) == [event["eventID"] for event in events]
    assert [len(promise["statements"]) for promise in partner.promises] == [4, 4, 2]
    monkeypatch.setattr(client, "MOST_BYTES", 3000)
    assert len(partner.state(document(*(new_event() for _ in range(5))))) == 5
    assert len(partner.promises) > 4


def test_what_the_service_takes_at_a_time_is_found_by_halving(shared_stage: Stage, own: OwnKey) -> None:
    lengths = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        lengths.append(len(sent))
        if len(sent) > 2:
            return httpx.Response(413, json={"title": "too large"})
        return httpx.Response(202, json={"eventIDs": [entry["event"]["eventID"] for entry in sent], "promise": None})

    events = [new_event() for _ in range(5)]
    assert fake(own, answer).state(document(*events)) == [event["eventID"] for event in events]
    assert lengths == [5, 2, 3, 1, 2]


def test_an_invalid_document_is_not_sent(own: OwnKey) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing may be sent")

    for content in (
        b"{",
        b"[]",
        b"7",
        document(new_event(bizStep="shiping")),
        document(new_event(), new_event(type=1)),
    ):
        with pytest.raises(InvalidDocument) as caught:
            fake(own, answer).state(content)
        assert caught.value.errors


def test_a_refusal_tells_why_and_what_was_stored_before(
    shared_stage: Stage, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST", 1)
    first, second = new_event(), new_event()
    partner.state(document(second))
    with pytest.raises(Refused) as caught:
        partner.state(document(first, {**second, "disposition": "damaged"}))
    refused = caught.value
    assert (refused.status, refused.kind, refused.stored) == (409, "conflict", [first["eventID"]])
    assert refused.errors[0]["eventID"] == second["eventID"]


def test_another_networks_name_makes_signatures_that_the_service_refuses(shared_stage: Stage, own: OwnKey) -> None:
    token = shared_stage.tokens[own.did]
    stranger = Partner("", token, "test-ffffffffffffffff", own.signer, shared_stage.client)
    with pytest.raises(Refused) as caught:
        stranger.state(document(new_event()))
    assert (caught.value.status, caught.value.kind) == (403, "unknown-key")


def fake(own: OwnKey, answer: Any) -> Partner:
    """A client of a service that answers as told."""
    http = httpx.Client(base_url="http://service.example", transport=httpx.MockTransport(answer))
    return Partner("", "token", "test-0000000000000000", own.signer, http)


def forged_promise(_: httpx.Request) -> dict[str, Any]:
    return {"operator": "0x" + "11" * 20, "statements": ["0x" + "22" * 32], "sealBy": 1, "signature": "0x" + "33" * 65}


@pytest.mark.parametrize("promise", [{}, 7, "x", {"statements": None}, forged_promise(None)])  # type: ignore[arg-type]
def test_a_promise_that_is_none_is_not_kept(own: OwnKey, promise: Any) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = [entry["event"]["eventID"] for entry in json.loads(request.content)]
        return httpx.Response(202, json={"eventIDs": ids, "promise": promise})

    with pytest.raises(Unreachable, match="promise"):
        fake(own, answer).state(document(new_event()))


def test_a_promise_signed_by_another_than_it_names_is_not_kept(own: OwnKey) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        entry = json.loads(request.content)[0]
        digest = eip712.statement_digest(eip712.Statement.from_json(entry["statement"]), "test-0000000000000000")
        signed = own.signer.sign(eip712.promise_digest([digest], 9, "test-0000000000000000"))
        promise = {"operator": "0x" + "11" * 20, "statements": ["0x" + digest.hex()], "sealBy": 9}
        promise["signature"] = "0x" + signed.hex()
        return httpx.Response(202, json={"eventIDs": [entry["event"]["eventID"]], "promise": promise})

    with pytest.raises(Unreachable, match="promise"):
        fake(own, answer).state(document(new_event()))


def test_a_promise_about_others_statements_is_not_kept(own: OwnKey) -> None:
    listed = [b"\x22" * 32]
    digest = eip712.promise_digest(listed, 9, "test-0000000000000000")
    promise = {
        "operator": own.signer.address,
        "statements": ["0x" + "22" * 32],
        "sealBy": 9,
        "signature": "0x" + own.signer.sign(digest).hex(),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        ids = [entry["event"]["eventID"] for entry in json.loads(request.content)]
        return httpx.Response(202, json={"eventIDs": ids, "promise": promise})

    with pytest.raises(Unreachable, match="promise"):
        fake(own, answer).state(document(new_event()))


@pytest.mark.parametrize(
    "told", [httpx.Response(202, text="no json"), httpx.Response(202, json=[]), httpx.Response(202, json={}),
             httpx.Response(202, json={"eventIDs": ["urn:uuid:of-another"], "promise": None})],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_said_to_be_so(own: OwnKey, told: httpx.Response) -> None:
    with pytest.raises(Unreachable):
        fake(own, lambda _: told).state(document(new_event()))


def test_a_service_that_does_not_answer_is_said_to_be_so(own: OwnKey) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(Unreachable, match="ConnectError"):
        fake(own, answer).state(document(new_event()))


def test_the_key_never_leaves(own: OwnKey) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        everything = bytes(request.content) + repr(request.headers).encode() + str(request.url).encode()
        assert own.account.key.hex().removeprefix("0x").encode() not in everything
        entry = json.loads(request.content)[0]
        assert entry.keys() == {"event", "salt", "statement", "signature"}
        statement = eip712.Statement.from_json(entry["statement"])
        digest = eip712.statement_digest(statement, "test-0000000000000000")
        assert eip712.recover(digest, from_hex(entry["signature"])) == own.signer.address
        return httpx.Response(202, json={"eventIDs": [entry["event"]["eventID"]], "promise": None})

    fake(own, answer).state(document(new_event()))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 3}'])
def test_what_is_no_keystore_does_not_open(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(ValueError, match="no keystore V3 file, or the password is wrong"):
        open_keystore(tmp_path / "key.json", "x")


def test_a_wrong_password_does_not_open_a_keystore(tmp_path: Path) -> None:
    address = create_keystore(tmp_path, "key.json", "right", work=WORK)
    assert open_keystore(tmp_path / "key.json", "right").address == address
    with pytest.raises(ValueError, match="password is wrong"):
        open_keystore(tmp_path / "key.json", "wrong")


# ------------------------------------------------------------------ the command, over a real connection


@pytest.fixture
def served(stage: Stage) -> Iterator[str]:
    """The stage's service on a port of this machine."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create(stage.settings, stage.vault), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_command_signs_with_a_keystore_and_says_what_it_did(
    stage: Stage,
    served: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    work = tmp_path / "partner"
    work.mkdir()
    address = create_keystore(work, "key.json", "a password", work=WORK)
    own = OwnKey(stage, "command", valid=None)
    own.tell("addKey", own.partner, stage.administrator._web3.to_checksum_address(address), 1, 0, 0)
    event = new_event()
    (work / "events.json").write_bytes(document(event))
    (work / "password").write_text("a password\n")
    (work / "token").write_text(stage.tokens[own.did] + "\n")
    (work / "network.json").write_text(json.dumps(Network.read(stage.folder / "network.json").model_dump()))
    (work / "other.json").write_text(json.dumps({"network": "test-ffffffffffffffff"}))

    monkeypatch.chdir(work)

    def run(*more: str) -> tuple[int, str, str]:
        options = ["--url", served, "--token-file", "token", "--key", "key.json", "--password-file", "password", *more]
        code = cli.main(["capture", "events.json", *options])
        return code, *capsys.readouterr()

    code, out, err = run("--network", "other.json")
    assert (code, out) == (1, "")
    assert "which is no key in PartnerRegistry" in err
    code, out, err = run()
    assert code == 0
    assert f"1 event signed by {address}, 1 of them new" in out
    assert event["eventID"] in out
    assert "taken from the service itself" in err
    code, out, err = run("--network", "network.json")
    assert (code, err) == (0, "")
    assert "0 of them new" in out
    assert run("--proceed")[0] == 2
    (work / "password").write_text("another")
    code, _, err = run("--network", "network.json")
    assert code == 2
    assert "password is wrong" in err
    stage.seal()
    assert stage.receipt(event["eventID"])["reporter"] | {"signature": ""} == {
        "partner": own.did,
        "address": address,
        "signature": "",
        "custody": "partner",
    }
