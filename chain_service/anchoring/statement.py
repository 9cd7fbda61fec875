"""The statement that follows from an event, field by field (DESIGN section 4, 'Statement')."""

from collections.abc import Iterable, Mapping
from typing import Any

from chain_service.events.facts import Facts, facts
from chain_service.kit import merkle
from chain_service.kit.digests import event_digest, item_digest
from chain_service.kit.eip712 import Statement


def derive(event: Mapping[str, Any], salt: bytes) -> Statement:
    """The statement about an event as stated (with its `@context`, without recordTime); `salt`: 32 bytes.

    Raises ValueError, and nothing else, for a JSON object from which no statement follows.
    """
    return from_facts(facts(event), event_digest(salt, event))


def from_facts(known: Facts, digest: bytes) -> Statement:
    """The statement about an event whose facts and digest (32 bytes) are at hand."""
    return Statement(
        event_digest=digest,
        subjects=subjects(name for _, name in known.items),
        step=known.step,
        disposition=known.disposition,
        place=known.place,
        event_time=known.event_time,
        flags=known.flags,
    )


def subjects(names: Iterable[str]) -> bytes:
    """RFC 6962 root over the item digests of `names`, as leaf data, unique and sorted bytewise."""
    digests = sorted({item_digest(name) for name in names})
    return merkle.root([merkle.leaf_hash(digest) for digest in digests])
