"""An organisation's own sites: names of its places, in its words, so that nobody types a GLN at a gate."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, ForeignKey, Row, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base
from chain_service.kit import clock

MOST = 1000  # sites of one organisation
ID = r"^[A-Za-z0-9._-]{1,64}$"
_IN_CHUNK = 500


class Site(Base):
    """A place of one organisation. `place`: the canonical name that events carry."""

    __tablename__ = "sites"

    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(1024), index=True)
    gln: Mapped[str | None] = mapped_column(String(13))
    geo: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))  # latitude, longitude
    city: Mapped[str | None] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))
    updated_at: Mapped[int] = mapped_column(BigInteger)


def of(connection: Connection, partner: str) -> Sequence[Row[Any]]:
    """All sites of an organisation, by name."""
    table = Site.__table__
    return connection.execute(select(table).where(Site.partner == partner).order_by(Site.name, Site.id)).all()


def at(connection: Connection, places: Iterable[str]) -> dict[tuple[str, str], Row[Any]]:
    """The sites at these places (canonical names), by organisation and place."""
    wanted = sorted(set(places))
    found: dict[tuple[str, str], Row[Any]] = {}
    for start in range(0, len(wanted), _IN_CHUNK):
        chunk = select(Site.__table__).where(Site.place.in_(wanted[start : start + _IN_CHUNK])).order_by(Site.id.desc())
        found.update(((row.partner, row.place), row) for row in connection.execute(chunk))
    return found


def folded(name: str) -> str:
    """A site's name as it is compared: case and spacing don't count."""
    return " ".join(name.split()).casefold()


def as_json(row: Row[Any]) -> dict[str, Any]:
    """A site as it is shown; city and country only where they are known."""
    more = {name: value for name, value in (("city", row.city), ("country", row.country)) if value}
    return {"id": row.id, "name": row.name, "gln": row.gln, "geo": row.geo, "place": row.place, **more}


def put(connection: Connection, partner: str, site_id: str, values: dict[str, Any]) -> bool:
    """Enters a site or replaces it; returns whether it is new.

    Raises ValueError where there are too many, or another has this name.
    """
    known = {row.id: row.name for row in of(connection, partner)}
    if any(folded(name) == folded(values["name"]) for other, name in known.items() if other != site_id):
        raise ValueError("another site has this name")
    values = {**values, "updated_at": clock.now_ms()}
    if site_id in known:
        connection.execute(update(Site).where(Site.partner == partner, Site.id == site_id).values(values))
        return False
    if len(known) >= MOST:
        raise ValueError(f"an organisation has at most {MOST} sites")
    connection.execute(insert(Site).values(partner=partner, id=site_id, **values))
    return True


def remove(connection: Connection, partner: str, site_id: str) -> bool:
    """Forgets a site; returns whether there was one. Events keep the place's name."""
    gone = delete(Site).where(Site.partner == partner, Site.id == site_id)
    return connection.execute(gone).rowcount > 0
