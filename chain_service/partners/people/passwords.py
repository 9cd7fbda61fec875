"""Passwords: argon2id (RFC 9106), and which of them are too weak to be taken."""

import re
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from chain_service.errors import Problem

SHORTEST, LONGEST = 12, 200  # characters
_PARAMETERS = profiles.RFC_9106_LOW_MEMORY  # 64 MiB, 3 passes, 4 lanes: RFC 9106 section 4, second recommendation
_HASHER = PasswordHasher.from_parameters(_PARAMETERS)
# Nobody's: checking against it takes as long as checking against a real one.
_NOBODYS = (
    f"$argon2id$v={_PARAMETERS.version}$m={_PARAMETERS.memory_cost},t={_PARAMETERS.time_cost},"
    f"p={_PARAMETERS.parallelism}${'A' * 22}${'A' * 43}"
)
# Each check takes its memory: who sends many at once waits, instead of taking the machine's.
_AT_ONCE = BoundedSemaphore(4)
_WAIT_SECONDS = 10
# Who waits holds one of the 40 threads in which all requests are answered: the others must not run out of them.
_IN_LINE = BoundedSemaphore(16)
# What the lists of leaked passwords begin with, and the rows of keyboards; with digits around them they stay common.
_COMMON = (
    "password", "passwort", "passwd", "passw0rd", "p@ssw0rd", "p@ssword", "pa55word", "qwertyuiop", "qwerty", "qwertz",
    "azerty", "asdfghjkl", "asdf", "zxcvbnm", "1qaz2wsx3edc", "1qaz2wsx", "1q2w3e4r5t6y", "1q2w3e4r", "iloveyou",
    "letmein", "welcome", "admin", "administrator", "changeme", "secret", "dragon", "monkey", "football", "baseball",
    "sunshine", "princess", "master", "superman", "batman", "trustno1", "whatever", "default", "login", "test", "user",
    "woaini", "abcdefghijklmnopqrstuvwxyz", "abcdef", "abc", "hello", "chain", "service", "company", "summer", "winter",
    "spring", "autumn",
)  # fmt: skip
_COMMON_PART = re.compile("|".join(sorted(map(re.escape, _COMMON), key=len, reverse=True)))
_TOO_LITTLE = 4  # different characters that must remain beside what is common


def hashed(password: str) -> str:
    """The argon2id hash of a password in PHC form, with a salt of its own. Raises Problem 503 where many wait."""
    with _Turn():
        return _HASHER.hash(_normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; without a hash it takes as long and is False. Raises Problem 503."""
    with _Turn():
        try:
            return _HASHER.verify(password_hash or _NOBODYS, _normal(password)) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def refuse_weak(password: str, email: str, pointer: str) -> None:
    """Raises Problem 422 for a password that is too short, too long, the email, or among the commonest."""
    reason = _weakness(_normal(password), email)
    if reason:
        errors = [{"pointer": pointer, "detail": reason}]
        raise Problem(422, "weak-password", "Choose another password", reason, errors)


def _weakness(password: str, email: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters."
    plain = password.lower().strip()
    if plain == email:
        return "A password is not the email."
    if len(set(_COMMON_PART.sub("", re.sub(r"[\W\d_]", "", _COMMON_PART.sub("", plain))))) < _TOO_LITTLE:
        return "A password made of the commonest words, digits and signs alone is guessed first."
    return ""


def _normal(password: str) -> str:
    """One form of what keyboards write in several (RFC 8265 section 4.2.2)."""
    return unicodedata.normalize("NFC", password)


class _Turn:
    def __enter__(self) -> None:
        if not _IN_LINE.acquire(blocking=False):
            raise _busy()
        if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
            _IN_LINE.release()
            raise _busy()

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()
        _IN_LINE.release()


def _busy() -> Problem:
    detail = "Many people sign in at this moment. Try again in a little while."
    return Problem(503, "busy", "Too many sign in at once", detail, headers={"Retry-After": "10"})
