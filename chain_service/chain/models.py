"""What is sent to the chain, kept before it is sent."""

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base


class Outgoing(Base):
    """A signed transaction: the same bytes are sent again until the chain holds them or they are given up."""

    __tablename__ = "outgoing_transactions"

    hash: Mapped[str] = mapped_column(String(66), primary_key=True)
    batch: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    nonce: Mapped[int] = mapped_column(BigInteger)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds


class Lease(Base):
    """Which worker is active for an operator, so that only one closes and seals batches."""

    __tablename__ = "leases"

    operator: Mapped[str] = mapped_column(String(42), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds
