"""Labels: the QR code of an item, a GS1 Digital Link on the brand's or our domain, as SVG or PNG.

GS1 asks of a QR Code with a Digital Link URI (GS1 General Specifications: section 5.7 and, in section 5.12, the symbol
specification table for 2D symbols at retail point of sale; GS1 '2D Barcodes at Retail Point-of-Sale Implementation
Guideline'): a quiet zone of 4 modules on all sides, modules (the X-dimension) of 0.396 to 0.990 mm with 0.495 mm as the
target, dark on light, human readable interpretation beside it. Error correction is level M (15 % of the code may be
lost): less would not survive a scuffed package, more would need a larger symbol for the same link.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Literal
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from chain_service.kit.digital_link import CANONICAL, Item, parse, parse_path

Format = Literal["svg", "png"]
MEDIA_TYPES: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}
QUIET_ZONE = 4
X_DIMENSION_MM = 0.495
SMALLEST_X_MM, LARGEST_X_MM = 0.396, 0.990
# Pixels of a module in PNG: whole, so that edges stay sharp; printed at the X-dimension it gives over 500 dpi.
PIXELS = 10
MM_PER_INCH = 25.4
# Text below the quiet zone: a line and its letters, in modules high; letters of fixed width are 0.6 as wide as high.
LINE, LETTERS = 4.0, 3.0
LETTER_WIDTH = 0.6


class InvalidLabel(ValueError):
    """No label can be made: the reason says why."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A label before it is drawn: the link, its modules (quiet zone included, dark is True), the lines of text."""

    link: str
    modules: list[list[bool]]
    lines: list[str]


def label(
    identifier: str, base_url: str, fmt: Format = "svg", *, x_mm: float = X_DIMENSION_MM, text: bool = True
) -> bytes:
    """The label of what an EPC URN, a Digital Link on any domain or its path names.

    `base_url`: where the link leads, such as https://brand.example; `x_mm`: width of a module in print, millimetres;
    `text`: the human readable interpretation under the code. Raises InvalidKey for a malformed key, InvalidLabel for an
    identifier without a Digital Link, a base that is no web address, or a size outside GS1's range.
    """
    if not SMALLEST_X_MM <= x_mm <= LARGEST_X_MM:
        raise InvalidLabel(f"a module is {SMALLEST_X_MM} to {LARGEST_X_MM} mm wide, not {x_mm}")
    made = symbol(identifier, base_url, text)
    return _svg(made, x_mm) if fmt == "svg" else _png(made, x_mm)


def symbol(identifier: str, base_url: str, text: bool = True) -> Symbol:
    """The link, modules and text of a label. Raises InvalidKey and InvalidLabel as label() does."""
    item = parse_path(identifier) if identifier.startswith("/") else parse(identifier)
    if item is None:
        raise InvalidLabel(f"'{identifier[:80]}' has no GS1 Digital Link, so there is nothing to print")
    link = _base(base_url) + item.name.removeprefix(CANONICAL)
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(link)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        raise InvalidLabel(f"a link of {len(link)} characters does not fit into a QR code") from None
    modules = [[bool(module) for module in row] for row in code.get_matrix()]
    return Symbol(link, modules, _lines(item, len(modules)) if text else [])


def _base(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.query or parts.fragment:
        raise InvalidLabel(f"'{base_url[:80]}' is no base of a web address such as https://brand.example")
    return base_url.rstrip("/")


def _lines(item: Item, width: int) -> list[str]:
    """The keys with their Application Identifiers in brackets, one a line, broken where the code is narrower."""
    room = int(width / (LETTERS * LETTER_WIDTH))
    lines = []
    for ai, value in item.keys.items():
        line = f"({ai}) {value}"
        lines += [line[start : start + room] for start in range(0, len(line), room)]
    return lines


def _svg(made: Symbol, x_mm: float) -> bytes:
    """In modules as units, in millimetres as size, so that a printer keeps the X-dimension."""
    width = len(made.modules)
    height = width + LINE * len(made.lines)
    title = escape(made.link)
    text = "".join(
        f'<text x="{width / 2}" y="{width + LINE * number + LETTERS:g}">{escape(line)}</text>'
        for number, line in enumerate(made.lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * x_mm:.3f}mm" height="{height * x_mm:.3f}mm" '
        f'viewBox="0 0 {width} {height:g}" role="img"><title>{title}</title>'
        f'<path fill="#fff" d="M0 0h{width}v{height:g}H0z"/>'
        f'<path fill="#000" shape-rendering="crispEdges" d="{_path(made.modules)}"/>'
        f'<g font-family="monospace" font-size="{LETTERS:g}" text-anchor="middle">{text}</g></svg>\n'
    ).encode()


def _path(modules: list[list[bool]]) -> str:
    """A rectangle for each run of dark modules in a row."""
    runs = []
    for y, row in enumerate(modules):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start} {y}h{x - start}v1H{start}z")
            x += 1
    return "".join(runs)


def _png(made: Symbol, x_mm: float) -> bytes:
    """One bit deep, with the resolution at which a module is `x_mm` wide."""
    width = len(made.modules)
    image = Image.new("1", (width * PIXELS, int((width + LINE * len(made.lines)) * PIXELS)), 1)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(made.modules):
        for x, dark in enumerate(row):
            if dark:
                draw.rectangle((x * PIXELS, y * PIXELS, (x + 1) * PIXELS - 1, (y + 1) * PIXELS - 1), 0)
    for number, line in enumerate(made.lines):
        place = (width * PIXELS / 2, (width + LINE * number + LETTERS) * PIXELS)
        draw.text(place, line, 0, _font(line, width * PIXELS), anchor="ms")
    out = BytesIO()
    dpi = PIXELS * MM_PER_INCH / x_mm
    image.save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def _font(line: str, room: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which is not of fixed width, in the largest size at which the line fits."""
    for size in range(int(LETTERS * PIXELS), 1, -1):
        font = ImageFont.load_default(size)
        if font.getlength(line) <= room:
            break
    return font
