"""A broker, a service and a gateway as they run, each a process or a server of its own on this machine."""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
import uvicorn
from eth_account import Account
from paho.mqtt.enums import CallbackAPIVersion

from chain_service.app import create
from chain_service.gateway import store
from chain_service.kit.clock import now_ms
from chain_service.local import free_port, node
from chain_service.partners import roles
from tests.partners.registry import OwnKey
from tests.stage import Stage

ROOT = Path(__file__).parents[2]
DAY = 86_400_000
SSCC = "https://id.gs1.org/00/395212010000044010"
PRODUCT = "https://id.gs1.org/01/09521101100105"
MOSQUITTO = os.environ.get("MOSQUITTO") or shutil.which("mosquitto", path=f"{os.environ.get('PATH')}:/usr/sbin")


def until(true: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """Waits until something is so, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)
    return found


class BrokerProcess:
    """A real broker with users and rights from mosquitto's files: aedes, or mosquitto itself. `settings`: more lines of
    mosquitto.conf."""

    def __init__(self, folder: Path, kind: str = "aedes", settings: str = "", pem: Path | None = None) -> None:
        self.passwords, self.access = folder / "passwords", folder / "access"
        for path in (self.passwords, self.access):
            path.touch()
        self.port = free_port()
        command = [node(), str(ROOT / "tests/gateway/broker.mjs"), str(self.port), *map(str, self._files)]
        command += [str(pem)] if pem else []
        if kind == "mosquitto":
            conf = folder / "mosquitto.conf"
            conf.write_text(
                f"listener {self.port} 127.0.0.1\nuser root\nallow_anonymous false\npassword_file {self.passwords}\n"
                f"acl_file {self.access}\nmax_queued_messages 0\nmax_inflight_messages 0\n{settings}"
            )
            command = [str(MOSQUITTO), "-c", str(conf)]
        self._log = (folder / "broker.log").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        until(self._answers, "the broker listens")

    @property
    def _files(self) -> tuple[Path, Path]:
        return self.passwords, self.access

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def reload(self) -> None:
        """Reads users and rights anew."""
        self._process.send_signal(signal.SIGHUP)
        time.sleep(0.2)

    def cut(self) -> None:
        """All connections are cut at once (aedes only)."""
        self._process.send_signal(signal.SIGUSR1)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()


class Sensor:
    """A device: sends what it is told to, at QoS 1, and waits until the broker has it."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self.name = name
        self._results: queue.Queue[Any] = queue.Queue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"device-{name}")
        self._client.username_pw_set(name, password)
        self._client.on_connect = lambda *given: self._results.put(given[3])
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.connected = not self._results.get(timeout=10).is_failure

    def connects_again(self) -> None:
        """Returns when a connection that was cut is there anew."""
        assert not self._results.get(timeout=30).is_failure

    def send(self, *payloads: Any, topic: str | None = None) -> None:
        """Each payload is JSON to be, or bytes."""
        sent = []
        for payload in payloads:
            data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            sent.append(self._client.publish(topic or f"sensors/{self.name}/readings", data, qos=1))
        for each in sent:
            each.wait_for_publish(20)
            assert each.is_published()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class ServiceServer:
    """A stage's service on a port, that can be away and come back."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._server: uvicorn.Server | None = None

    def start(self) -> None:
        app = create(self._stage.settings, self._stage.vault)
        config = uvicorn.Config(app, host="127.0.0.1", port=self._port, log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server and self._server.started, "the service starts")

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(20)
            self._server = None


class Site:
    """A gateway in a folder of its own, with its broker and its service."""

    def __init__(self, folder: Path, stage: Stage, broker: BrokerProcess, **changed: Any) -> None:
        self.folder, self.stage, self.broker = folder, stage, broker
        folder.mkdir()
        self.service = ServiceServer(stage)
        own = OwnKey(stage, f"gateway-{folder.name}", roles.Role.SENSOR_GATEWAY)
        self.partner = own.did
        for name, text in (
            ("token", stage.tokens[own.did]),
            ("key-password", "of this key"),
            ("key.json", json.dumps(Account.encrypt(own.account.key, "of this key", iterations=2))),
            ("network.json", json.dumps(stage.network.model_dump())),
            ("broker-password", "the gateway's own"),
        ):
            (folder / name).write_text(text)
        self.config = folder / "gateway.toml"
        self.configure(**changed)
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, broker: str = "", **summaries: Any) -> None:
        """Writes gateway.toml; `broker`: more lines of its table."""
        given = {"interval_seconds": 900, "grace_seconds": 1.5, "limits_seconds": 1, **summaries}
        lines = "\n".join(f"{name} = {value}" for name, value in given.items())
        self.config.write_text(
            f"""
