"""GS1 identification keys: which there are, how each is written, and their check digits.

Source: GS1 General Specifications sections 3 and 7.9; the table is the keys' part of the GS1 Application Identifier
table as the GS1 Digital Link URI Syntax 1.3 uses it (sections 4.1 to 4.4).
"""

from dataclasses import dataclass
from functools import lru_cache

DIGITS = frozenset("0123456789")
# GS1 General Specifications figure 7.11-1 (encodable character set 82) and 7.11-2 (set 39).
SET_82 = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
SET_39 = frozenset("#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GMN_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_GTIN_LENGTHS = (8, 12, 13, 14)
_PREFIX_DIGITS = 4  # the shortest GS1 Company Prefix


class InvalidKey(ValueError):
    """A malformed GS1 key. `reason` says in plain words what is wrong and what would be right."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotInFormat(InvalidKey):
    """A value that has not even the length and characters of its Application Identifier."""


@dataclass(frozen=True, slots=True)
class Part:
    """The format of a value: `digits` fixed digits (with a check digit at their end where `checked`), then up to
    `rest` characters of `alphabet`, at least `rest_min` of them."""

    title: str
    digits: int = 0
    checked: bool = False
    rest: int = 0
    rest_min: int = 0
    alphabet: frozenset[str] = SET_82


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key: its format, its name in older Digital Links, its qualifiers in the order of a path, those of
    them that belong to the canonical name (the finest one counts), and the level of what each names."""

    part: Part
    alias: str
    level: str
    qualifiers: tuple[str, ...] = ()
    finer: tuple[tuple[str, str], ...] = ()  # (qualifier, level), finest first


_OF_TRADE_ITEM = (("21", "instance"), ("10", "lot"))

KEYS: dict[str, Key] = {
    "00": Key(Part("SSCC", 18, True), "sscc", "logistic_unit"),
    "01": Key(
        Part("GTIN", 14, True), "gtin", "class", ("22", "10", "21", "235"), (("235", "instance"), *_OF_TRADE_ITEM)
    ),
    "253": Key(Part("GDTI", 13, True, 17), "gdti", "document"),
    "255": Key(Part("GCN", 13, True, 12, alphabet=DIGITS), "gcn", "coupon"),
    "401": Key(Part("GINC", 0, False, 30, 1), "ginc", "consignment"),
    "402": Key(Part("GSIN", 17, True), "gsin", "shipment"),
    "414": Key(Part("GLN", 13, True), "gln", "place", ("254", "7040"), (("254", "place"),)),
    "415": Key(Part("GLN", 13, True), "payTo", "payment", ("8020",), (("8020", "payment"),)),
    "417": Key(Part("party GLN", 13, True), "party", "party", ("7040",)),
    "8003": Key(Part("GRAI", 14, True, 16), "grai", "asset"),
    "8004": Key(Part("GIAI", 0, False, 30, 1), "giai", "asset", ("7040",)),
    "8006": Key(Part("ITIP", 18), "itip", "class", ("22", "10", "21"), _OF_TRADE_ITEM),
    "8010": Key(Part("CPID", 0, False, 30, 1, SET_39), "cpid", "class", ("8011",), (("8011", "instance"),)),
    "8013": Key(Part("GMN", 0, False, 25, 1), "gmn", "model"),
    "8017": Key(Part("GSRN", 18, True), "gsrnp", "provider", ("8019",)),
    "8018": Key(Part("GSRN", 18, True), "gsrn", "recipient", ("8019",)),
}

QUALIFIERS: dict[str, Part] = {
    "10": Part("batch or lot number", rest=20, rest_min=1),
    "21": Part("serial number", rest=20, rest_min=1),
    "22": Part("consumer product variant", rest=20, rest_min=1),
    "235": Part("third-party serial number", rest=28, rest_min=1),
    "254": Part("GLN extension", rest=20, rest_min=1),
    "7040": Part("UIC with extension and importer index", 1, rest=3, rest_min=3),
    "8011": Part("CPID serial number", rest=12, rest_min=1, alphabet=DIGITS),
    "8019": Part("service relation instance number", rest=10, rest_min=1, alphabet=DIGITS),
    "8020": Part("payment reference number", rest=25, rest_min=1),
}

# Names instead of numbers in paths: GS1 Digital Link 1.0 to 1.2, deprecated since.
ALIASES: dict[str, str] = {key.alias: ai for ai, key in KEYS.items()} | {
    "cpv": "22",
    "lot": "10",
    "ser": "21",
    "glnx": "254",
    "cpsn": "8011",
    "srin": "8019",
    "refno": "8020",
}


@lru_cache(maxsize=1 << 14)  # instances of one product come together
def check_digit(digits: str) -> str:
    """The digit that completes `digits` (General Specifications 7.9.1: weights 3 and 1 from the right, modulo 10)."""
    code = digits.encode()
    return str(-(3 * sum(code[-1::-2]) + sum(code[-2::-2]) - 48 * (3 * ((len(code) + 1) // 2) + len(code) // 2)) % 10)


def are_digits(text: str) -> bool:
    """Whether the text is one or more of 0 to 9 (str.isdigit takes the digits of all scripts)."""
    return text.isascii() and text.isdigit()


def check_pair(text: str) -> str:
    """The two check characters of a Global Model Number (General Specifications 7.9.5); `text` is in SET_82."""
    order = sorted(SET_82)
    weights = _GMN_PRIMES[: len(text)][::-1]
    total = sum(order.index(c) * weight for c, weight in zip(text, weights, strict=True)) % 1021
    return _SET_32[total >> 5] + _SET_32[total & 31]


def check(ai: str, value: str) -> str:
    """The value of a key or qualifier in its full form: a GTIN-8, -12 or -13 becomes 14 digits, all else is unchanged.

    Raises NotInFormat where length or characters are wrong, InvalidKey where a check digit or prefix is, KeyError
    for an Application Identifier outside KEYS and QUALIFIERS.
    """
    key = KEYS.get(ai)
    part = key.part if key else QUALIFIERS[ai]
    if ai == "01" and len(value) in _GTIN_LENGTHS:
        value = value.zfill(14)
    head, rest = value[: part.digits], value[part.digits :]
    if len(head) != part.digits or (head and not are_digits(head)):
        raise NotInFormat(_format_of(ai, part, value))
    if not part.rest_min <= len(rest) <= part.rest or not (
        (part.alphabet is SET_82 and rest.isascii() and rest.isalnum()) or part.alphabet.issuperset(rest)
    ):
        raise NotInFormat(_format_of(ai, part, value))
    if ai == "8003" and head[0] != "0":
        raise NotInFormat(f"a GRAI under AI 8003 starts with a filling 0, '{value}' does not")
    if part.checked and (due := check_digit(head[:-1])) != head[-1]:
        raise InvalidKey(f"the check digit of {part.title} {head} is wrong: {due} would be right")
    if ai in ("401", "8004", "8010", "8013") and not are_digits(rest[:_PREFIX_DIGITS].ljust(_PREFIX_DIGITS, "x")):
        raise InvalidKey(f"{part.title} '{value}' does not start with a GS1 Company Prefix (4 to 12 digits)")
    if ai == "8006":
        _check_piece(value)
    elif ai == "8013" and check_pair(value[:-2]) != value[-2:]:
        raise InvalidKey(f"the check characters of GMN '{value}' are wrong: {check_pair(value[:-2])} would be right")
    elif ai == "8011" and value[0] == "0":
        raise InvalidKey(f"CPID serial number '{value}' must not start with 0")
    return value


def _check_piece(value: str) -> None:
    if (due := check_digit(value[:13])) != value[13]:
        raise InvalidKey(f"the check digit of GTIN {value[:14]} in an ITIP is wrong: {due} would be right")
    piece, total = value[14:16], value[16:18]
    if piece == "00" or total == "00" or piece > total:
        raise InvalidKey(f"piece {piece} of {total} in ITIP {value} cannot be")


def _format_of(ai: str, part: Part, value: str) -> str:
    form = f"{part.digits} digits" if part.digits else ""
    if part.rest:
        kind = "digits" if part.alphabet is DIGITS else "characters"
        rest = f"{part.rest_min} to {part.rest} {kind}" if part.rest != part.rest_min else f"{part.rest} {kind}"
        form = f"{form} and then {rest}" if form else rest
    if ai == "01":
        form = "8, 12, 13 or 14 digits"
    return f"'{value[:60]}' is not a {part.title} (AI {ai}): {form} of the GS1 character set are due"
