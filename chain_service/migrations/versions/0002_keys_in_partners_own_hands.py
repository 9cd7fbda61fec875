"""Keys in partners' own hands, and what the chain last said of each key"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REMEMBERED = {
    "roles": sa.BigInteger(),
    "custody": sa.Integer(),
    "status": sa.Integer(),
    "checked_at": sa.BigInteger(),
}


def upgrade() -> None:
    with op.batch_alter_table("partner_keys", schema=None) as batch_op:
        for name, kind in _REMEMBERED.items():
            batch_op.add_column(sa.Column(name, kind, nullable=True))
        batch_op.alter_column("keystore", existing_type=sa.String(length=255), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM partner_keys WHERE keystore IS NULL")
    with op.batch_alter_table("partner_keys", schema=None) as batch_op:
        batch_op.alter_column("keystore", existing_type=sa.String(length=255), nullable=False)
        for name in _REMEMBERED:
            batch_op.drop_column(name)
