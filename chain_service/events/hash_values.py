"""How single values are written in the text that the CBV event hash is made of (CBV 2.0 section 8.9, rules 5 to 18)."""

import math
import re
from functools import lru_cache
from typing import Any

from chain_service.kit import clock, curie, vocabulary
from chain_service.kit.digital_link import canonical_name as _name
from chain_service.kit.vocabulary import InvalidWord, Vocabulary

_WEB_VOCABULARY = "https://ref.gs1.org/voc/"
_SENSOR_TYPES = curie.GS1_PREFIXES["gs1"]
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FINER_FRACTION = re.compile(r"\.\d{3}(\d{1,3})", re.ASCII)
_URNS = {
    "bizstep": vocabulary.STEPS,
    "disp": vocabulary.DISPOSITIONS,
    "btt": vocabulary.TRANSACTION_TYPES,
    "sdt": vocabulary.SOURCE_TYPES,
    "er": vocabulary.ERROR_REASONS,
}


def value_form(value: Any) -> str:
    """Any scalar of a JSON event; empty for null."""
    if isinstance(value, str):
        return text_form(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _number(value)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)


def text_form(value: str) -> str:
    """A text in canonical form: numbers without leading and trailing zeros, GS1 identifiers and words in full."""
    value = value.strip()
    scheme, colon, rest = value.partition(":")
    if not colon:
        number = float(value) if _NUMBER.fullmatch(value) else math.inf
        return _number(number) if math.isfinite(number) else value
    if scheme in ("gs1", "cbv"):
        return _WEB_VOCABULARY + rest if scheme == "gs1" else curie.expand(value, curie.GS1_PREFIXES)
    if value.startswith("urn:epcglobal:cbv:"):
        words = _URNS.get(value.split(":")[3])
        return value if words is None else word_form(value, words)
    try:
        return _name(value) if len(value) <= curie.MAX_URI else _name.__wrapped__(value)  # keeps its cache small
    except ValueError:
        return value


@lru_cache(maxsize=1 << 12)
def word_form(word: str, words: Vocabulary) -> str:
    """The full URI of a word of the standard; any other word, a compact URI included, as it is."""
    try:
        uri = words.uri(word)
    except InvalidWord:
        return word
    if uri.startswith(_SENSOR_TYPES):
        return _WEB_VOCABULARY + uri[len(_SENSOR_TYPES) :]
    return uri


@lru_cache(maxsize=1 << 13)
def time_form(text: str) -> str:
    """In UTC, to the millisecond; a half goes to the even one. What is no date and time stays as it is."""
    try:
        milliseconds = clock.parse_time(text)
    except ValueError:
        return text
    fraction = _FINER_FRACTION.search(text)
    if fraction:
        below = int(fraction[1].ljust(3, "0"))
        milliseconds += below > 500 or (below == 500 and milliseconds % 2 == 1)
    return clock.iso(milliseconds)
