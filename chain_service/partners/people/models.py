"""Tables of the people who work for a partner. Emails and names are personal data: they stand here and nowhere else."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chain_service.db import Base


class Person(Base):
    """Somebody who signs in for a partner, by password or by the operator's OpenID provider."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("oidc_issuer", "oidc_subject"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # UUID; the only name of a person outside this table
    partner: Mapped[str] = mapped_column(ForeignKey("partners.did"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(Text)  # argon2id in PHC form; null until a password is chosen
    rights: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger)  # Unix milliseconds, as all times here
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer)  # attempts to sign in since the last good one
    locked_until: Mapped[int | None] = mapped_column(BigInteger)
    oidc_issuer: Mapped[str | None] = mapped_column(String(500))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))  # OpenID Connect Core section 2: at most 255


class Invitation(Base):
    """The one open invitation of a person: who holds its token chooses the password."""

    __tablename__ = "invitations"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), unique=True)
    expires_at: Mapped[int] = mapped_column(BigInteger)


class Session(Base):
    """A person signed in with one browser."""

    __tablename__ = "sessions"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)  # to the minute


class Login(Base):
    """A sign-in that was sent to the OpenID provider and has not come back yet."""

    __tablename__ = "logins"

    state_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_sha256: Mapped[str] = mapped_column(String(64))  # of the cookie of the browser that began it
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))  # RFC 7636
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)
