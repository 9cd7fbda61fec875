"""HTTP content codings: which one a client accepts, and bytes in it (RFC 9110 section 8.4.1)."""

import gzip

import brotli

CODINGS = ("br", "gzip", "identity")  # the best first


def best(accepted: str) -> str:
    """One of CODINGS: the best content coding that an Accept-Encoding header names (RFC 9110 section 12.5.3)."""
    offered = {}
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        offered[name.strip()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((name for name in CODINGS if offered.get(name)), "identity")


def encoded(content: bytes, coding: str, *, once: bool = False) -> bytes:
    """Content in one of the codings that best() names.

    `once`: it is sent to few, so it is made in the time of gzip's middle level; else as small as it gets.
    """
    if coding == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=6 if once else 11))
    return gzip.compress(content, 6 if once else 9) if coding == "gzip" else content
