"""Milestones: sites, who may post what, answered requests, and documents"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _partner(name: str = "partner", **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(255), sa.ForeignKey("partners.did"), nullable=False, **options)


def _fingerprint(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(16), **options)


def upgrade() -> None:
    op.create_table(
        "sites",
        _partner(primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("place", sa.String(1024), nullable=False),
        sa.Column("gln", sa.String(13)),
        sa.Column("geo", sa.JSON()),
        sa.Column("city", sa.String(200)),
        sa.Column("country", sa.String(2)),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_sites_place", "sites", ["place"])
    op.create_table("posting_rules", _partner("brand", primary_key=True), sa.Column("rules", sa.JSON(), nullable=False))
    op.create_table(
        "milestone_keys",
        _partner(primary_key=True),
        _fingerprint("key", primary_key=True),
        _fingerprint("body", nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("promise", sa.JSON()),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", _BIG_ID, primary_key=True, autoincrement=True),
        _partner(),
        _fingerprint("digest"),
        _fingerprint("key", nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("partner", "digest"),
    )
    op.create_index("ix_documents_digest", "documents", ["digest"])
    op.create_table(
        "event_documents",
        sa.Column("event", _BIG_ID, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        _fingerprint("digest", nullable=False),
        sa.PrimaryKeyConstraint("event", "digest"),
    )
    op.create_index("ix_event_documents_digest", "event_documents", ["digest"])


def downgrade() -> None:
    for table in ("event_documents", "documents", "milestone_keys", "posting_rules", "sites"):
        op.drop_table(table)
