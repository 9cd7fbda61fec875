"""Tables of the partners room. The chain decides who may speak; here is what the service itself needs."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base, BigId


class Partner(Base):
    """An organisation of the consortium, by its DID."""

    __tablename__ = "partners"

    did: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)  # by language: {"en": …, "zh": …}
    roles: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds
    suspended: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # as the chain last said


class PartnerKey(Base):
    """A key that signs for a partner: held by the operator in a keystore file, or by the partner itself.

    What the chain last said of it is remembered for a while (keys.py); the codes are PartnerRegistry's.
    """

    __tablename__ = "partner_keys"

    address: Mapped[str] = mapped_column(String(42), primary_key=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    keystore: Mapped[str | None] = mapped_column(String(255))  # file name inside the keys folder, if we hold it
    created_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds; ahead for a key that is not good yet
    roles: Mapped[int | None] = mapped_column(BigInteger)
    custody: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    checked_at: Mapped[int | None] = mapped_column(BigInteger)  # Unix milliseconds; null: the chain was not asked yet


class Credential(Base):
    """A bearer token of a partner's system, with the rights it has; only its SHA-256 is kept."""

    __tablename__ = "credentials"

    id: Mapped[str] = mapped_column(String(10), primary_key=True)  # public: the token carries it
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    rights: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str | None] = mapped_column(String(64))  # id of a credential or person; null: the command line
    expires_at: Mapped[int] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    last_used_at: Mapped[int | None] = mapped_column(BigInteger)  # at most a minute older than the truth


class AuditEntry(Base):
    """Who changed what, for ever: ids only, never the content of events, nor names or addresses of people."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject_id", "subject", "id"),
        Index("ix_audit_entries_actor_partner_id", "actor_partner", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at: Mapped[int] = mapped_column(BigInteger, index=True)  # Unix milliseconds
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_partner: Mapped[str | None] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(255))  # the DID of the organisation that it concerns
    what: Mapped[dict[str, Any]] = mapped_column(JSON)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class AuditDay(Base):
    """A UTC day of the log that is closed: its root is stated, and nothing is added to it any more."""

    __tablename__ = "audit_days"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # such as 2026-11-01
    count: Mapped[int] = mapped_column(Integer)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    event_id: Mapped[str | None] = mapped_column(Text)  # of the operator's event that states the root
