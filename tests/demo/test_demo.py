"""The demo as a user meets it: started, interrupted, killed, started again, with parts of its state gone."""

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chain_service.demo import OPERATOR
from chain_service.local import free_port
from chain_service.verification.node import NodeReader
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check

SOON = 20.0  # seconds within which a later start is ready: 10 are promised, and tests share their machine
PARTS = ("chain", "serve", "worker")


class Demo:
    """`chain-service demo` in a session of its own, with what it printed."""

    def __init__(self, folder: Path, port: int | None = None, chain: str = "anvil", host: str = "127.0.0.1") -> None:
        self.folder = folder
        self.port = port or free_port()
        self._out = folder.parent / f"{folder.name}.out"
        options = ["--folder", str(folder), "--port", str(self.port), "--chain", chain, "--host", host]
        self.begun = time.monotonic()
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chain_service.cli", "demo", *options],
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self._out.read_text()

    def until(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """What it prints that matches, once it does."""
        deadline = time.monotonic() + seconds
        while (found := re.search(pattern, self.said, re.MULTILINE)) is None:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return found

    def ready(self) -> str:
        """The passport's address, once everything is ready."""
        url = self.until(r"^ready (http://\S+)$")[1]
        self.seconds = time.monotonic() - self.begun
        return url

    def children(self) -> set[int]:
        """The processes that belong to this folder: they hold its claim, whoever started them."""
        held = str((self.folder / "owner").resolve())
        found = set()
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and held in {os.readlink(file) for file in (entry / "fd").iterdir()}:
                    found.add(int(entry.name))
            except OSError:
                continue
        return found

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ends it, as Ctrl-C does, and returns its exit code once nothing of it runs any more."""
        self.process.send_signal(how)
        code = self.process.wait(30)
        deadline = time.monotonic() + 10
        while left := self.children():
            assert time.monotonic() < deadline, f"still running: {left}"
            time.sleep(0.05)
        return code


def passport(url: str) -> list[dict[str, Any]]:
    """The receipts of the passport at an address."""
    parts = httpx.URL(url)
    answer = httpx.get(parts.copy_with(path=f"/v1/passports{parts.path}"), trust_env=False)
    assert answer.status_code == 200, answer.text
    return [step["receipt"] for step in answer.json()["steps"]]


def rights_of(demo: Demo, entry: dict[str, Any]) -> int:
    """How many rights the person of a credentials entry has, once signed in."""
    login = {"email": entry["email"], "password": entry["loginPassword"]}
    answer = httpx.post(f"http://127.0.0.1:{demo.port}/v1/session", json=login, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert answer.json()["partner"]["did"] == entry["partner"]
    return len(answer.json()["person"]["rights"])


def failed(folder: Path, receipts: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    """The failed checks of each receipt that fails, by the network file's node."""
    trust = Trust.from_json(json.loads((folder / "network.json").read_text()))
    with NodeReader(trust) as reader:
        verdicts = [check(receipt, trust, reader) for receipt in receipts]
    assert all(verdict.checks[5].outcome == "passed" for verdict in verdicts)
    return [verdict.failed for verdict in verdicts if verdict.failed]


def cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chain_service.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Starts the demo in this test's folder; whatever still runs afterwards is ended."""
    started: list[Demo] = []

    def run(**options: Any) -> Demo:
        started.append(Demo(tmp_path / "demo", **options))
        return started[-1]

    yield run
    for demo in started:
        demo.process.kill()
        demo.process.wait()
        for left in demo.children():
            os.kill(left, signal.SIGKILL)


def test_a_whole_life(start: Callable[..., Demo], tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo = start()
    url = demo.ready()
    assert url.startswith(f"http://127.0.0.1:{demo.port}/01/")
    assert re.search(r"[█▀▄]{20}", demo.said), "the QR code"
    receipts = passport(url)
    assert failed(folder, receipts) == []
    network = json.loads((folder / "network.json").read_text())
    assert set(network) == {"network", "rpc", "chainId", "contracts"}
    assert re.fullmatch(r"demo-[0-9a-f]{16}", network["network"])
    assert {"AnchorLog", "PartnerRegistry"} <= set(network["contracts"])
    credentials = json.loads((folder / "credentials.json").read_text())
    for entry in credentials:
        assert set(entry) == {"partner", "roles", "token", "email", "loginPassword", "keystore", "password"}
        assert Path(entry["keystore"]).is_file()
        assert rights_of(demo, entry) == 4 + ("operator" in entry["roles"])
    assert len({entry["loginPassword"] for entry in credentials}) == len(credentials)
    assert [entry["partner"] for entry in credentials if "operator" in entry["roles"]] == [OPERATOR]
    for secret in ("credentials.json", "keys-password", "keys/operator.json"):
        assert (folder / secret).stat().st_mode & 0o077 == 0, secret

    second = cli("demo", "--folder", str(folder), "--port", str(free_port()))
    assert second.returncode == 1
    assert f"a demo runs in {folder} already (process {demo.process.pid})" in second.stderr

    assert "Altered" in cli("tamper", "--folder", str(folder)).stdout
    assert cli("tamper", "--folder", str(folder)).returncode == 2
    time.sleep(1.1)  # a passport is kept for a second
    assert failed(folder, passport(url)) == [(1, 2)] or failed(folder, passport(url)) == [(1,)]
    assert demo.end() == 0, demo.said
    assert "Traceback" not in demo.said

    demo = start(port=demo.port)  # on what it left, altered as it is
    assert demo.ready() == url
    assert "make untamper" in demo.said
    assert demo.seconds < SOON
    assert "Put the event back" in cli("untamper", "--folder", str(folder)).stdout
    assert cli("untamper", "--folder", str(folder)).returncode == 2
    time.sleep(1.1)
    assert failed(folder, passport(url)) == []
    assert [r["batch"] for r in passport(url)] == [r["batch"] for r in receipts], "nothing was sealed a second time"
    assert json.loads((folder / "credentials.json").read_text()) == credentials
    assert rights_of(demo, credentials[-1]) == 5

    assert demo.end(signal.SIGKILL) == -signal.SIGKILL  # and its parts end with it
    (folder / "credentials.json").unlink()
    (folder / "anvil-state.json").write_text('{"block": {"number"')  # half written
    demo = start(port=demo.port)
    assert demo.ready() == url
    assert "Deployed the contracts" in demo.said
    assert json.loads((folder / "network.json").read_text())["network"] == network["network"]
    assert failed(folder, passport(url)) == []
    newest = json.loads((folder / "credentials.json").read_text())
    assert rights_of(demo, newest[0]) == 4
    tokens = {entry["token"] for entry in json.loads((folder / "credentials.json").read_text())}
    assert not tokens & {entry["token"] for entry in credentials}
    demo.end(signal.SIGTERM)

    (folder / "chain-service.db").unlink()
    demo = start(port=demo.port)
    assert failed(folder, passport(demo.ready())) == []
    assert json.loads((folder / "network.json").read_text())["network"] != network["network"]
    assert demo.end() == 0


def test_on_ganache_and_on_every_address(start: Callable[..., Demo], tmp_path: Path) -> None:
    demo = start(chain="ganache", host="0.0.0.0")
    url = demo.ready()
    assert url.split("//")[1].split(":")[0] not in ("0.0.0.0", "localhost")
    assert failed(tmp_path / "demo", passport(url)) == []
    assert json.loads((tmp_path / "demo" / "network.json").read_text())["chainId"] == 1337
    assert demo.end() == 0


def test_interrupted_first_starts_leave_nothing_running_and_nothing_in_the_way(
    start: Callable[..., Demo], tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    moments = [
        ("keys/admin.json", signal.SIGKILL),  # keys half made, contracts half deployed
        ("chain-service.db", signal.SIGKILL),  # no credentials yet
        ("network.json", signal.SIGINT),  # nothing loaded yet
        ("logs/serve.log", signal.SIGINT),  # the service begins
    ]
    for file, how in moments:
        demo = start()
        deadline = time.monotonic() + 30
        while not (folder / file).exists():
            assert time.monotonic() < deadline, demo.said
            time.sleep(0.002)
        begun = time.monotonic()
        assert demo.end(how) == (0 if how == signal.SIGINT else -how), demo.said
        assert time.monotonic() - begun < SOON
        assert "ready" not in demo.said
        if "Starting the chain" in demo.said:  # before that, Python ends as it always does
            assert "Traceback" not in demo.said
    demo = start()
    assert failed(folder, passport(demo.ready())) == []
    assert demo.end() == 0


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = cli("demo", "--folder", str(tmp_path / "demo"), "--port", str(port))
    assert said.returncode == 1
    assert f"port {port} of 127.0.0.1 can't be used (Address already in use); choose another with PORT=" in said.stderr
    assert not (tmp_path / "demo" / "anvil-state.json").exists()


def test_a_folder_is_free_again_when_the_last_part_of_a_killed_demo_has_ended(tmp_path: Path) -> None:
    from chain_service.local import LocalError, claim

    with (tmp_path / "owner").open("w+") as part:
        part.write("999999999\n")
        part.flush()
        fcntl.flock(part, fcntl.LOCK_EX)
        with pytest.raises(LocalError, match="parts of an earlier demo still run"):
            claim(tmp_path, seconds=0.2)
    os.close(claim(tmp_path, seconds=0.2))


def test_tampering_needs_a_demo(tmp_path: Path) -> None:
    said = cli("tamper", "--folder", str(tmp_path))
    assert said.returncode == 2
    assert "`make demo` makes one" in said.stderr
    assert "Traceback" not in said.stderr
