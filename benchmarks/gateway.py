"""How many readings a second a gateway takes on one core: from the broker until they are on disk, and in events.

One reading a message at QoS 1, from 50 devices with limits. They wait at the broker, so that nothing else sets the
pace. The gateway has one core, and the time counts from its connection.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_account import Account

from benchmarks.figures import Figure
from chain_service.gateway import broker_files, devices, store
from chain_service.kit.clock import now_ms
from tests.gateway.ground import BrokerProcess, Sensor, until

DEVICES, EACH, TARGET = 50, 600, 2000
_CONFIG = """
folder = "state"
[broker]
host = "127.0.0.1"
port = {port}
user = "gateway"
password_file = "pw"
[service]
url = "http://127.0.0.1:1"
token_file = "pw"
keystore = "key.json"
keystore_password_file = "pw"
network_file = "network.json"
[summaries]
grace_seconds = 2
"""


def run() -> Iterator[Figure]:
    """Two figures."""
    with tempfile.TemporaryDirectory(prefix="chain-service-") as name:
        folder = Path(name)
        broker = BrokerProcess(folder)
        try:
            yield from _measured(folder, broker)
        finally:
            broker.close()


def _measured(folder: Path, broker: BrokerProcess) -> Iterator[Figure]:
    (folder / "gateway.toml").write_text(_CONFIG.format(port=broker.port))
    (folder / "pw").write_text("pw")
    (folder / "network.json").write_text('{"network": "bench-00112233445566ff"}')
    (folder / "key.json").write_text(json.dumps(Account.encrypt(Account.create().key, "pw", iterations=2)))
    database = store.connect(folder / "state")
    limits = {"Temperature": {"min": 2, "max": 8, "uom": "CEL"}}
    added = {
        f"d{n}": devices.add(
            database, folder / "state", f"d{n}", "https://id.gs1.org/00/395212010000044010", 0, limits=limits
        )
        for n in range(DEVICES)
    }
    broker_files.write(database, broker.passwords, broker.access, "sensors", ("gateway", "pw"))
    broker.reload()
    gateway = _gateway(folder)
    until(lambda: _one(database, "SELECT count(*) FROM facts WHERE name = 'beat'"), "the gateway is at the broker")
    gateway.terminate()
    gateway.wait()
    start = now_ms() // 900_000 * 900_000 - 900_000
    for name, device in added.items():
        sensor = Sensor(broker.port, name, device.password)
        rows = [
            {"seq": n, "at": start + n * 1000, "type": "Temperature", "value": 4 + n % 30 / 10, "uom": "CEL"}
            for n in range(EACH)
        ]
        sensor.send(*({"sent": now_ms(), **row} for row in rows))
        sensor.close()
    total = DEVICES * EACH
    gateway = _gateway(folder)
    until(lambda: _one(database, "SELECT count(*) FROM readings") == total, "all are stored", 120)
    connected = _one(database, "SELECT max(until) FROM absences")
    stored = total * 1000 / (now_ms() - connected)
    until(lambda: _one(database, "SELECT count(*) FROM readings WHERE part IS NULL") == 0, "all are in events", 120)
    gateway.terminate()
    _, __, used = os.wait4(gateway.pid, 0)
    gateway.returncode = 0
    goal = f"at least {TARGET:,} readings/s"
    yield Figure("readings stored, one a message, on one core", stored, "readings/s", target=goal, ok=stored >= TARGET)
    whole = total / (used.ru_utime + used.ru_stime)
    title = "the same in seconds of its processor, starting up and summaries included"
    yield Figure(title, whole, "readings/s", target=goal, ok=whole >= TARGET)


def _gateway(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "chain_service.cli", "gateway", "run", "--config", str(folder / "gateway.toml")]
    core = min(os.sched_getaffinity(0))
    return subprocess.Popen(  # noqa: S603 (the command is ours)
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def _one(database: Any, query: str) -> int:
    return int(database.execute(query).fetchone()[0])
