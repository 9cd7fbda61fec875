"""What an organisation lets be seen: a brand's default for each step, and whom an organisation shares with."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, ForeignKey, SmallInteger, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base
from chain_service.partners.models import Partner

ANY_STEP = "*"
MOST = 500  # defaults, and partners shared with
Defaults = dict[tuple[str, str], int]  # by brand and step (full URI, or '*'): the number of a visibility


class DisclosureDefault(Base):
    """Who may see a step about a brand's products unless its reporter narrows it."""

    __tablename__ = "disclosure_defaults"

    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True)
    step: Mapped[str] = mapped_column(String(2048), primary_key=True)
    visibility: Mapped[int] = mapped_column(SmallInteger)


class Sharing(Base):
    """That an organisation lets another see what is for the partners of a journey, once it takes part in one."""

    __tablename__ = "sharing"

    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True)
    other: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True, index=True)


def defaults_of(connection: Connection, brands: Iterable[str]) -> Defaults:
    """The defaults of these brands."""
    wanted = sorted(brands)
    if not wanted:
        return {}
    query = select(DisclosureDefault.__table__).where(DisclosureDefault.partner.in_(wanted))
    return {(row.partner, row.step): row.visibility for row in connection.execute(query)}


def hold(connection: Connection, brands: Iterable[str]) -> None:
    """Keeps these brands' defaults as they are until the transaction ends, or waits for who changes them now.

    Else what is captured at the moment of a change follows the defaults of before, for good. SQLite's writers follow
    one another anyhow.
    """
    wanted = sorted(brands)
    if wanted and connection.dialect.name == "postgresql":
        rows = select(Partner.did).where(Partner.did.in_(wanted)).order_by(Partner.did)
        connection.execute(rows.with_for_update(read=True))


def shares_with(connection: Connection, did: str) -> list[str]:
    """Whom an organisation shares with, in order."""
    return list(
        connection.execute(select(Sharing.other).where(Sharing.partner == did).order_by(Sharing.other)).scalars()
    )


def replace(connection: Connection, did: str, defaults: Mapping[str, int], others: Iterable[str]) -> None:
    """Sets both anew. Raises ValueError naming a partner that is unknown."""
    # Waits for who holds these defaults; references to the partner go on.
    connection.execute(select(Partner.did).where(Partner.did == did).with_for_update(key_share=True))
    wanted = sorted(set(others))
    asked = [other for other in wanted if "\0" not in other]  # PostgreSQL refuses it even in a question
    known = set(connection.execute(select(Partner.did).where(Partner.did.in_(asked))).scalars())
    if unknown := [other for other in wanted if other not in known]:
        raise ValueError(f"{unknown[0][:255]} is no partner here")
    connection.execute(delete(DisclosureDefault).where(DisclosureDefault.partner == did))
    connection.execute(delete(Sharing).where(Sharing.partner == did))
    rows = [{"partner": did, "step": step, "visibility": visibility} for step, visibility in defaults.items()]
    if rows:
        connection.execute(insert(DisclosureDefault), rows)
    if wanted:
        connection.execute(insert(Sharing), [{"partner": did, "other": other} for other in wanted])
