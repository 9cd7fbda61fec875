"""Tables of milestones: which requests were answered, and the documents that events name."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base, BigId
from chain_service.events.models import Fingerprint
from chain_service.partners.vault import ID_BYTES


class MilestoneKey(Base):
    """An Idempotency-Key and what was answered. The eventIDs follow from partner and key, so none is kept."""

    __tablename__ = "milestone_keys"

    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), primary_key=True)
    key: Mapped[bytes] = mapped_column(Fingerprint, primary_key=True)
    body: Mapped[bytes] = mapped_column(Fingerprint)
    events: Mapped[int] = mapped_column(Integer)  # how many
    promise: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    warnings: Mapped[list[list[str]]] = mapped_column(JSON)  # pointer and code of each: what else it says is readable
    created_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds


class Document(Base):
    """A document that an organisation put in. Once erased, its key waits here to be destroyed in the vault."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("partner", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"))
    digest: Mapped[bytes | None] = mapped_column(Fingerprint, index=True)  # of its SHA-256 in hexadecimal
    key: Mapped[bytes] = mapped_column(LargeBinary(ID_BYTES))  # of the vault
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted
    size: Mapped[int] = mapped_column(Integer)  # bytes
    created_at: Mapped[int] = mapped_column(BigInteger)


class EventDocument(Base):
    """That an event names a document, which may be put in later or never."""

    __tablename__ = "event_documents"

    event: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(Fingerprint, primary_key=True, index=True)
