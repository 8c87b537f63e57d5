"""A place for the state to start from, beside the history."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; it stays empty until the next closing."""
    op.create_table(
        "snapshot",
        sa.Column("one", _WHOLE, nullable=False, autoincrement=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_snapshot"),
        sa.CheckConstraint("one = 1", name=op.f("ck_snapshot_single")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    if op.get_context().dialect.name != "sqlite":
        op.execute("ALTER TABLE snapshot ALTER COLUMN data SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Drop the table: no history is in it."""
    op.drop_table("snapshot")
