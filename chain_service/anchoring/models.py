"""Tables of statements and batches."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base, BigId


class Statement(Base):
    """A signed statement. Leaf hash and position are what a batch is made of, and stay when the rest is erased."""

    __tablename__ = "statements"
    __table_args__ = (Index("ix_statements_batch_position", "batch", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    event: Mapped[int] = mapped_column(ForeignKey("events.id"), unique=True)
    digest: Mapped[str | None] = mapped_column(String(66), unique=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # fields and signature under the event's key: signing.py
    reporter: Mapped[str | None] = mapped_column(String(42))
    custody: Mapped[str] = mapped_column(String(8))  # partner or operator
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    batch: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    position: Mapped[int | None] = mapped_column(Integer)  # inside the batch
    accepted_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds


class Batch(Base):
    """A closed batch of an operator key, and the seal that the chain was last seen to hold for it."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("operator", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    operator: Mapped[str] = mapped_column(String(42))
    number: Mapped[int] = mapped_column(BigInteger)  # from 0, contiguous per operator
    first: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(Integer)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    closed_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds
    sealed: Mapped[bool] = mapped_column(Boolean, default=False, index=True)
    transaction: Mapped[str | None] = mapped_column(String(66))
    block: Mapped[int | None] = mapped_column(BigInteger)
    block_hash: Mapped[str | None] = mapped_column(String(66))
    sealed_at: Mapped[int | None] = mapped_column(BigInteger)  # Unix seconds
