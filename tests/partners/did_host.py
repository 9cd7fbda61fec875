"""A host of DID documents on the loopback interface that answers as a test likes, and a road to it."""

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import httpcore
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[socket.socket], None]


def plain(body: bytes, status: str = "200 OK", **headers: str) -> Answer:
    """An answer with this body; headers by their names with _ for -."""
    given = {"Content-Type": "application/did+json", "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items() if value)]
    return lambda connection: connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def stating(document: Any, **headers: str) -> Answer:
    """An answer with a JSON value."""
    return plain(json.dumps(document).encode(), **headers)


class Host:
    """Answers every request with `answer`, over TLS where it has a context. `requests`: what was asked, as bytes."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Host":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for one in (self._socket, *self._open):
            one.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            received = b""
            while b"\r\n\r\n" not in received and received[:1] != b"\x16":  # nobody begins so but who speaks TLS
                part = connection.recv(4096)
                if not part:
                    return
                received += part
            self.requests.append(received)
            self.answer(connection)
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class Authority:
    """A certificate authority of a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
        self._certificate = self._signed(self._name, self._key.public_key(), None)

    def serving(self, names: Iterable[str]) -> ssl.SSLContext:
        """A server's context with a certificate for these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host of a test")])
        certificate = self._signed(subject, key.public_key(), list(names))
        path = self._folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def trusting(self) -> ssl.SSLContext:
        """A client's context that trusts this authority and no other."""
        return ssl.create_default_context(cadata=self._certificate.public_bytes(serialization.Encoding.PEM).decode())

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, names: list[str] | None) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(names is None, None), critical=True)
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(own, critical=False).add_extension(above, critical=False)
        if names is not None:
            alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Road(httpcore.AsyncNetworkBackend):
    """Real connections; those to the public addresses that lead to a test's host are made to it.

    `connected`: the addresses that a connection was asked for, in order, with their ports.
    """

    def __init__(self, leads: dict[str, Host]) -> None:
        self._leads = leads
        self._real = httpcore.AnyIOBackend()
        self.connected: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *arguments: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        if host not in self._leads:
            raise httpcore.ConnectError("no road leads there")
        return await self._real.connect_tcp("127.0.0.1", self._leads[host].port, *arguments, **named)

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)


def transport(road: Road, tls: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    """httpx's own transport on that road."""
    made = httpx.AsyncHTTPTransport(verify=tls)
    made._pool._network_backend = road  # httpx takes no network backend, its pool does
    return made
