"""Imports of spreadsheets, a chunk of rows at a time"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("partner", sa.String(255), sa.ForeignKey("partners.did"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("visibility", sa.SmallInteger(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("print", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.LargeBinary()),
        sa.Column("about", sa.LargeBinary()),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            for name in ("rows", "wrong", "posted", "refused")
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("holder", sa.String(64)),
        sa.Column("held_until", sa.BigInteger(), nullable=False, server_default="0"),
    )
    for name in ("partner", "state", "created_at"):
        op.create_index(f"ix_imports_{name}", "imports", [name])
    op.create_table(
        "import_chunks",
        sa.Column("import_id", sa.String(36), sa.ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "first"),
    )


def downgrade() -> None:
    op.drop_table("import_chunks")
    op.drop_table("imports")
