"""Merkle trees of RFC 6962 section 2.1 over SHA-256. Order is kept, so a path also proves a position."""

import hashlib
from collections.abc import Sequence

_sha256 = hashlib.sha256
EMPTY_ROOT = _sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return _sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree over leaf hashes in their order, kept whole so that many paths cost one building."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self._levels = _levels(leaf_hashes)

    @property
    def root(self) -> bytes:
        """The root; SHA-256 of the empty string where there is no leaf."""
        return self._levels[-1][0] if self._levels[0] else EMPTY_ROOT

    def path(self, index: int) -> list[bytes]:
        """The sibling hashes from leaf `index` up to the root, lowest first (RFC 6962 section 2.1.1).

        Raises IndexError when there is no such leaf.
        """
        if not 0 <= index < len(self._levels[0]):
            raise IndexError(f"no leaf {index} in a tree of {len(self._levels[0])}")
        siblings = []
        for level in self._levels[:-1]:
            if (index ^ 1) < len(level):
                siblings.append(level[index ^ 1])
            index >>= 1
        return siblings


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """As Tree.root, for a tree needed once."""
    return Tree(leaf_hashes).root


def path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """As Tree.path, for a path needed once."""
    return Tree(leaf_hashes).path(index)


def root_from_path(leaf: bytes, index: int, count: int, siblings: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to, or None where its length does not fit the position (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < count:
        return None
    position, last, result = index, count - 1, leaf
    for sibling in siblings:
        if last == 0:
            return None
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        position >>= 1
        last >>= 1
    return result if last == 0 else None


def _levels(leaf_hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """All levels of the tree, leaves first; a node without a sibling moves up unchanged."""
    levels: list[Sequence[bytes]] = [leaf_hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_sha256(b"\x01" + below[i] + below[i + 1]).digest() for i in range(0, len(below) - 1, 2)]
        if len(below) & 1:
            above.append(below[-1])
        levels.append(above)
    return levels
