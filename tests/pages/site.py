"""The pages as the service serves them, on a free port, with the data that a test puts in."""

from __future__ import annotations

import gzip
import json
import mimetypes
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.pages.ledger import SAMPLES, Ledger, network_file

HERE = Path(__file__).resolve().parent
STATIC = Path(__file__).resolve().parents[2] / "frontend_static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
mimetypes.add_type("text/javascript", ".js")


class Site:
    """A running site. `passports` by path and `declarations` by eventID are answered; `status` overrides by path.

    `stating` answers POST /v1/statements: from the Authorization header and the body to a status and a JSON answer.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.passports: dict[str, Any] = {}
        self.status: dict[str, int] = {}
        self.receipts: dict[str, Any] = {}
        self.requests: list[tuple[str, int]] = []  # path and compressed size, in the order served
        self.stating: Callable[[str, Any], tuple[int, Any]] = lambda token, statements: (401, {"title": "no token"})
        self.rpc: Callable[[Any], Any] = lambda batch: [ledger.answer(each) for each in batch]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def bodies(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body of a GET."""
        path, _, query = path.partition("?")
        if path == "/v1/network":
            return 200, "application/json", json.dumps(network_file(["/rpc"])).encode()
        if path.startswith("/v1/passports"):
            found = self.passports.get(path.removeprefix("/v1/passports"))
            status = self.status.get(path, 200 if found is not None else 404)
            body = found if isinstance(found, bytes) else json.dumps(found, ensure_ascii=False).encode()
            return status, "application/json" if status == 200 else "application/problem+json", body
        if path.startswith("/v1/receipts/"):
            found = self.receipts.get(f"{path.removeprefix('/v1/receipts/')}?{query}")
            return (200 if found else 404), "application/json", json.dumps(found).encode()
        for address, name in (("/verify", "verify"), ("/console/", "console")):
            if path == address:
                return 200, "text/html; charset=utf-8", (STATIC / name / "index.html").read_bytes()
        if path.startswith(("/01/", "/00/")):
            return 200, "text/html; charset=utf-8", (STATIC / "passport" / "index.html").read_bytes()
        for prefix, folder in (("/static/", STATIC), ("/samples/", SAMPLES / "pictures"), ("/tests/", HERE)):
            file = folder / path.removeprefix(prefix)
            if path.startswith(prefix) and file.is_file():
                return 200, mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes()
        return 404, "application/problem+json", b"{}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._send(*site.bodies(self.path))

            def do_OPTIONS(self) -> None:
                self.send_response(204)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Access-Control-Allow-Headers", "content-type")
                self.end_headers()

            def do_POST(self) -> None:
                batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/v1/statements":
                    status, said = site.stating(self.headers.get("Authorization", ""), batch)
                    self._send(status, "application/json", json.dumps(said).encode())
                    return
                answer = site.rpc(batch)
                self._send(200 if answer is not None else 503, "application/json", json.dumps(answer).encode())

            def _send(self, status: int, media_type: str, body: bytes) -> None:
                packed = gzip.compress(body, 6)
                site.requests.append((self.path, len(packed)))
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(packed)))
                policy = POLICY.replace("connect-src 'self'", "connect-src 'self' https: http:")
                self.send_header("Content-Security-Policy", policy if self.path == "/verify" else POLICY)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                self.wfile.write(packed)

            def log_message(self, *_: object) -> None:
                """Say nothing: pytest shows what matters."""

        return Handler
