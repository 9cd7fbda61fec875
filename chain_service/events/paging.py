"""Pages of long answers: opaque tokens and the link to the next page (EPCIS 2.0 section 12.7)."""

import base64
import re

from fastapi import Request

_MARK = re.compile(r"(\d{1,16}) ([0-9a-f-]{1,36})", re.ASCII)


def encode(time: int, row: int | str) -> str:
    """The token of the page after this row."""
    return base64.urlsafe_b64encode(f"{time} {row}".encode()).decode().rstrip("=")


def decode(token: str) -> tuple[int, str]:
    """The time and the row that a token names. Raises ValueError when the token is not one of ours."""
    try:
        mark = _MARK.fullmatch(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    except ValueError:
        mark = None
    if mark is None:
        raise ValueError("this nextPageToken is not one of ours")
    return int(mark[1]), mark[2]


def next_link(request: Request, token: str) -> str:
    """The Link header of the next page (RFC 8288): the same question, spelled the same, with another token."""
    asked = str(request.url.query).split("&")
    kept = [part for part in asked if part and part.partition("=")[0] != "nextPageToken"]
    return f'<{request.url.path}?{"&".join([*kept, f"nextPageToken={token}"])}>; rel="next"'
