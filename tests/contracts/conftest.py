"""The tools that compile and test the contracts, run as programs: each fails with its own output."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Brownie's own tests run inside brownie's environment: test_brownie.py starts them.
collect_ignore = ["brownie"]

Run = Callable[..., str]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tool() -> Callable[[str, str], Path]:
    """(path or pattern below the repository, make target) -> the program; fails where it is not installed."""

    def find(pattern: str, target: str) -> Path:
        found = sorted(ROOT.glob(pattern))
        if not found:
            pytest.fail(f"{pattern} is missing: run `make {target}`")
        return found[0]

    return find


@pytest.fixture(scope="session")
def run() -> Run:
    """(*command, env=…, cwd=…) -> its standard output; fails with all it printed where it exits non-zero."""

    def call(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT, timeout: int = 300) -> str:
        done = subprocess.run(
            command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=timeout
        )
        if done.returncode:
            pytest.fail(f"{' '.join(map(str, command))} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    return call
