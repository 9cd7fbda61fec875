"""EPC URNs taken apart into GS1 keys.

Source: GS1 EPC Tag Data Standard 2.1 sections 6.3 (EPC URIs), 6.4 (classes), 8 (patterns) and 7 (correspondence).
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

from chain_service.kit.gs1 import InvalidKey, are_digits, check_digit

PREFIX = "urn:epc:"
Keys = tuple[tuple[str, str], ...]

_CHARACTERS = frozenset("!'()*+,-.0123456789:;=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz%")
_HEX = frozenset("0123456789ABCDEFabcdef")


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a URN's fields, of which the first two are company prefix and reference, make up a key.

    `digits`: of prefix and reference together, 0 where the reference is free text; `turned`: the reference's first
    digit (indicator or extension) goes in front; `filler` stands before all; `middle`: fields between reference and
    serial; `serial`: the qualifier that holds the last field, "+" where it is part of the key itself, "" for none.
    """

    ai: str
    digits: int
    turned: bool = False
    filler: str = ""
    middle: int = 0
    serial: str = ""

    fields: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", 2 + self.middle + bool(self.serial))


_SCHEMES = {
    "sgtin": Scheme("01", 13, turned=True, serial="21"),
    "sscc": Scheme("00", 17, turned=True),
    "sgln": Scheme("414", 12, serial="254"),
    "grai": Scheme("8003", 12, filler="0", serial="+"),
    "giai": Scheme("8004", 0),
    "gsrn": Scheme("8018", 17),
    "gsrnp": Scheme("8017", 17),
    "gdti": Scheme("253", 12, serial="+"),
    "cpi": Scheme("8010", 0, serial="8011"),
    "sgcn": Scheme("255", 12, serial="+"),
    "ginc": Scheme("401", 0),
    "gsin": Scheme("402", 16),
    "itip": Scheme("8006", 13, turned=True, middle=2, serial="21"),
    "upui": Scheme("01", 13, turned=True, serial="235"),
    "pgln": Scheme("417", 12),
}
_CLASSES = {"lgtin": Scheme("01", 13, turned=True, serial="10")}
# Patterns whose last field is * stand for a class of objects (EPCIS 2.0 section 7.3.3.3); other patterns have no key.
_PATTERNS = ("sgtin", "grai", "gdti", "cpi", "sgcn", "itip", "upui")
_NO_KEY = ("gid", "usdod", "adi", "bic", "imovn")
_NO_IDENTITY = ("tag", "pat", "raw")


def keys_of(urn: str) -> Keys | None:
    """The keys that an EPC URN denotes, primary key first, as (Application Identifier, value) with check digits.

    None where its scheme has no GS1 key. Values may still break their key's format: gs1.check decides that.
    Raises InvalidKey where the URN itself is malformed.
    """
    kind, _, rest = urn[len(PREFIX) :].partition(":")
    name, _, body = rest.partition(":")
    if kind in _NO_IDENTITY:
        return None
    if kind not in ("id", "class", "idpat"):
        raise InvalidKey(f"'{urn[:60]}' is no EPC URN: after urn:epc: comes id, class or idpat")
    scheme = (_CLASSES if kind == "class" else _SCHEMES).get(name)
    if scheme is None:
        if name in _NO_KEY and kind != "class":
            return None
        raise InvalidKey(f"'{name[:30]}' is no scheme of urn:epc:{kind}")
    fields = body.split(".", scheme.fields - 1)
    if kind == "idpat" and "*" in fields:
        if name not in _PATTERNS or fields.index("*") != scheme.fields - 1:
            return None
        fields.pop()
    elif len(fields) != scheme.fields or not all(fields[2:]):
        raise InvalidKey(f"'{urn[:60]}' needs {scheme.fields} fields between dots, the last {scheme.fields - 2} filled")
    if not _CHARACTERS.issuperset(body):
        raise InvalidKey(f"'{urn[:60]}' holds a character that an EPC URN writes as % and two hexadecimal digits")
    return _assemble(scheme, fields, urn)


def _assemble(scheme: Scheme, fields: list[str], urn: str) -> Keys:
    company, reference = fields[0], fields[1] if len(fields) > 1 else ""
    if not 4 <= len(company) <= 12 or not are_digits(company):
        raise InvalidKey(f"'{urn[:60]}': a GS1 Company Prefix has 4 to 12 digits, '{company[:20]}' has not")
    if not scheme.digits:
        value = company + _plain(reference, urn)
    else:
        if len(company) + len(reference) != scheme.digits or (reference and not are_digits(reference)):
            raise InvalidKey(
                f"'{urn[:60]}': company prefix and reference together have {scheme.digits} digits, "
                f"these have {len(company) + len(reference)}"
            )
        digits = reference[:1] + company + reference[1:] if scheme.turned else company + reference
        value = scheme.filler + digits + check_digit(digits)
    value += "".join(fields[2 : 2 + scheme.middle])
    if not scheme.serial or len(fields) < scheme.fields:
        return ((scheme.ai, value),)
    serial = _plain(fields[-1], urn)
    if scheme.serial == "+":
        return ((scheme.ai, value + serial),)
    return ((scheme.ai, value), (scheme.serial, serial))


def _plain(text: str, urn: str) -> str:
    if "%" not in text:
        return text
    if any(len(code) < 2 or not _HEX.issuperset(code[:2]) for code in text.split("%")[1:]):
        raise InvalidKey(f"'{urn[:60]}': after % come two hexadecimal digits")
    return unquote(text)
