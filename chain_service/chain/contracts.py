"""The contracts' shipped ABI and bytecode, and the words for their codes."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

CUSTODY = {"partner": 1, "operator": 2}  # who holds a key
STATUSES = ("unknown", "good", "not_yet_valid", "ended", "suspended", "compromised")  # IPartnerRegistry.statusAt


@cache
def artifact(name: str) -> dict[str, Any]:
    """{"abi", "bytecode", …} of a contract by its name, such as AnchorLog."""
    content: dict[str, Any] = json.loads((files("chain_service.chain") / "artifacts" / f"{name}.json").read_text())
    return content