folder = "state"
[broker]
host = "127.0.0.1"
port = {self.broker.port}
user = "gateway"
password_file = "broker-password"
client_id = "gateway-{self.folder.name}"
passwords = "{self.broker.passwords}"
access = "{self.broker.access}"
{broker}
[service]
url = "{self.service.url}"
token_file = "token"
keystore = "key.json"
keystore_password_file = "key-password"
network_file = "network.json"
[flood]
per_second = 100
burst = 1000
[summaries]
{lines}
"""
        )

    def command(self, *words: str) -> str:
        """What `chain-service gateway …` prints; it must succeed."""
        done = self.tried(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tried(self, *words: str) -> subprocess.CompletedProcess[str]:
        options = [] if "--check" in words else ["--config", str(self.config)]
        command = [sys.executable, "-m", "chain_service.cli", "gateway", *words, *options]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)

    def add(self, name: str, *options: str, item: str = SSCC) -> Sensor:
        """A device that is known to gateway and broker, connected; it has measured since ten days ago."""
        words = {line.split()[0]: line.split()[-1] for line in self.added(name, *options, item=item) if line}
        return Sensor(self.broker.port, name, words["password"])

    def added(self, name: str, *options: str, item: str = SSCC) -> list[str]:
        since = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 10 * 86_400))}"
        told = self.command("device", "add", name, "--item", item, "--from", since, *options)
        self.broker.reload()
        return told.splitlines()

    def start(self, connected: bool = True) -> None:
        """Returns once it is at the broker, or at once."""
        command = [sys.executable, "-m", "chain_service.cli", "gateway", "run", "--config", str(self.config)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        before = self.fact("beat")
        if connected:
            until(lambda: self.fact("beat") != before, "the gateway is at the broker")

    def fact(self, name: str) -> Any:
        rows = self.rows("SELECT value FROM facts WHERE name = ?", name)
        return rows[0]["value"] if rows else None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it with a signal; its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(30)
        self._process = None
        return code

    def rows(self, query: str, *values: Any) -> list[Any]:
        connection = store.connect(self.folder / "state")
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def count(self, device: str, word: str) -> int:
        rows = self.rows("SELECT count FROM counts WHERE device = ? AND word = ?", device, word)
        return rows[0]["count"] if rows else 0

    def stored(self, device: str, number: int) -> None:
        """Waits until so many readings are stored."""
        until(lambda: self.count(device, "stored") >= number, f"{number} readings of {device} are stored")
        assert self.count(device, "stored") == number

    def events(self, number: int) -> list[dict[str, Any]]:
        """Waits until so many events are posted; all of them, as the service has them, in the order they were made."""
        query = "SELECT event_id FROM outbox WHERE state = 'posted' ORDER BY id"
        until(lambda: len(self.rows(query)) >= number, f"{number} events are posted")
        found = []
        for row in self.rows(query):
            answer = httpx.get(f"{self.service.url}/epcis/events/{row['event_id']}")
            assert answer.status_code == 200, answer.text
            found.append(answer.json()["epcisBody"]["eventList"][0] if "epcisBody" in answer.json() else answer.json())
        assert len(found) == number, found
        return found


@contextmanager
def closing(site: Site) -> Iterator[Site]:
    """A site whose parts end with the context."""
    try:
        yield site
    finally:
        site.stop(signal.SIGKILL)
        site.service.stop()


def reading(seq: int, at: int, value: Any = 5.0, **more: Any) -> dict[str, Any]:
    """One of a temperature."""
    return {"seq": seq, "at": at, "type": "Temperature", "value": value, "uom": "CEL", **more}


def message(*readings: Mapping[str, Any], sent: int | None = None) -> dict[str, Any]:
    """Several, sent now."""
    return {"sent": now_ms() if sent is None else sent, "readings": list(readings)}


def reports(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All reports of an event."""
    return [each for element in event["sensorElementList"] for each in element["sensorReport"]]


def whole(event: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a summary of one sensor that counts."""
    (found,) = [each for each in reports(event) if "cs:count" in each]
    return found


def ago(minutes: float) -> int:
    """Unix milliseconds."""
    return now_ms() - int(minutes * 60_000)
