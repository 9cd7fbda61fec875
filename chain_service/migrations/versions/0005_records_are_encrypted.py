"""Records are encrypted, each under a data key of its own, and found by fingerprints; who may see them

What is there is encrypted on the way, all of it in memory; the vault comes with the migration's attributes.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from chain_service.anchoring.records import Said
from chain_service.events.facts import facts
from chain_service.events.records import Content
from chain_service.kit.eip712 import Statement

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OLD = ("statements", "event_items", "events", "capture_jobs")  # what refers to others first
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FIELDS = ("event_digest", "subjects", "step", "disposition", "place", "event_time", "flags")


def _partner(name: str = "partner", **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(255), sa.ForeignKey("partners.did"), nullable=False, **options)


def _fingerprint(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(16), **options)


def _event(**options: Any) -> sa.Column[Any]:
    return sa.Column("event", _BIG_ID, sa.ForeignKey("events.id", **options), nullable=False)


def upgrade() -> None:
    connection = op.get_bind()
    before = {name: connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all() for name in _OLD}  # noqa: S608
    for name in _OLD:
        op.drop_table(name)
    tables = _create()
    if any(before.values()):
        _encrypt(connection, tables, before, context.config.attributes["vault"]())


def _create() -> dict[str, sa.Table]:
    made = [
        op.create_table(
            "capture_jobs",
            sa.Column("id", sa.String(36), primary_key=True),
            _partner(),
            sa.Column("behaviour", sa.String(8), nullable=False),
            sa.Column("visibility", sa.SmallInteger(), nullable=False),
            _fingerprint("key"),
            sa.Column("document", sa.LargeBinary()),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
            sa.Column("finished_at", sa.BigInteger()),
            sa.Column("success", sa.Boolean(), nullable=False),
            sa.Column("errors", sa.LargeBinary()),
            sa.Column("promise", sa.JSON()),
        ),
        op.create_table(
            "events",
            sa.Column("id", _BIG_ID, primary_key=True, autoincrement=True),
            _partner(),
            _fingerprint("key"),
            sa.Column("content", sa.LargeBinary()),
            _fingerprint("event_id"),
            sa.Column("declaration", sa.Boolean(), nullable=False),
            sa.Column("type", sa.String(32), nullable=False),
            sa.Column("action", sa.String(8), nullable=False),
            sa.Column("event_time", sa.BigInteger()),
            sa.Column("record_time", sa.BigInteger(), nullable=False),
            *(_fingerprint(name) for name in ("step", "disposition", "read_point", "biz_location")),
            sa.Column("narrowed", sa.SmallInteger(), nullable=False),
            sa.Column("visibility", sa.SmallInteger(), nullable=False),
            sa.Column("erased_at", sa.BigInteger()),
            sa.UniqueConstraint("partner", "event_id", "declaration"),
        ),
        op.create_table(
            "event_items",
            _event(ondelete="CASCADE"),
            sa.Column("role", sa.String(8), nullable=False),
            _fingerprint("name", nullable=False),
            sa.PrimaryKeyConstraint("event", "role", "name"),
            sqlite_with_rowid=False,
        ),
        op.create_table(
            "event_brands", _event(ondelete="CASCADE"), _partner("brand"), sa.PrimaryKeyConstraint("event", "brand")
        ),
        op.create_table(
            "statements",
            sa.Column("id", _BIG_ID, primary_key=True, autoincrement=True),
            _event(),
            sa.Column("digest", sa.String(66)),
            sa.Column("content", sa.LargeBinary()),
            sa.Column("reporter", sa.String(42)),
            sa.Column("custody", sa.String(8), nullable=False),
            sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
            sa.Column("batch", _BIG_ID, sa.ForeignKey("batches.id")),
            sa.Column("position", sa.Integer()),
            sa.Column("accepted_at", sa.BigInteger(), nullable=False),
            sa.UniqueConstraint("digest"),
            sa.UniqueConstraint("event"),
        ),
        op.create_table(
            "disclosure_defaults",
            _partner(primary_key=True),
            sa.Column("step", sa.String(2048), primary_key=True),
            sa.Column("visibility", sa.SmallInteger(), nullable=False),
        ),
        op.create_table("sharing", _partner(primary_key=True), _partner("other", primary_key=True)),
    ]
    for table, *columns in (
        ("capture_jobs", "partner"),
        ("capture_jobs", "created_at"),
        *(("events", name) for name in ("event_id", "record_time", "step", "type")),
        ("events", "event_time", "id"),
        ("event_items", "name", "event"),
        ("event_brands", "brand"),
        ("statements", "batch", "position"),
        ("sharing", "other"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    return {table.name: table for table in made}


def _encrypt(connection: sa.Connection, tables: dict[str, sa.Table], before: dict[str, Any], vault: Any) -> None:
    stated = {row["event"]: row for row in before["statements"]}
    keys = dict(zip(stated, vault.new_keys(len(stated)), strict=True))
    for row in before["events"]:
        key, statement, known = keys[row["id"]], stated[row["id"]], facts(json.loads(row["document"]))
        items = tuple(dict.fromkeys(known.items))
        places = (known.read_point, known.biz_location)
        content = Content(bytes(row["document"]), bytes(row["salt"]), row["event_hash"], items, *places)
        plain = {name: row[name] for name in ("id", "partner", "type", "action", "event_time", "record_time")}
        found = ("event_id", "step", "disposition", "read_point", "biz_location")
        prints = {name: vault.fingerprint(row[name]) for name in found}
        rest = {"key": key.id, "content": content.encrypted(key), "narrowed": 0, "visibility": 0, "erased_at": None}
        declared = {"declaration": bool(row["declaration"])}
        connection.execute(tables["events"].insert().values({**plain, **prints, **rest, **declared}))
        names = [{"event": row["id"], "role": role, "name": vault.fingerprint(name)} for role, name in items]
        if names:
            connection.execute(tables["event_items"].insert(), names)
        said = Said(Statement(*(_plain(statement[name]) for name in _FIELDS)), bytes(statement["signature"]))
        kept = {c.name: statement[c.name] for c in tables["statements"].columns if c.name in statement}
        connection.execute(tables["statements"].insert().values({**kept, "content": said.encrypted(key)}))
    if connection.dialect.name == "postgresql":
        for name in ("events", "statements"):
            numbers = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1)) FROM {name}"  # noqa: S608
            connection.execute(sa.text(numbers))


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytes) else value


def downgrade() -> None:
    raise NotImplementedError("what is encrypted is not written in clear again")
