"""Credentials with a name, rights and an end, suspended partners, and the log of who changed what"""

import secrets
import time
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_YEAR_MS = 365 * 86_400_000
_RIGHTS = ["state", "describe", "read"]  # what a token could do until now
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def _before() -> tuple[sa.Column[Any], ...]:
    """The columns of the first release."""
    return (
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )


def upgrade() -> None:
    op.add_column("partners", sa.Column("suspended", sa.Boolean(), nullable=False, server_default=sa.false()))
    known = _taken_out()
    table = op.create_table(
        "credentials",
        sa.Column("id", sa.String(length=10), nullable=False),
        *_before(),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["partner"], ["partners.did"], name=op.f("fk_credentials_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_credentials_token_sha256")),
    )
    op.create_index(op.f("ix_credentials_partner"), "credentials", ["partner"])
    rows = [
        {**row, "id": _new_id(), "name": "", "rights": _RIGHTS, "expires_at": row["created_at"] + _YEAR_MS}
        for row in known
    ]
    if rows:
        op.bulk_insert(table, rows)

    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_partner", sa.String(length=255), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"])
    op.create_index("ix_audit_entries_subject_id", "audit_entries", ["subject", "id"])
    op.create_index("ix_audit_entries_actor_partner_id", "audit_entries", ["actor_partner", "id"])
    op.create_table(
        "audit_days",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_days")),
    )


def downgrade() -> None:
    op.execute("ALTER TABLE partners DROP COLUMN suspended")  # by batches the table, which others refer to, would go
    op.drop_table("audit_days")
    op.drop_table("audit_entries")
    known = _taken_out(f"WHERE revoked_at IS NULL AND expires_at > {time.time_ns() // 1_000_000}")
    table = op.create_table(
        "credentials",
        *_before(),
        sa.ForeignKeyConstraint(["partner"], ["partners.did"], name=op.f("fk_credentials_partner")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_credentials")),
    )
    op.create_index(op.f("ix_credentials_partner"), "credentials", ["partner"])
    if known:
        op.bulk_insert(table, known)


def _taken_out(condition: str = "") -> list[dict[str, Any]]:
    """The credentials as they were in the first release; their table is dropped: another key needs another table."""
    query = sa.text(f"SELECT token_sha256, partner, created_at FROM credentials {condition}")  # noqa: S608
    rows = [dict(row._mapping) for row in op.get_bind().execute(query)]
    op.drop_table("credentials")
    return rows


def _new_id() -> str:
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(10))
