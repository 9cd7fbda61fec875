"""Python's guard against input that nests too deeply, put back where a library has taken it away.

py_ecc, which eth-account brings, raises the recursion limit to 100,000 when it is imported. CPython 3.11 reads JSON
recursively in C under that same limit: what should be refused then overflows the stack and ends the process.
"""

import sys

LIMIT = 1000  # Python's own default


def guard() -> None:
    """To be called by each long-lived process once its imports are done."""
    sys.setrecursionlimit(LIMIT)
