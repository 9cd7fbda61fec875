"""The contracts' shipped ABI and bytecode."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def artifact(name: str) -> dict[str, Any]:
    """{"abi", "bytecode", …} of a contract by its name, such as AnchorLog."""
    content: dict[str, Any] = json.loads((files("chain_service.chain") / "artifacts" / f"{name}.json").read_text())
    return content
