"""Tables of captured events."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base, BigId


class CaptureJob(Base):
    """One capture: its document is kept until every event of it is stored (EPCIS 2.0 section 12.6.1)."""

    __tablename__ = "capture_jobs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    behaviour: Mapped[str] = mapped_column(String(8))  # rollback or proceed
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)  # Unix milliseconds
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    success: Mapped[bool] = mapped_column(Boolean, default=True)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    promise: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Event(Base):
    """An event as stated, canonical, with the salt that its digest needs."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("partner", "event_id", "declaration"),
        Index("ix_events_event_time_id", "event_time", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"))
    event_id: Mapped[str] = mapped_column(Text, index=True)
    declaration: Mapped[bool] = mapped_column(Boolean)
    type: Mapped[str] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(8))
    event_time: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds
    record_time: Mapped[int] = mapped_column(BigInteger, index=True)
    step: Mapped[str] = mapped_column(Text, index=True)
    disposition: Mapped[str] = mapped_column(Text)
    read_point: Mapped[str] = mapped_column(Text)
    biz_location: Mapped[str] = mapped_column(Text)
    document: Mapped[bytes] = mapped_column(LargeBinary)  # RFC 8785 form of the event as stated
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    event_hash: Mapped[str] = mapped_column(Text)


class EventItem(Base):
    """That an event speaks of an item, and in which part of its what dimension."""

    __tablename__ = "event_items"
    __table_args__ = (  # with the hidden row numbers SQLite would store every entry three times, not twice
        Index("ix_event_items_name_event", "name", "event"),
        {"sqlite_with_rowid": False},
    )

    event: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(8), primary_key=True)  # epc, class, parent, child, input, output
    name: Mapped[str] = mapped_column(Text, primary_key=True)  # canonical Digital Link
