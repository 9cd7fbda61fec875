"""`chain-service label`: a label into a file or to standard output."""

import sys
from pathlib import Path

from chain_service.items.labels import Format, label, symbol
from chain_service.settings import settings


def run(item: str, fmt: Format, out: Path | None, base: str | None) -> int:
    """Writes the label of an identifier; `base` where not given is the service's public address.

    Raises ValueError, with the reason for the user, for what has no label; OSError when the file can't be written.
    """
    address = base or settings().public_url
    data = label(item, address, fmt)
    print(f"the code opens {symbol(item, address).link}", file=sys.stderr)  # what is printed cannot be changed
    if out is None:
        sys.stdout.buffer.write(data)
    else:
        out.write_bytes(data)
    return 0
