"""Tables of the partners room. The chain decides who may speak; here is what the service itself needs."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base


class Partner(Base):
    """An organisation of the consortium, by its DID."""

    __tablename__ = "partners"

    did: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)  # by language: {"en": …, "zh": …}
    roles: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds


class PartnerKey(Base):
    """A key that signs for a partner: held by the operator in a keystore file, or by the partner itself.

    What the chain last said of it is remembered for a while (keys.py); the codes are PartnerRegistry's.
    """

    __tablename__ = "partner_keys"

    address: Mapped[str] = mapped_column(String(42), primary_key=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    keystore: Mapped[str | None] = mapped_column(String(255))  # file name inside the keys folder, if we hold it
    created_at: Mapped[int] = mapped_column(BigInteger)
    roles: Mapped[int | None] = mapped_column(BigInteger)
    custody: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    checked_at: Mapped[int | None] = mapped_column(BigInteger)  # Unix milliseconds; null: the chain was not asked yet


class Credential(Base):
    """A bearer token of a partner; only its SHA-256 is kept."""

    __tablename__ = "credentials"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
