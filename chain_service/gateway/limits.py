"""The limits of what is measured: a device's own, or what the service knows of its item, kept for when it is away."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from chain_service.gateway.measurements import MEASUREMENTS, kept_in
from chain_service.gateway.store import writing
from chain_service.kit.digital_link import parse as parse_item
from chain_service.kit.units import UnknownUnit

_TIMEOUT_SECONDS = 20


class InvalidLimit(ValueError):
    """A limit that can't be kept; the message says why."""


class Limit(NamedTuple):
    """In the unit that is kept; None: no limit on that side."""

    low: float | None
    high: float | None

    def outside(self, value: float) -> bool:
        """Whether a value is out of limits."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)

    def back(self, value: float, steady: float) -> bool:
        """Whether a value is so far inside that an excursion has ended."""
        if self.low is not None and self.high is not None:
            steady = min(steady, (self.high - self.low) / 4)
        low_good = self.low is None or value >= self.low + steady
        return low_good and (self.high is None or value <= self.high - steady)


Limits = Mapping[str, Limit]


def parse(content: Mapping[str, Any], *, lenient: bool = False) -> dict[str, Limit]:
    """Limits as items have them, {"Temperature": {"min": 2, "max": 8, "uom": "CEL"}}, by measurement type.

    `lenient` leaves out what can't be read (other types are the item's business). Raises InvalidLimit.
    """
    result = {}
    for name, said in content.items():
        try:
            if name not in MEASUREMENTS:
                raise InvalidLimit(f"{name[:40]} is no measurement type with limits: {', '.join(MEASUREMENTS)}")
            low, high = (
                None if said.get(end) is None else kept_in(name, said[end], said["uom"]) for end in ("min", "max")
            )
            if low is not None and high is not None and low > high:
                raise InvalidLimit(f"the limits of {name} have a min above their max")
            result[name] = Limit(low, high)
        except (UnknownUnit, InvalidLimit, KeyError, TypeError, AttributeError) as error:
            if not lenient:
                raise InvalidLimit(str(error) if isinstance(error, ValueError) else f"{name} lacks uom") from None
    return result


def sources(item: str, product: str | None) -> list[str]:
    """Whose descriptions say an item's limits, the closest first: its own, its lot's or class's, its product's."""
    result = [item]
    named = parse_item(item)
    if named is not None and "01" in named.keys:
        result.append(f"https://id.gs1.org/01/{named.keys['01']}")
    if product is not None:
        result.append(product)
    return list(dict.fromkeys(result))


def fetch(connection: sqlite3.Connection, http: httpx.Client, url: str, names: list[str], now: int) -> bool:
    """Asks the service for the limits of items and keeps them. Returns False where it does not answer."""
    for name in names:
        try:
            answer = http.get(f"{url.rstrip('/')}/v1/items{urlsplit(name).path}", timeout=_TIMEOUT_SECONDS)
            content = answer.json() if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            return False
        if answer.status_code not in (200, 400, 404):
            return False
        said = content.get("limits") if isinstance(content, dict) else None
        values = (name, json.dumps(said if isinstance(said, dict) else {}), now)
        with writing(connection):
            connection.execute("INSERT OR REPLACE INTO limits VALUES (?, ?, ?)", values)
    return True


def kept(connection: sqlite3.Connection) -> dict[str, Limits]:
    """What is known of each item."""
    rows = connection.execute("SELECT item, content FROM limits").fetchall()
    return {row["item"]: parse(json.loads(row["content"]), lenient=True) for row in rows}


def of(known: Mapping[str, Limits], own: Limits, item: str, product: str | None) -> dict[str, Limit]:
    """The limits that hold for a device at an item: its own first, then by sources()."""
    result: dict[str, Limit] = {}
    for source in reversed(sources(item, product)):
        result.update(known.get(source, {}))
    return result | dict(own)
