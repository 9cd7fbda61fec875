"""What is wrong in a document, and where."""

from typing import NamedTuple


class Problem(NamedTuple):
    """`pointer`: RFC 6901, to the offending value, or to the object that lacks a member; `reason`: one sentence."""

    pointer: str
    reason: str


def step(pointer: str, name: str) -> str:
    """The pointer to a member of what `pointer` points at."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def shown(value: object) -> str:
    """A value as a message shows it: short, and never the whole of something large."""
    if isinstance(value, str):
        return f"'{value[:60]}{'…' if len(value) > 60 else ''}'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return repr(value)[:30] if abs(value) < 1e21 else "a huge number"
    return "a list" if isinstance(value, list) else "an object"
