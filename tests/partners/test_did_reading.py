"""Foreign DID documents, read from hosts that are wrong, slow, endless, lying or inside our own network."""

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from chain_service.partners.did import errors as did_errors
from chain_service.partners.did import reading as did_reading
from chain_service.partners.did.document import document
from chain_service.partners.did.errors import (
    DidError,
    InternalAddress,
    MalformedDid,
    NotADocument,
    NotFound,
    OtherId,
    Redirected,
    TooLarge,
    TooSlow,
    Unreachable,
)
from chain_service.partners.did.public_addresses import is_public
from chain_service.partners.did.reading import MOST_BYTES, read
from chain_service.settings import Settings
from tests.partners.did_host import Answer, Authority, Host, Road, plain, stating, transport
from tests.partners.test_did_document import Key

DID = "did:web:dairy.example"
ADDRESS = "0x" + "a" * 40
DOCUMENT = document(DID, [Key(ADDRESS)], 1, [])
PUBLIC, OTHER_PUBLIC, PUBLIC_6 = "93.184.216.34", "151.101.1.69", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


@pytest.fixture
def host() -> Iterator[Host]:
    with Host(stating(DOCUMENT)) as made:
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def reading(host: Host, answer: Answer | None = None, did: str = DID) -> did_reading.ReadDocument:
    """The document as the operator's own network has it."""
    host.answer = answer or host.answer
    return read(did, overrides={"dairy.example": host.url}, resolve=never)


def never(name: str) -> list[str]:
    raise AssertionError(f"{name} was looked up")


def test_a_document_in_the_operators_own_network_is_read(host: Host) -> None:
    found = reading(host)
    assert (found.did, found.document, found.addresses) == (DID, DOCUMENT, [ADDRESS])
    assert found.url == "https://dairy.example/.well-known/did.json"
    (asked,) = host.requests
    head = asked.decode().lower()
    assert head.startswith("get /.well-known/did.json http/1.1\r\n")
    assert "\r\naccept-encoding: identity\r\n" in head
    assert "application/did+json" in head


def test_a_document_with_a_path_and_a_port_is_asked_for_where_it_stands(host: Host) -> None:
    did = "did:web:Dairy.example%3A8443:partners:%E4%B9%B3"
    host.answer = stating({"id": did})
    assert read(did, overrides={"dairy.example%3a8443": host.url + "/"}, resolve=never).addresses == []
    assert host.requests[0].startswith(b"GET /partners/%E4%B9%B3/did.json HTTP/1.1\r\n")


def test_an_override_is_for_its_very_host_only(host: Host) -> None:
    for other in ("did:web:dairy.example%3A8443", "did:web:a.dairy.example", "did:web:example"):
        with pytest.raises(Unreachable, match="unknown"):
            read(other, overrides={"dairy.example": host.url}, resolve=unknown)
    assert host.connections == 0


def unknown(name: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_what_is_no_did_web_is_refused_before_anything_is_asked(host: Host) -> None:
    for did in ("did:key:z6Mk", "did:web:127.0.0.1", "did:web:dairy.example:..", ""):
        with pytest.raises(MalformedDid):
            read(did, overrides={"127.0.0.1": host.url}, resolve=never)
    assert host.connections == 0


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "304 Not Modified", "307 T", "308 P"])
def test_a_redirect_is_not_followed(host: Host, status: str) -> None:
    with Host(stating(DOCUMENT)) as elsewhere:
        with pytest.raises(Redirected, match="redirect"):
            reading(host, plain(b"", status, Location=elsewhere.url))
        assert elsewhere.connections == 0
    assert len(host.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("404 Not Found", NotFound),
        ("410 Gone", NotFound),
        ("403 Forbidden", Unreachable),
        ("500 Internal Server Error", Unreachable),
        ("204 No Content", NotADocument),
        ("206 Partial Content", NotADocument),
    ],
)
def test_another_status_is_named(host: Host, status: str, kind: type[DidError]) -> None:
    with pytest.raises(kind, match=status[:3]):
        reading(host, plain(b"" if status.startswith("204") else json.dumps(DOCUMENT).encode(), status))


