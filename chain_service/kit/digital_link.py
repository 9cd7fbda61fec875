"""Names of items and places: the canonical GS1 Digital Link of any identifier (DESIGN section 4).

Source: GS1 Digital Link Standard: URI Syntax 1.3 sections 4 and 5; Core Business Vocabulary 2.0 section 8.9 for what
a constrained canonical Digital Link keeps.
"""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote, unquote

from chain_service.kit import epc_urn
from chain_service.kit.gs1 import ALIASES, KEYS, QUALIFIERS, InvalidKey, NotInFormat, are_digits, check

CANONICAL = "https://id.gs1.org"
_CANONICAL_HOST = "id.gs1.org"
_HEX = frozenset("0123456789ABCDEFabcdef")
_UNRESERVED = frozenset("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~")
_PLAIN = _UNRESERVED - {"~"}  # stand for themselves in a URN as in a Digital Link, and may stand in a serial number
_OF_A_PRODUCT = ("urn:epc:id:sgtin:", "urn:epc:class:lgtin:")
_SHORTEST_GTIN = 8
_CACHED_NAMES = 1 << 16


class Item(NamedTuple):
    """What an identifier names: its canonical name, its level (instance, lot, class, logistic_unit, place, party,
    asset, document, …) and the keys in the name by Application Identifier, not percent-encoded."""

    name: str
    level: str
    keys: dict[str, str]


@lru_cache(maxsize=_CACHED_NAMES)
def canonical_name(identifier: str) -> str:
    """The one name of an item or place: a canonical Digital Link, or the identifier itself where it has none.

    Takes EPC URNs, class and pattern URNs, Digital Links on any domain (their query and fragment are ignored).
    Raises InvalidKey for a malformed GS1 key.
    """
    return _instance_or_lot(identifier) or _name(identifier)


def _name(identifier: str) -> str:
    item = parse(identifier)
    return identifier if item is None else item.name


def _instance_or_lot(urn: str) -> str | None:
    """The name where it is that of the product and a plain serial or lot number: what a full parse finds, sooner.

    None where the identifier is anything else, malformed ones included.
    """
    parts = urn.split(".", 2)
    if len(parts) < 3 or not urn.startswith(_OF_A_PRODUCT):
        return None
    number = parts[2]
    if not 1 <= len(number) <= QUALIFIERS["21"].rest or not _PLAIN.issuperset(number):
        return None
    try:
        return _beginning(parts[0], parts[1]) + number
    except InvalidKey:  # the full parse says what is wrong in terms of the whole URN
        return None


@lru_cache(maxsize=1 << 13)
def _beginning(scheme_and_company: str, reference: str) -> str:
    """What the names of all instances, or all lots, of a product begin with. Raises InvalidKey."""
    return _name(f"{scheme_and_company}.{reference}.1").removesuffix("1")


def parse(identifier: str) -> Item | None:
    """What an EPC URN or a Digital Link on any domain names; None for an identifier without a Digital Link form.

    Raises InvalidKey for a malformed GS1 key. On a domain other than id.gs1.org a path that does not follow the
    Digital Link syntax is an address of that domain, not a malformed key.
    """
    if identifier[:8].lower() == epc_urn.PREFIX:
        keys = epc_urn.keys_of(identifier)
        return None if keys is None else _item(*keys[0], keys[1:])
    scheme, separator, rest = identifier.partition("://")
    if not separator or scheme.lower() not in ("https", "http"):
        return None
    rest = rest.partition("#")[0].partition("?")[0]
    host, _, path = rest.partition("/")
    try:
        item = _from_path(path)
    except NotInFormat:
        if host.lower() == _CANONICAL_HOST or _is_mistyped_number(path):
            raise
        return None
    if item is None and host.lower() == _CANONICAL_HOST:
        raise InvalidKey(f"'{identifier[:80]}' names no GS1 key: /01/ and a GTIN would, for instance")
    return item


