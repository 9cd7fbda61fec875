"""URIs and their short forms: what a JSON-LD `@context` makes of a prefixed name.

Source: JSON-LD 1.1 section 4.1.5 (compact IRIs), EPCIS 2.0 section 10 (JSON binding), RFC 3986.
"""

import re
from collections.abc import Mapping
from typing import Any

# The prefixes that every pinned GS1 context declares.
GS1_PREFIXES: Mapping[str, str] = {
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "dcterms": "http://purl.org/dc/terms/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# RFC 3986 section 3, and IRIs (RFC 3987): a scheme, a colon, and no character that must be percent-encoded.
_URI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\xa0<>"{}|\\^`\ud800-\udfff]+')


MAX_URI = 2048  # characters; also what keeps the caches of names small


def is_uri(text: str) -> bool:
    """Whether the text is an absolute URI or IRI of at most MAX_URI characters (or a compact one, of the same form)."""
    return len(text) <= MAX_URI and _URI.fullmatch(text) is not None


def prefixes(context: Any) -> Mapping[str, str]:
    """All prefixes that a `@context` of pinned GS1 contexts and inline objects declares; GS1's own keep their meaning.

    Never raises: parts that are no context are passed over (events/contexts.py refuses them).
    """
    parts = context if isinstance(context, list) else [context]
    inline = [part for part in parts if isinstance(part, dict)]
    if not inline:
        return GS1_PREFIXES
    declared: dict[str, str] = {}
    for part in inline:
        for term, meaning in part.items():
            iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
            if isinstance(iri, str) and not term.startswith("@"):
                declared[term] = iri
    return {**declared, **GS1_PREFIXES}


def expand(text: str, declared: Mapping[str, str]) -> str:
    """The full URI of a compact one; any other text unchanged (JSON-LD 1.1 API section 5.2.2)."""
    prefix, colon, rest = text.partition(":")
    if not colon or rest.startswith("//") or prefix not in declared:
        return text
    return declared[prefix] + rest
