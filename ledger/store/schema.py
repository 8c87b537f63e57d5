"""The tables of a ledger, one definition for SQLite and PostgreSQL.

    head            one row: origin, size in statements, positions in events
    statement       the entries of the log in order, with the leaf hash of each
    event           the events of the statements, by position; `home` is a subject's number
    subject         key and number of each subject
    subject_event   which event touches which subject: (subject, ordinal) → position
    posting         the journal: what each event moved from where to where
    tile            the complete tiles of the log's Merkle tree
    checkpoint      every checkpoint that was published, each with the size of the one before
    cosigned        the checkpoints that witnesses cosigned, in the order in which that was learnt
    snapshot        one row or none: a state to start from, no part of the history

Of the history only `head` is ever updated, and it only grows; on all its other tables triggers
refuse UPDATE and DELETE (and TRUNCATE). They guard against accidents and careless tools: whoever
owns the database can drop them, and what is changed then is found by `verify`. `snapshot` is
replaced freely: it saves the writer time, and whatever is wrong with it, the history is not.

Ids are 16-byte UUIDv7 and 32-byte hashes, as blobs. Time-ordered ids keep the unique index
growing at its right edge; random ones halve the rate at a few hundred thousand events.

A statement's id is a hash, so an index over all of them would write a random page for nearly
every statement: it cost a fifth of the rate of single acts. So the index is by *shelf*, 1,024
statements in the order of the log, and by id within the shelf: only the last shelf is written,
and to find an id is to look on each shelf, some hundred in a city's year. No constraint keeps a
statement from coming twice, and none is needed: its events would come twice, and their ids are
unique.

`subject_event` is the largest table: three integers a row, stored in its primary key alone.
There are foreign keys only where rows are few. Two more (event to statement, subject_event to
event) took 40 % of the insert rate on PostgreSQL and 10 % on SQLite, and hold nothing that the
one writer, which numbers all of these rows itself, and `verify`, which compares every one of
them, do not hold already.

`REVISION` is the schema's revision, as alembic records it; `migrations/` brings older ones up
to it, and a test compares the outcome with this definition.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnClause,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.schema import SchemaItem

REVISION = "0003"
"""What `alembic_version` holds in a database of this schema; four digits, counting up."""

APPLICATION_ID = 0x53554E4C
"""`PRAGMA application_id` of a ledger on SQLite: "SUNL"."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

_WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both: SQLite's strict tables know them as INTEGER."""


def _table(name: str, *items: SchemaItem, rowid: bool = True) -> Table:
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


def _whole(name: str) -> Column[int]:
    return Column(name, _WHOLE, nullable=False, autoincrement=False)