def parse_path(path: str) -> Item:
    """What the path of a Digital Link names, still percent-encoded, such as /01/09521234543213/21/A%2F1.

    Raises InvalidKey when the path is anything but a primary key and its qualifiers.
    """
    segments = path.removeprefix("/").removesuffix("/").split("/")
    if len(segments) % 2 or _ai(segments[0]) not in KEYS:
        raise InvalidKey(f"'{path[:80]}' does not start with a GS1 key and its value")
    item = _from_segments(segments)
    if item is None:
        raise InvalidKey(f"'{path[:80]}' holds a name that is no qualifier of its key")
    return item


def _from_path(path: str) -> Item | None:
    """The last key in a path that may have any beginning. Raises NotInFormat when there are only ill-formed ones."""
    segments = path.removesuffix("/").split("/")
    failure: NotInFormat | None = None
    for start in range(len(segments) - 2, -1, -2):
        if _ai(segments[start]) in KEYS:
            try:
                item = _from_segments(segments[start:])
            except NotInFormat as error:
                failure = failure or error
            else:
                if item is not None:
                    return item
    if failure is not None:
        raise failure
    return None


def _from_segments(segments: list[str]) -> Item | None:
    """The item of a key, its value, and pairs of qualifiers; None where a qualifier's name is unknown to the key."""
    ai = _ai(segments[0])
    value, _ = _key(ai, _decode(segments[1]))
    if len(segments) == 2:
        return _item(ai, value, ())
    names = [_ai(name) for name in segments[2::2]]
    allowed = KEYS[ai].qualifiers
    if not set(names) <= QUALIFIERS.keys():
        return None
    if any(name not in allowed for name in names) or sorted(set(names), key=allowed.index) != names:
        raise InvalidKey(
            f"{'/'.join(segments)[:80]}: the qualifiers of AI {ai} are, in this order, {', '.join(allowed) or 'none'}"
        )
    if "235" in names and len(names) > 1:
        raise InvalidKey(f"{'/'.join(segments)[:80]}: AI 235 stands alone after a GTIN")
    try:
        return _item(ai, value, tuple(zip(names, map(_decode, segments[3::2]), strict=True)))
    except NotInFormat as error:
        raise InvalidKey(error.reason) from None


@lru_cache(maxsize=_CACHED_NAMES)
def _key(ai: str, value: str) -> tuple[str, str]:
    """A primary key's value in its full form, and the name it makes by itself: all instances of a product share it."""
    value = check(ai, value)
    return value, f"{CANONICAL}/{ai}/{_encode(value)}"


def _item(ai: str, value: str, qualifiers: epc_urn.Keys) -> Item:
    value, base = _key(ai, value)
    key = KEYS[ai]
    checked = {name: check(name, text) for name, text in qualifiers}
    if checked.get("254") == "0":  # TDS 7.4: the extension 0 stands for no extension
        del checked["254"]
    for name, level in key.finer:
        if name in checked:
            finest = checked[name]
            return Item(f"{base}/{name}/{_encode(finest)}", level, {ai: value, name: finest})
    return Item(base, key.level, {ai: value})


def _ai(name: str) -> str:
    return ALIASES.get(name, name)


def _encode(value: str) -> str:
    """Percent-encode every byte outside A–Z a–z 0–9 - . _ ~ in upper case."""
    return value if _UNRESERVED.issuperset(value) else quote(value, safe="")


def _decode(segment: str) -> str:
    if "%" not in segment:
        return segment
    if any(len(code) < 2 or not _HEX.issuperset(code[:2]) for code in segment.split("%")[1:]):
        raise NotInFormat(f"'{segment[:60]}': after % come two hexadecimal digits")
    return unquote(segment)


def _is_mistyped_number(path: str) -> bool:
    """Whether some key that consists of digits only is given as digits, only too few or too many of them.

    On a brand's own domain that is a mistyped GTIN, SSCC or GLN; short numbers (/2024/01/15) are not.
    """
    segments = path.split("/")
    for name, value in pairwise(segments):
        key = KEYS.get(_ai(name))
        if key and key.part.digits and not key.part.rest and are_digits(value) and len(value) >= _SHORTEST_GTIN:
            return True
    return False
