"""The first tables: the head and the seven tables of the history, with their triggers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HISTORY = ("statement", "event", "subject", "subject_event", "posting", "tile", "checkpoint")


def upgrade() -> None:
    """Make the tables and the triggers."""
    _make_log()
    _make_events()
    if op.get_context().dialect.name == "sqlite":
        _refuse_changes_on_sqlite()
    else:
        _refuse_changes_on_postgres()


def downgrade() -> None:
    """Refuse: there is nothing before the history, and it is not thrown away."""
    raise NotImplementedError("The history of a ledger is not dropped.")


def _table(name: str, *items: SchemaItem, rowid: bool = True) -> None:
    op.create_table(name, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, nullable=False, autoincrement=False)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _make_log() -> None:
    _table(
        "head",
        _whole("one"),
        _text("origin"),
        _whole("size"),
        _whole("positions"),
        sa.PrimaryKeyConstraint("one", name="pk_head"),
        sa.CheckConstraint("one = 1", name=op.f("ck_head_single")),
    )
    _table(
        "statement",
        _whole("leaf_index"),
        _blob("id"),
        _whole("recorded_ms"),
        _blob("note"),
        _whole("first_position"),
        _whole("event_count"),
        _blob("leaf"),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_statement"),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_statement_id_length")),
        sa.CheckConstraint("length(leaf) = 32", name=op.f("ck_statement_leaf_length")),
    )
    shelf = sa.column("leaf_index").bitwise_rshift(sa.literal_column("10"))
    op.create_index("ix_statement_shelf", "statement", [shelf, "id"])
    _table(
        "tile",
        _whole("level"),
        _whole("n"),
        _blob("hashes"),
        sa.PrimaryKeyConstraint("level", "n", name="pk_tile"),
        sa.CheckConstraint("length(hashes) = 8192", name=op.f("ck_tile_hashes_length")),
    )
    _table(
        "checkpoint",
        _whole("size"),
        _whole("previous"),
        _blob("note"),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )


def _make_events() -> None:
    _table(
        "event",
        _whole("position"),
        _blob("id"),
        _whole("statement_index"),
        _whole("home"),
        _whole("version"),
        _text("type"),
        _blob("body"),
        sa.PrimaryKeyConstraint("position", name="pk_event"),
        sa.UniqueConstraint("id", name="uq_event_id"),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_event_id_length")),
    )
    _table(
        "subject",
        _whole("no"),
        _text("key"),
        sa.PrimaryKeyConstraint("no", name="pk_subject"),
        sa.UniqueConstraint("key", name="uq_subject_key"),
    )
    _table(
        "subject_event",
        _whole("subject"),
        _whole("ordinal"),
        _whole("position"),
        sa.PrimaryKeyConstraint("subject", "ordinal", name="pk_subject_event"),
        rowid=False,
    )
    _table(
        "posting",
        _whole("position"),
        _whole("ordinal"),
        _text("debit"),
        _text("credit"),
        _text("line"),
        sa.Column("contract", sa.Text, nullable=True),
        _whole("amount_fen"),
        sa.PrimaryKeyConstraint("position", "ordinal", name="pk_posting"),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name="fk_posting_position"),
        rowid=False,
    )


def _refuse_changes_on_sqlite() -> None:
    for table in _HISTORY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is history: {change} is refused'); END"
            )
    op.execute(
        "CREATE TRIGGER head_refuses_delete BEFORE DELETE ON head "
        "BEGIN SELECT RAISE(ABORT, 'head is history: DELETE is refused'); END"
    )
    op.execute(
        "CREATE TRIGGER head_only_grows BEFORE UPDATE ON head "
        "WHEN NEW.one <> OLD.one OR NEW.origin <> OLD.origin "
        "OR NEW.size <= OLD.size OR NEW.positions < OLD.positions "
        "BEGIN SELECT RAISE(ABORT, 'head only grows: UPDATE is refused'); END"
    )


def _refuse_changes_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION sunledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% is history: % is refused', TG_TABLE_NAME, TG_OP "
        "USING ERRCODE = 'restrict_violation'; END$$"
    )
    op.execute(
        "CREATE FUNCTION sunledger_head_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'head only grows: UPDATE is refused' "
        "USING ERRCODE = 'restrict_violation'; END$$"
    )
    op.execute(
        "CREATE TRIGGER head_refuses_delete BEFORE DELETE OR TRUNCATE ON head "
        "FOR EACH STATEMENT EXECUTE FUNCTION sunledger_refuse()"
    )
    op.execute(
        "CREATE TRIGGER head_only_grows BEFORE UPDATE ON head FOR EACH ROW "
        "WHEN (NEW.one <> OLD.one OR NEW.origin <> OLD.origin "
        "OR NEW.size <= OLD.size OR NEW.positions < OLD.positions) "
        "EXECUTE FUNCTION sunledger_head_only_grows()"
    )
    for table in _HISTORY:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION sunledger_refuse()"
        )
