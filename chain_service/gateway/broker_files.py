"""Users of a mosquitto broker: its password file and its access list, one user for each device.

Source: mosquitto.conf(5), password_file and acl_file; PBKDF2-HMAC-SHA512 as mosquitto_passwd writes it.
"""

import base64
import hashlib
import os
import secrets
import sqlite3
from pathlib import Path

_ITERATIONS = 101  # mosquitto's own; these passwords are random, so that nobody guesses one
_SALT_BYTES = 12


def hashed(password: str) -> str:
    """A password as it stands in the file."""
    salt = secrets.token_bytes(_SALT_BYTES)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def write(
    connection: sqlite3.Connection,
    passwords: Path | None,
    access: Path | None,
    topic: str,
    gateway: tuple[str, str] | None,
) -> list[Path]:
    """Writes both files anew for all devices that are not revoked. `gateway`: its own user and password."""
    rows = connection.execute("SELECT name, password FROM devices WHERE revoked IS NULL ORDER BY name").fetchall()
    users = [(row["name"], row["password"]) for row in rows]
    allowed = [f"user {name}\ntopic write {topic}/{name}/readings\n" for name, _ in users]
    if gateway is not None:
        users.insert(0, (gateway[0], hashed(gateway[1])))
        allowed.insert(0, f"user {gateway[0]}\ntopic read {topic}/+/readings\n")
    written = []
    for path, text in (
        (passwords, "".join(f"{name}:{line}\n" for name, line in users)),
        (access, "\n".join(allowed)),
    ):
        if path is not None:
            _replace(path, text)
            written.append(path)
    return written


def private(path: str, flags: int) -> int:
    """An opener of files that only this user reads."""
    return os.open(path, flags, 0o600)


def _replace(path: Path, text: str) -> None:
    """At once, and with the mode that the broker's own file had."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with open(new, "x", encoding="utf-8", opener=private) as file:
        file.write(text)
    new.chmod(mode)
    if path.exists():
        was = path.stat()
        os.chown(new, was.st_uid, was.st_gid)
    new.replace(path)
