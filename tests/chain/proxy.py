"""A node as bad as a test wants it: a proxy in front of a real one."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


class Proxy:
    """Passes calls on. `answer` is sent instead where it is set; `delay` seconds go by first; `methods` are noted."""

    def __init__(self, rpc: str) -> None:
        self.target = rpc
        self.delay = 0.0
        self.answer: bytes | None = None
        self.status = 200
        self.methods: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                proxy.methods.append(json.loads(body)["method"])
                time.sleep(proxy.delay)
                answer = proxy.answer if proxy.answer is not None else proxy._passed_on(body)
                self.send_response(proxy.status)
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # the client was tired of waiting

        self._client = httpx.Client(trust_env=False, timeout=30)
        self._server = Server(("127.0.0.1", 0), Handler)
        self.rpc = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _passed_on(self, body: bytes) -> bytes:
        return self._client.post(self.target, content=body, headers={"Content-Type": "application/json"}).content

    def close(self) -> None:
        """Nothing listens any more."""
        self._server.shutdown()
        self._server.server_close()
        self._client.close()


@contextmanager
def proxied(rpc: str) -> Iterator[Proxy]:
    """A Proxy that is closed afterwards."""
    proxy = Proxy(rpc)
    try:
        yield proxy
    finally:
        proxy.close()
