"""What is wrong with a file or a cell: a stable code with values, which words.json says in each language.

Unreadable(ValueError)   the whole file is of no use
Fault                    one cell or row is wrong
"""

from typing import Any, NamedTuple


class Fault(NamedTuple):
    """Why a cell or row is wrong. `values` fill the text of the code."""

    code: str
    values: dict[str, Any]


class Unreadable(ValueError):
    """A file that is refused as a whole, with the code of the reason and its values."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
