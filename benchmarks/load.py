"""A load generator light enough not to be what is measured: keep-alive connections that ask again once answered.

It reads one answer in full and from then on looks at the status and counts bytes: every answer has the same length.
That costs a few microseconds a request, so one process of Python asks faster than uvicorn answers.
"""

import asyncio
import time
from typing import cast
from urllib.parse import urlsplit

import uvloop

CONNECTIONS = 16
_OK = b"HTTP/1.1 200 "
_END_OF_HEAD = b"\r\n\r\n"


def requests_per_second(url: str, headers: dict[str, str], seconds: float) -> float:
    """How many GET requests a second an address answers.

    Raises RuntimeError where an answer is another than 200 or has another length than the first.
    """
    return uvloop.run(_measured(url, headers, seconds))


async def _measured(url: str, headers: dict[str, str], seconds: float) -> float:
    parts = urlsplit(url)
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
    request = f"GET {parts.path} HTTP/1.1\r\n{lines}\r\n".encode()
    host, port = str(parts.hostname), int(parts.port or 80)
    length = await _length(host, port, request)
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: _Client(request, length), host, port))[1] for _ in range(CONNECTIONS)
    ]
    began = time.perf_counter()
    for client in clients:
        client.ask()
    await asyncio.sleep(seconds)
    answered = sum(client.answered for client in clients)
    took = time.perf_counter() - began
    for client in clients:
        client.close()
    if any(client.failed for client in clients):
        raise RuntimeError(f"{url} did not answer every time as it did the first time")
    return answered / took


async def _length(host: str, port: int, request: bytes) -> int:
    """Bytes of the answer's body."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    head = await reader.readuntil(_END_OF_HEAD)
    if not head.startswith(_OK):
        raise RuntimeError(f"answered {head[:100]!r}")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    length = int(fields[b"content-length"])
    await reader.readexactly(length)
    writer.close()
    return length


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes, length: int) -> None:
        self._request = request
        self._length = length
        self._left = 0  # bytes of the body still to come; the head comes in one piece
        self._transport: asyncio.Transport
        self.answered = 0
        self.failed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is no subclass

    def ask(self) -> None:
        """Sends the request; from now on each whole answer is followed by the next request."""
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._left == 0:
            head = data.find(_END_OF_HEAD)
            self.failed |= head < 0 or not data.startswith(_OK)
            self._left = self._length + head + len(_END_OF_HEAD)
        self._left -= len(data)
        self.failed |= self._left < 0
        if self._left == 0:
            self.answered += 1
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        self.failed |= error is not None

    def close(self) -> None:
        self._transport.abort()
