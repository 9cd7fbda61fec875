"""GS1 keys as spreadsheet programs leave them: shown as 9.52E+12, with digits or leading zeros lost.

What a program destroyed is named. A zero is put back only where the check digit proves that nothing else is missing.
"""

import re

from chain_service.events.imports.faults import Fault
from chain_service.kit.gs1 import check_digit

_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
_EXACT_DIGITS = 15  # so many a spreadsheet's number keeps
# How many digits may be left of a key that lost zeros, and its full length: GTIN-8, GTIN-13 or GLN, SSCC.
_SHORTENED = {7: 8, 9: 13, 10: 13, 11: 13, 15: 18, 16: 18, 17: 18}


def mended(value: str | int | float | bool) -> str | Fault:
    """A cell that should hold a key: its text, digits with their zeros again; or what the program did to it."""
    if isinstance(value, (int, float)):
        shown = f"{value:.15g}"
        if isinstance(value, bool) or value < 0 or value != int(value):
            return Fault("malformed-item", {"item": shown})
        if value >= 10**_EXACT_DIGITS:
            return Fault("damaged-number", {"text": f"{value:.5G}"})
        value = str(int(value))
    text = value.strip()
    if _SCIENTIFIC.fullmatch(text):
        return Fault("damaged-number", {"text": text[:40]})
    if text.isascii() and text.isdigit() and len(text) in _SHORTENED:
        full = text.zfill(_SHORTENED[len(text)])
        if check_digit(full[:-1]) == full[-1]:
            return full
        return Fault("lost-zeros", {"item": text})
    return text