def padded(length: int) -> bytes:
    """The document in so many bytes."""
    data = json.dumps(DOCUMENT).encode()
    return data + b" " * (length - len(data))


def test_a_document_of_64_kb_is_read_and_one_byte_more_is_too_large(host: Host) -> None:
    assert reading(host, plain(padded(MOST_BYTES))).addresses == [ADDRESS]
    with pytest.raises(TooLarge):
        reading(host, plain(padded(MOST_BYTES + 1)))
    with pytest.raises(TooLarge):
        reading(host, plain(padded(MOST_BYTES + 1), Content_Length=""))


def test_a_length_that_is_too_large_is_believed_without_reading(host: Host) -> None:
    with pytest.raises(TooLarge):
        reading(host, plain(b"", Content_Length=str(10**15)))


def endless(head: bytes, part: bytes, pause: float, sent: list[int]) -> Answer:
    """Sends a part again and again until the other side hangs up; `sent` counts bytes."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        with suppress(OSError):
            while True:
                connection.sendall(part)
                sent.append(len(part))
                time.sleep(pause)

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_an_endless_body_is_read_up_to_the_limit_only(host: Host) -> None:
    sent: list[int] = []
    with pytest.raises(TooLarge):
        reading(host, endless(HEAD + b"\r\n", b" " * 65536, 0, sent))
    # What the sockets of both sides held, but no flood.
    assert sum(sent) < 32 * 1024 * 1024


def test_an_endless_chunked_body_is_read_up_to_the_limit_only(host: Host) -> None:
    with pytest.raises(TooLarge):
        reading(host, endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n", 0, []))


def test_a_compressed_body_is_never_unpacked(host: Host) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < MOST_BYTES
    with pytest.raises(NotADocument, match="gzip"):
        reading(host, plain(bomb, Content_Encoding="gzip"))
    for coding in ("br", "deflate", "identity, gzip", "x"):
        with pytest.raises(NotADocument, match="not asked for"):
            reading(host, plain(padded(5000), Content_Encoding=coding))
    assert reading(host, plain(padded(5000), Content_Encoding="Identity")).addresses == [ADDRESS]


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"", b""),
        (b"H", b""),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (HEAD + b"\r\n", b" "),
        (HEAD + b"Content-Length: 100\r\n\r\n{", b""),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["silence", "a byte", "headers drip", "hints without end", "body drips", "body stops", "chunks drip"],
)
def test_a_server_that_takes_its_time_is_left_at_the_deadline(
    host: Host, head: bytes, part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(did_reading, "SECONDS", 0.6)
    started = time.monotonic()
    with pytest.raises(TooSlow, match=r"0\.6 seconds"):
        reading(host, endless(head, part, 0.05, []))
    assert 0.5 < time.monotonic() - started < 2


def test_the_deadline_is_five_seconds_for_all_of_it() -> None:
    assert did_reading.SECONDS == 5


def test_a_resolver_that_takes_its_time_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(did_reading, "SECONDS", 0.3)
    ended = threading.Event()

    def slow(name: str) -> list[str]:
        ended.wait(10)
        return [PUBLIC]

    started = time.monotonic()
    with pytest.raises(TooSlow):
        read(DID, overrides={}, resolve=slow)
    assert time.monotonic() - started < 2
    ended.set()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html></html>",
        b'{"id": "did:web:dairy.example", "id": "did:web:dairy.example"}',
        b'{"id": "did:web:dairy.example", "n": NaN}',
        b'\xff\xfe{"id"',
        b"[" * 30_000,
        b"[]",
        b'"did:web:dairy.example"',
        b"null",
    ],
)
def test_what_is_no_json_object_is_no_document(host: Host, body: bytes) -> None:
    with pytest.raises(NotADocument):
        reading(host, plain(body))


@pytest.mark.parametrize(
    "kind", ["text/html", "text/plain; charset=utf-8", "application/xml", "json", "", "image/x+json"]
)
def test_another_media_type_is_no_document(host: Host, kind: str) -> None:
    with pytest.raises(NotADocument, match="not application/did"):
        reading(host, stating(DOCUMENT, Content_Type=kind))


@pytest.mark.parametrize(
    "kind", ["application/json", "application/did+ld+json", "Application/LD+JSON; charset=utf-8", "application/did"]
)
def test_the_media_types_of_did_documents_and_json_are_read(host: Host, kind: str) -> None:
    assert reading(host, stating(DOCUMENT, Content_Type=kind)).addresses == [ADDRESS]


@pytest.mark.parametrize(
    "lie", ["did:web:dairy.example:other", "did:web:DAIRY.example", "", None, 7, [DID], {"x": DID}]
)
def test_a_document_of_another_did_is_refused(host: Host, lie: Any) -> None:
    with pytest.raises(OtherId):
        reading(host, stating({**DOCUMENT, "id": lie}))


def test_a_document_without_an_id_is_refused(host: Host) -> None:
    with pytest.raises(OtherId):
        reading(host, stating({}))


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_a_server_that_speaks_no_http_is_unreachable(host: Host, answer: bytes) -> None:
    with pytest.raises(Unreachable, match="makes sense"):
        reading(host, lambda connection: connection.sendall(answer))


def test_a_closed_port_and_a_wrong_override_are_unreachable(host: Host) -> None:
    with Host(stating(DOCUMENT)) as closed:
        url = closed.url
    for base in (url, "ftp://127.0.0.1", "10.0.0.7", "http://127.0.0.1:x", "http://", ""):
        with pytest.raises(Unreachable):
            read(DID, overrides={"dairy.example": base}, resolve=never)


def test_proxy_variables_are_ignored(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert reading(host).addresses == [ADDRESS]


INTERNAL = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::5db8:d822",
    "64:ff9b:1::1", "100::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "4000::1", "2606:2800::1%1", "dairy.example", "", "1.1.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_a_host_with_any_internal_address_is_refused(address: str) -> None:
    road, context = Road({}), ssl.create_default_context()
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC_6, PUBLIC]):
        with pytest.raises(InternalAddress, match="not public"):
            read(DID, overrides={}, resolve=lambda _, a=addresses: a, transport=transport(road, context))
    assert road.connected == []


@pytest.mark.parametrize(
    "address", [PUBLIC, OTHER_PUBLIC, PUBLIC_6, "1.1.1.1", "2400:3200::1", "223.5.5.5", "100.128.0.1"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_the_systems_own_resolver_is_asked_and_its_loopback_refused() -> None:
    with pytest.raises(InternalAddress):
        read("did:web:localhost%3A8443", overrides={})


def test_a_host_without_addresses_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no address"):
        read(DID, overrides={}, resolve=lambda _: [])


def test_the_connection_is_made_to_the_address_that_was_checked(authority: Authority) -> None:
    """DNS rebinding: the second time a name is looked up it leads inside."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(name: str) -> list[str]:
        asked.append(name)
        return next(answers)

    with Host(stating(DOCUMENT), authority.serving(["dairy.example"])) as host:
        road = Road({PUBLIC: host})
        found = read(DID, overrides={}, resolve=rebinding, transport=transport(road, authority.trusting()))
        assert found.addresses == [ADDRESS]
        assert (asked, road.connected) == (["dairy.example"], [(PUBLIC, 443)])
        assert b"\r\nhost: dairy.example\r\n" in host.requests[0].lower()


