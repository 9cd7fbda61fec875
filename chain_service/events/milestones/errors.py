"""What is wrong with a milestone: where, a stable code that pages translate, and one English sentence."""

from typing import Any

Error = dict[str, Any]  # {"pointer", "code", "detail", "values"?}

# What only says that the organisation may not; with any other error the milestone itself is wrong.
FORBIDDEN = frozenset(("role-may-not-state", "not-permitted"))


def error(pointer: str, code: str, detail: str, **values: Any) -> Error:
    """One thing that is wrong; `values` are what a translation of its sentence needs."""
    return {"pointer": pointer, "code": code, "detail": detail, **({"values": values} if values else {})}
