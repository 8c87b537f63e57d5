"""The table of cosigned checkpoints, which come after the rows of their checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        "cosigned",
        sa.Column("n", _WHOLE, nullable=False, autoincrement=False),
        sa.Column("size", _WHOLE, nullable=False, autoincrement=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("witnesses", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_cosigned"),
        sa.ForeignKeyConstraint(["size"], ["checkpoint.size"], name="fk_cosigned_size"),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER cosigned_refuses_{change.lower()} BEFORE {change} ON cosigned "
                f"BEGIN SELECT RAISE(ABORT, 'cosigned is history: {change} is refused'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER cosigned_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON cosigned FOR EACH STATEMENT EXECUTE FUNCTION sunledger_refuse()"
        )


def downgrade() -> None:
    """Refuse: what witnesses cosigned is history, and is not thrown away."""
    raise NotImplementedError("The history of a ledger is not dropped.")
