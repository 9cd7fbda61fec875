"""Gas of a batch of any size after an operator's first, and the length of a path: on Anvil, sent as the worker does."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.chain import deployed
from benchmarks.figures import Figure, within
from chain_service.chain.client import Chain
from chain_service.kit.merkle import Tree
from chain_service.local import Children
from chain_service.partners.custody import Custody

SIZES = (1, 1000, 4096)
MOST_GAS = 85_000
MOST_PATH = 400  # bytes
_HASH = 32


def run() -> Iterator[Figure]:
    """A figure for each size, the operator's first batch for information, and the longest path of the largest."""
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder) / "logs") as children:
        network, service = deployed(Path(folder), children)
        chain = Chain(network)
        secret = Custody(Path(folder) / "keys", service.environment["CHAIN_SERVICE_KEYS_PASSWORD"]).secret()
        first = 0
        for number, size in enumerate((1, *SIZES)):
            tree = Tree([os.urandom(_HASH) for _ in range(size)])
            used = _gas(chain, secret, service.operator, first, size, tree.root)
            first += size
            if number:
                yield within(f"Batch of {size:,} statements", used, "gas", MOST_GAS)
            else:
                yield Figure("An operator's first batch", used, "gas")
        longest = max(len(tree.path(index)) for index in range(size)) * _HASH
        yield within(f"Path of a statement among {size:,}", longest, "bytes", MOST_PATH)


def _gas(chain: Chain, secret: bytes, operator: str, first: int, size: int, root: bytes) -> int:
    head = chain.head()
    transaction, raw = chain.sign_anchor(secret, chain.nonce(operator, head.number), first, size, root, head)
    chain.send(raw)
    deadline = time.monotonic() + 10
    while not (receipt := chain.request("eth_getTransactionReceipt", [transaction])["result"]):
        if time.monotonic() > deadline:
            raise RuntimeError("the batch was not mined")
        time.sleep(0.02)
    if int(receipt["status"], 16) != 1:
        raise RuntimeError("the batch was refused")
    return int(receipt["gasUsed"], 16)
