"""The database: SQLite by default, PostgreSQL by DATABASE_URL. One request or one task is one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Engine,
    Executable,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    insert,
)
from sqlalchemy.engine import Compiled, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

CONNECT_SECONDS = 10  # PostgreSQL's own waiting has no end where a host is silent
SQLITE_SECONDS = 30  # so long a writer waits for the writers of other processes

BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts only INTEGER keys up by itself


class Base(DeclarativeBase):
    """Every table's base; rooms keep their own tables in models.py."""

    metadata = MetaData(naming_convention=NAMES)


def connect(url: str) -> Engine:
    """An engine for a database URL; `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if not parsed.drivername.startswith("sqlite"):
        limits = {"connect_timeout": CONNECT_SECONDS}
        return create_engine(
            parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args=limits, hide_parameters=True
        )
    engine = create_engine(
        parsed, connect_args={"timeout": SQLITE_SECONDS}, pool_size=10, max_overflow=20, hide_parameters=True
    )
    _queues[engine] = RLock()

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy then begins transactions as told below
        cursor = connection.cursor()
        # Checkpoints at 16 MB of log: at SQLite's own 4 MB every large capture would wait for one.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=4000",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that will write takes the lock at once: waiting is safe, upgrading later is not.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


# SQLite lets one writer in and has the others look again after up to 0.1 s; those of this process queue here instead.
_queues: WeakKeyDictionary[Engine, RLock] = WeakKeyDictionary()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; committed at the end, rolled back on any exception."""
    with (
        _queues.get(engine, nullcontext()),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


def write_unless_busy(engine: Engine, statement: Executable) -> bool:
    """Runs one statement as a transaction of its own, unless SQLite's lock is taken: for what is worth no waiting."""
    queue = _queues.get(engine)
    if queue is None:
        with writing(engine) as connection:
            connection.execute(statement)
        return True
    if not queue.acquire(blocking=False):
        return False
    try:
        with engine.connect().execution_options(writes=True) as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.execute("PRAGMA busy_timeout=0")
            try:
                transaction = connection.begin()
            except OperationalError:  # another process writes
                return False
            finally:
                driver.execute(f"PRAGMA busy_timeout={SQLITE_SECONDS * 1000}")
            with transaction:
                connection.execute(statement)
            return True
    finally:
        queue.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads, all of it as of one moment."""
    # SQLite's transactions are so by themselves; PostgreSQL would else show each statement a newer state.
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    options = snapshot if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def insert_rows(connection: Connection, model: type[Base] | Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts many rows of plain values (text, numbers, booleans, bytes), all with the same columns.

    They go to the driver as they are: preparing each by its types costs more than SQLite takes to store it.
    """
    if not rows:
        return
    compiled, in_order = _insert(model, connection.dialect, tuple(rows[0]))
    connection.exec_driver_sql(str(compiled), [in_order(row) for row in rows])


@lru_cache(maxsize=64)
def _insert(model: type[Base] | Table, dialect: Dialect, columns: tuple[str, ...]) -> tuple[Compiled, Any]:
    """The statement, and what turns a row into its parameters: a tuple where the driver counts them, else itself."""
    compiled: Any = insert(model).compile(dialect=dialect, column_keys=list(columns))
    return compiled, itemgetter(*compiled.positiontup) if compiled.positional else dict


def migrate(engine: Engine, vault: Any) -> None:
    """Brings the schema to the newest version (Alembic); `vault`: for records that are not encrypted yet.

    Raises ConnectionError where the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            config.attributes["vault"] = vault
            command.upgrade(config, "head")
    except OperationalError as error:
        url = engine.url.render_as_string(hide_password=True)
        raise ConnectionError(f"the database at {url} does not answer: {str(error.orig).strip()}") from None
