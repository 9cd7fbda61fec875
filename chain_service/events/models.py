"""Tables of captured events. What an event says is encrypted; what finds it is a keyed fingerprint (vault.py)."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base, BigId
from chain_service.kit.encryption import FINGERPRINT_BYTES
from chain_service.partners.vault import ID_BYTES

Fingerprint = LargeBinary(FINGERPRINT_BYTES)


class CaptureJob(Base):
    """One capture: its document is kept until every event of it is stored (EPCIS 2.0 section 12.6.1)."""

    __tablename__ = "capture_jobs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    behaviour: Mapped[str] = mapped_column(String(8))  # rollback or proceed
    visibility: Mapped[int] = mapped_column(SmallInteger)  # what its reporter asked for, as Event.narrowed
    key: Mapped[bytes | None] = mapped_column(LargeBinary(ID_BYTES))  # of the vault, until it is destroyed there
    document: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)  # Unix milliseconds
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    success: Mapped[bool] = mapped_column(Boolean, default=True)
    errors: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted: they may quote the document
    promise: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Event(Base):
    """An event as stated. Once erased, only who stated it, when it was recorded and erased are left."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("partner", "event_id", "declaration"),
        Index("ix_events_event_time_id", "event_time", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"))
    key: Mapped[bytes | None] = mapped_column(LargeBinary(ID_BYTES))  # of the vault, until it is destroyed there
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted: see records.py
    event_id: Mapped[bytes | None] = mapped_column(Fingerprint, index=True)
    declaration: Mapped[bool] = mapped_column(Boolean)
    type: Mapped[str] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(8))
    event_time: Mapped[int | None] = mapped_column(BigInteger)  # Unix milliseconds
    record_time: Mapped[int] = mapped_column(BigInteger, index=True)
    step: Mapped[bytes | None] = mapped_column(Fingerprint, index=True)
    disposition: Mapped[bytes | None] = mapped_column(Fingerprint)
    read_point: Mapped[bytes | None] = mapped_column(Fingerprint)
    biz_location: Mapped[bytes | None] = mapped_column(Fingerprint)
    narrowed: Mapped[int] = mapped_column(SmallInteger)  # the least public that its reporter asked for: visibility.py
    visibility: Mapped[int] = mapped_column(SmallInteger)  # who may see it: that, or the brand's default if narrower
    erased_at: Mapped[int | None] = mapped_column(BigInteger)  # Unix milliseconds


class EventItem(Base):
    """That an event speaks of an item, and in which part of its what dimension."""

    __tablename__ = "event_items"
    __table_args__ = (  # with the hidden row numbers SQLite would store every entry three times, not twice
        Index("ix_event_items_name_event", "name", "event"),
        {"sqlite_with_rowid": False},
    )

    event: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(8), primary_key=True)  # epc, class, parent, child, input, output; erased
    name: Mapped[bytes] = mapped_column(Fingerprint, primary_key=True)  # of the canonical Digital Link


class EventBrand(Base):
    """Whose products an event is about: these brands set who may see it, and see what is for the journey's partners."""

    __tablename__ = "event_brands"

    event: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    brand: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True, index=True)