def _blob(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


head = _table(
    "head",
    _whole("one"),
    _text("origin"),
    _whole("size"),
    _whole("positions"),
    PrimaryKeyConstraint("one"),
    CheckConstraint("one = 1", name="single"),
)

statement = _table(
    "statement",
    _whole("leaf_index"),
    _blob("id"),
    _whole("recorded_ms"),
    _blob("note"),
    _whole("first_position"),
    _whole("event_count"),
    _blob("leaf"),
    PrimaryKeyConstraint("leaf_index"),
    CheckConstraint("length(id) = 32", name="id_length"),
    CheckConstraint("length(leaf) = 32", name="leaf_length"),
)

shelf_bits: ColumnClause[int] = literal_column("10")
"""Statements are found by their id shelf by shelf, 1,024 to a shelf. Spelled out in the SQL, or
SQLite would not see that a question is the index's own."""

statement_shelf = statement.c.leaf_index.bitwise_rshift(shelf_bits)
Index("ix_statement_shelf", statement_shelf, statement.c.id)

ledger_event = _table(
    "event",
    _whole("position"),
    _blob("id"),
    _whole("statement_index"),
    _whole("home"),
    _whole("version"),
    _text("type"),
    _blob("body"),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("id"),
    CheckConstraint("length(id) = 16", name="id_length"),
)

subject = _table(
    "subject",
    _whole("no"),
    _text("key"),
    PrimaryKeyConstraint("no"),
    UniqueConstraint("key"),
)

subject_event = _table(
    "subject_event",
    _whole("subject"),
    _whole("ordinal"),
    _whole("position"),
    PrimaryKeyConstraint("subject", "ordinal"),
    rowid=False,
)

posting = _table(
    "posting",
    _whole("position"),
    _whole("ordinal"),
    _text("debit"),
    _text("credit"),
    _text("line"),
    Column("contract", Text, nullable=True),
    _whole("amount_fen"),
    PrimaryKeyConstraint("position", "ordinal"),
    ForeignKeyConstraint(["position"], ["event.position"]),
    rowid=False,
)

tile = _table(
    "tile",
    _whole("level"),
    _whole("n"),
    _blob("hashes"),
    PrimaryKeyConstraint("level", "n"),
    CheckConstraint("length(hashes) = 8192", name="hashes_length"),
)

checkpoint = _table(
    "checkpoint",
    _whole("size"),
    _whole("previous"),
    _blob("note"),
    PrimaryKeyConstraint("size"),
)

snapshot = _table(
    "snapshot",
    _whole("one"),
    _blob("note"),
    _blob("data"),
    PrimaryKeyConstraint("one"),
    CheckConstraint("one = 1", name="single"),
)

cosigned = _table(
    "cosigned",
    _whole("n"),
    _whole("size"),
    _blob("note"),
    _text("witnesses"),
    PrimaryKeyConstraint("n"),
    ForeignKeyConstraint(["size"], ["checkpoint.size"]),
)

HISTORY = (
    statement,
    ledger_event,
    subject,
    subject_event,
    posting,
    tile,
    checkpoint,
    cosigned,
)
"""The tables that are only ever added to."""


def make_tables(connection: Connection) -> None:
    """Make all tables and triggers in an empty database, in the caller's transaction."""
    metadata.create_all(connection)
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        # A state is half hashes: trying to compress it took longer than writing it as it is.
        connection.execute(text("ALTER TABLE snapshot ALTER COLUMN data SET STORAGE EXTERNAL"))
    for trigger in _sqlite_triggers() if on_sqlite else _postgres_triggers():
        connection.execute(text(trigger))


def _sqlite_triggers() -> list[str]:
    made = [
        f"CREATE TRIGGER {table.name}_refuses_{change.lower()} BEFORE {change} ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is history: {change} is refused'); END"
        for table in HISTORY
        for change in ("UPDATE", "DELETE")
    ]
    made.append(
        "CREATE TRIGGER head_refuses_delete BEFORE DELETE ON head "
        "BEGIN SELECT RAISE(ABORT, 'head is history: DELETE is refused'); END"
    )
    made.append(
        "CREATE TRIGGER head_only_grows BEFORE UPDATE ON head "
        "WHEN NEW.one <> OLD.one OR NEW.origin <> OLD.origin "
        "OR NEW.size <= OLD.size OR NEW.positions < OLD.positions "
        "BEGIN SELECT RAISE(ABORT, 'head only grows: UPDATE is refused'); END"
    )
    return made


def _postgres_triggers() -> list[str]:
    # Once a statement, not once a row: a change that finds no row is refused as well.
    made = [
        (
            "CREATE FUNCTION sunledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION '% is history: % is refused', TG_TABLE_NAME, TG_OP "
            "USING ERRCODE = 'restrict_violation'; END$$"
        ),
        (
            "CREATE FUNCTION sunledger_head_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'head only grows: UPDATE is refused' "
            "USING ERRCODE = 'restrict_violation'; END$$"
        ),
        (
            "CREATE TRIGGER head_refuses_delete BEFORE DELETE OR TRUNCATE ON head "
            "FOR EACH STATEMENT EXECUTE FUNCTION sunledger_refuse()"
        ),
        (
            "CREATE TRIGGER head_only_grows BEFORE UPDATE ON head FOR EACH ROW "
            "WHEN (NEW.one <> OLD.one OR NEW.origin <> OLD.origin "
            "OR NEW.size <= OLD.size OR NEW.positions < OLD.positions) "
            "EXECUTE FUNCTION sunledger_head_only_grows()"
        ),
    ]
    made.extend(
        f"CREATE TRIGGER {table.name}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table.name} FOR EACH STATEMENT EXECUTE FUNCTION sunledger_refuse()"
        for table in HISTORY
    )
    return made
