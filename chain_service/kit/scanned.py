"""What a scanner reads off a label, or a person types, and the item or place that it names.

Source: GS1 General Specifications section 7.8 (element strings, FNC1, predefined lengths), 5.10.3 (symbology
identifiers, ISO/IEC 15424) and 4.14 (brackets in text that people read).
"""

import re
import unicodedata
from collections.abc import Iterator

from chain_service.kit.curie import is_uri
from chain_service.kit.digital_link import Item, parse, parse_path
from chain_service.kit.gs1 import KEYS, InvalidKey, are_digits, check

LONGEST = 1024  # bytes of what names an item, as of everything that is indexed
_FNC1 = "\x1d"
# GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR Code, GS1 DotCode: these hold element strings.
_ELEMENTS = ("]C1", "]e0", "]d2", "]Q3", "]J1")
# EAN/UPC, ITF-14, and codes that hold what their maker likes: digits or a Digital Link, in QR and Data Matrix.
_OTHERS = re.compile(r"\](?:E[0-4]|I[01]|C0|d1|Q1)")
# How many digits an Application Identifier has, by its first two.
_AI_DIGITS = {
    **{f"0{digit}": 2 for digit in range(4)},
    **{f"{digits}": 2 for digits in (10, 11, 12, 13, 15, 16, 17, 20, 21, 22, 30, 37, *range(90, 100))},
    **{f"{digits}": 3 for digits in (23, 24, 25, 40, 41, 42, 71)},
    **{f"{digits}": 4 for digits in (*range(31, 37), 39, 43, 70, 72, 80, 81, 82)},
}
# How long AI and value together are where no separator follows, by the first two digits (figure 7.8.5-2).
_FIXED = {
    **{"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16},
    **{str(number): 8 for number in range(11, 20)},
    **{str(number): 10 for number in range(31, 37)},
}
_BRACKETED = re.compile(r"\((\d{2,4})\)")
_PLACES = ("414", "415", "417")  # what is scanned with an item says where it is, or goes
_NO_ITEMS = frozenset(("place", "party", "payment", "provider", "recipient", "coupon"))
_SCHEMES = ("urn:", "https://", "http://")
_SSCC_DIGITS = 18
_GTIN_DIGITS = (8, 12, 13, 14)
_GLN_DIGITS = 13
_GEO = re.compile(r"geo:(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)")


def item(text: str) -> Item:
    """The item that a code names: a Digital Link on any domain, a GS1 element string as scanned or in brackets, a GTIN
    or SSCC in digits, an EPC URN; any other URI names what has no GS1 key, at the level `other`.

    Raises InvalidKey.
    """
    found = _named(text)
    if found.level in _NO_ITEMS:
        raise InvalidKey(f"'{text[:60]}' names a {found.level}, where an item is due")
    return found


def place(text: str) -> str:
    """The canonical name of a place: a GLN (13 digits), a Digital Link, an element string, an SGLN URN, a `geo:` URI
    (RFC 5870; latitude and longitude in degrees) or another URI. Raises InvalidKey."""
    text = _plain(text)
    if text.startswith("geo:"):
        return _position(text)
    if are_digits(text) and len(text) == _GLN_DIGITS:
        text = f"(414){text}"
    found = _named(text)
    if found.level not in ("place", "other"):
        raise InvalidKey(f"'{text[:60]}' names no place but a {found.level.replace('_', ' ')}")
    return found.name


def elements(text: str) -> list[tuple[str, str]]:
    """The (Application Identifier, value) pairs of a scanned element string, FNC1 as <GS>, in their order.

    Values are not checked but for their ends. Raises InvalidKey where no AI begins, or nothing follows one.
    """
    rest = text.removeprefix(_FNC1)
    found = []
    while rest:
        digits = _AI_DIGITS.get(rest[:2], 0)
        ai = rest[:digits]
        if not digits or len(ai) < digits or not are_digits(ai):
            raise InvalidKey(f"'{rest[:20]}' begins with no GS1 Application Identifier")
        fixed = _FIXED.get(rest[:2])
        whole, _, after = rest.partition(_FNC1)
        if fixed is not None:
            if len(whole) < fixed:
                raise InvalidKey(f"({ai}) is cut off after '{whole[digits:][:20]}'")
            whole, after = rest[:fixed], rest[fixed:].removeprefix(_FNC1)
        if len(whole) == digits:
            raise InvalidKey(f"({ai}) is empty")
        found.append((ai, whole[digits:]))
        rest = after
    if not found:
        raise InvalidKey("there is nothing in this code")
    return found


def _named(text: str) -> Item:
    if len(text.encode(errors="replace")) > LONGEST:
        raise InvalidKey(f"a code has at most {LONGEST} bytes, this one begins with '{text[:40]}'")
    text = _plain(text)
    if text[:3] in _ELEMENTS:
        return _of_elements(elements(text[3:]))
    if _OTHERS.match(text):
        text = text[3:]
    if text.startswith(_FNC1):
        return _of_elements(elements(text))
    if text.startswith("("):
        return _of_elements(list(_bracketed(text)))
    close = text.replace(" ", "").replace("-", "")
    if are_digits(close):
        return _of_digits(close)
    if _FNC1 in text:
        return _of_elements(elements(text))
    if ":" in text:
        return _of_uri(text)
    if text[:2] in ("00", "01"):  # an element string of which the keyboard of a scanner gave no prefix
        return _of_elements(elements(text))
    raise InvalidKey(f"'{text[:60]}' is no code of an item: a Digital Link, a GTIN, an SSCC or an EPC is due")


def _plain(text: str) -> str:
    """Without what surrounds it; digits and brackets of a Chinese keyboard become plain ones."""
    text = text.strip(" \t\r\n")  # not <GS>, which Python takes for a space
    return text if text.isascii() or ":" in text else unicodedata.normalize("NFKC", text)


def _of_digits(digits: str) -> Item:
    if len(digits) == _SSCC_DIGITS:
        return _of_elements([("00", digits)])
    if len(digits) in _GTIN_DIGITS:
        return _of_elements([("01", digits)])
    if digits[:2] in ("00", "01") and len(digits) >= _FIXED[digits[:2]]:
        return _of_elements(elements(digits))
    raise InvalidKey(f"'{digits[:60]}' has {len(digits)} digits: a GTIN has 8, 12, 13 or 14, an SSCC has 18")


def _of_uri(text: str) -> Item:
    if not is_uri(text):
        raise InvalidKey(f"'{text[:60]}' is no code of an item and no URI")
    if not text.lower().startswith(_SCHEMES):
        raise InvalidKey(f"'{text[:60]}' is no code of an item: its scheme names none")
    return parse(text) or Item(text, "other", {})


def _bracketed(text: str) -> Iterator[tuple[str, str]]:
    before, *parts = _BRACKETED.split(text)
    if before or not parts:
        raise InvalidKey(f"'{text[:60]}': an Application Identifier of 2 to 4 digits is due between ( and )")
    for ai, value in zip(parts[::2], parts[1::2], strict=True):
        value = value.strip().replace("\\(", "(")
        if ai in KEYS and KEYS[ai].part.digits:  # people group digits
            value = value.replace(" ", "")
        if not value:
            raise InvalidKey(f"({ai}) is empty")
        yield ai, value


def _of_elements(pairs: list[tuple[str, str]]) -> Item:
    """What the key among the pairs names, with its qualifiers; other data (dates, weights) names nothing."""
    keys = [pair for pair in pairs if pair[0] in KEYS]
    keys.sort(key=lambda pair: pair[0] in _PLACES)
    if not keys:
        raise InvalidKey(f"({pairs[0][0]})… holds no GS1 key: (01) with a GTIN or (00) with an SSCC would be one")
    ai, value = keys[0]
    given = dict(reversed(pairs))
    qualifiers = [(name, check(name, given[name])) for name in KEYS[ai].qualifiers if name in given]
    if any(name == "235" for name, _ in qualifiers):  # it stands alone after a GTIN
        qualifiers = [pair for pair in qualifiers if pair[0] == "235"]
    path = "".join(f"/{name}/{_encoded(text)}" for name, text in ((ai, check(ai, value)), *qualifiers))
    return parse_path(path)


def _encoded(text: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in text)


def _position(text: str) -> str:
    match = _GEO.fullmatch(text)
    if match is None or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
        raise InvalidKey(f"'{text[:60]}' is no place: geo:46.9481,7.4474 (latitude, longitude in degrees) would be one")
    return text