def test_the_port_of_the_did_is_connected_to_and_named(authority: Authority) -> None:
    did = "did:web:dairy.example%3A8443:cheese"
    with Host(stating({"id": did}), authority.serving(["dairy.example"])) as host:
        road = Road({PUBLIC_6: host})
        read(did, overrides={}, resolve=lambda _: [PUBLIC_6], transport=transport(road, authority.trusting()))
        assert road.connected == [(PUBLIC_6, 8443)]
        assert host.requests[0].startswith(b"GET /cheese/did.json HTTP/1.1\r\n")
        assert b"\r\nhost: dairy.example:8443\r\n" in host.requests[0].lower()


def test_the_next_address_is_tried_where_one_does_not_answer(authority: Authority) -> None:
    with Host(stating(DOCUMENT), authority.serving(["dairy.example"])) as host:
        road = Road({PUBLIC: host})
        addresses = [PUBLIC_6, OTHER_PUBLIC, PUBLIC]
        found = read(DID, overrides={}, resolve=lambda _: addresses, transport=transport(road, authority.trusting()))
        assert found.addresses == [ADDRESS]
        assert [address for address, _ in road.connected] == addresses


@pytest.mark.parametrize("names", [["other.example"], ["a.dairy.example"], [PUBLIC], ["127.0.0.1", PUBLIC]])
def test_a_certificate_of_another_name_is_refused(authority: Authority, names: list[str]) -> None:
    with Host(stating(DOCUMENT), authority.serving(names)) as host:
        road = Road({PUBLIC: host})
        with pytest.raises(Unreachable, match="certificate"):
            read(DID, overrides={}, resolve=lambda _: [PUBLIC], transport=transport(road, authority.trusting()))
        assert host.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    with Host(stating(DOCUMENT), Authority(tmp_path).serving(["dairy.example"])) as host:
        road = Road({PUBLIC: host})
        with pytest.raises(Unreachable, match="certificate"):
            read(DID, overrides={}, resolve=lambda _: [PUBLIC], transport=transport(road, authority.trusting()))
        with pytest.raises(Unreachable, match="certificate"):  # with the authorities that everybody trusts
            read(DID, overrides={"dairy.example": host.url}, resolve=never)
        assert host.requests == []


def test_a_public_host_without_tls_is_unreachable(authority: Authority) -> None:
    with Host(stating(DOCUMENT)) as host:
        road = Road({PUBLIC: host})
        with pytest.raises(Unreachable, match="TLS"):
            read(DID, overrides={}, resolve=lambda _: [PUBLIC], transport=transport(road, authority.trusting()))


def test_the_limits_hold_over_tls_too(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(did_reading, "SECONDS", 0.6)
    cases: list[tuple[Answer, type[DidError]]] = [
        (plain(b"", "302 Found", Location="https://127.0.0.1/"), Redirected),
        (endless(HEAD + b"\r\n", b" " * 65536, 0, []), TooLarge),
        (endless(HEAD + b"\r\n", b" ", 0.05, []), TooSlow),
        (stating({"id": "did:web:other.example"}), OtherId),
    ]
    for answer, kind in cases:
        with Host(answer, authority.serving(["dairy.example"])) as host:
            road = Road({PUBLIC: host})
            with pytest.raises(kind):
                read(DID, overrides={}, resolve=lambda _: [PUBLIC], transport=transport(road, authority.trusting()))


def test_it_is_read_where_an_event_loop_runs_already(host: Host) -> None:
    async def served() -> did_reading.ReadDocument:
        return reading(host)

    with ThreadPoolExecutor(1) as thread:  # a browser's tests may have left a loop running in this one
        assert thread.submit(anyio.run, served).result().addresses == [ADDRESS]


def test_every_error_has_a_word_of_its_own_and_stands_in_the_tree() -> None:
    kinds = {kind.__name__: kind.kind for kind in DidError.__subclasses__()}
    assert len(set(kinds.values())) == len(kinds) == 9
    assert all(word.startswith("did-") for word in kinds.values())
    assert all(f"─ {name} " in (did_reading.__doc__ or "") for name in kinds)
    assert did_errors.__doc__


def test_hosts_in_a_private_network_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAIN_SERVICE_DID_HOSTS", '{"dairy.example": "http://10.0.0.7"}')
    assert Settings().did_hosts == {"dairy.example": "http://10.0.0.7"}
    monkeypatch.delenv("CHAIN_SERVICE_DID_HOSTS")
    assert Settings().did_hosts == {}
