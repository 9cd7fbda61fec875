"""Imports as the database keeps them and as their organisation sees them."""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from chain_service.errors import Problem
from chain_service.events.imports import lines as kept
from chain_service.events.imports.lines import Line, cell_of
from chain_service.events.imports.models import Import, ImportChunk
from chain_service.kit import clock
from chain_service.kit.digests import sha256
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.models import Partner
from chain_service.partners.vault import DataKey, Vault

_NAME, _FILE, _ABOUT = b"import name", b"import file", b"import about"
LONGEST_NAME = 200
MOST_KEPT = 500  # imports of an organisation at a time
_ERASED = "erased"  # of an import that goes: an event that it posted was erased
# Not the file, which has megabytes.
_SHOWN = select(*(column for column in Import.__table__.columns if column.name != "file")).where(
    Import.state != _ERASED
)


class About(TypedDict, total=False):
    """What is known of a file once it is read, besides its rows: the header's titles, those of columns not used, the
    first rows as understood, how often each code came, and why it is refused as a whole."""

    titles: list[str]
    ignored: list[str]
    preview: list[dict[str, Any]]
    codes: dict[str, int]
    problem: dict[str, Any] | None


def keep(
    connection: Connection, vault: Vault, partner: str, kind: str, name: str, data: bytes, zone: str, visibility: int
) -> str:
    """Enters an uploaded file to be read; returns the id of its import, which cannot be guessed.

    Raises Problem 409 where the organisation keeps as many as it may.
    """
    if connection.execute(select(func.count()).where(Import.partner == partner)).scalar_one() >= MOST_KEPT:
        detail = f"Your organisation keeps {MOST_KEPT} imports. Delete some of them first."
        raise Problem(409, "imports-full", "No further import is kept", detail)
    key = vault.new_keys(1)[0]
    entered = {
        "id": str(uuid.uuid4()),
        "partner": partner,
        "kind": kind,
        "state": "reading",
        "visibility": visibility,
        "zone": zone,
        "key": key.id,
        "print": vault.fingerprint(f"import {partner} {kind} {sha256(data).hex()}"),
        "name": key.encrypt(name[:LONGEST_NAME].encode(), _NAME),
        "file": key.encrypt(data, _FILE),
        "created_at": clock.now_ms(),
    }
    connection.execute(insert(Import).values(entered))
    return str(entered["id"])


def key_of(vault: Vault, row: Row[Any]) -> DataKey:
    """The data key of an import. Raises KeyUnavailable."""
    found = vault.keys([row.key])
    if row.key not in found:
        raise KeyUnavailable("the vault lacks the key of an import: is it another vault, or an old one?")
    return found[row.key]


def file_of(connection: Connection, key: DataKey, import_id: str) -> bytes:
    """The uploaded file, while it is not read yet."""
    data = connection.execute(select(Import.file).where(Import.id == import_id)).scalar_one()
    return key.decrypt(data or b"", _FILE)


def name_of(key: DataKey, row: Row[Any]) -> str:
    """The file's name."""
    return key.decrypt(row.name, _NAME).decode()


def encrypted_about(key: DataKey, about: About) -> bytes:
    """As Import.about keeps it."""
    return key.encrypt(json.dumps(about, ensure_ascii=False).encode(), _ABOUT)


def about_of(key: DataKey, row: Row[Any]) -> About:
    """What is known of a file."""
    found: About = json.loads(key.decrypt(row.about, _ABOUT)) if row.about else {}
    return found


def one(connection: Connection, partner: Partner, import_id: str) -> Row[Any]:
    """An import of an organisation. Raises Problem 404."""
    try:
        uuid.UUID(import_id)
    except ValueError:  # PostgreSQL refuses a NUL character even in a question
        found = None
    else:
        found = connection.execute(_SHOWN.where(Import.id == import_id, Import.partner == partner.did)).one_or_none()
    if found is None:
        raise Problem(404, "unknown-import", "There is no such import", "It was deleted, or is another organisation's.")
    return found


def of_partner(connection: Connection, partner: str, kinds: Sequence[str]) -> list[Row[Any]]:
    """An organisation's newest imports, newest first."""
    wanted = _SHOWN.where(Import.partner == partner, Import.kind.in_(kinds))
    ordered = wanted.order_by(Import.created_at.desc(), Import.id).limit(MOST_KEPT)
    return list(connection.execute(ordered))


def chunks(connection: Connection, key: DataKey, import_id: str, only_faulty: bool = False) -> Iterator[list[Line]]:
    """The rows of an import in their order, some hundred at a time."""
    after = -1
    while True:
        wanted = select(ImportChunk.first, ImportChunk.content).where(
            ImportChunk.import_id == import_id, ImportChunk.first > after
        )
        if only_faulty:
            wanted = wanted.where(ImportChunk.faulty > 0)
        row = connection.execute(wanted.order_by(ImportChunk.first).limit(1)).one_or_none()
        if row is None:
            return
        after = row.first
        yield kept.decrypted(key, row.content)


def mistakes(
    connection: Connection, key: DataKey, row: Row[Any], after: int, limit: int, code: str | None
) -> tuple[list[dict[str, Any]], int | None]:
    """What is wrong in rows after one, all of a row together, and after which row more comes."""
    titles = about_of(key, row).get("titles", [])
    found: list[dict[str, Any]] = []
    last = after
    for lines in chunks(connection, key, row.id, only_faulty=True):
        for line in lines:
            if line["row"] <= after or not line["mistakes"]:
                continue
            told = [each for each in line["mistakes"] if code is None or each["code"] == code]
            if found and len(found) + len(told) > limit:
                return found, last
            found += [_told(line["row"], each, titles) for each in told]
            last = line["row"]
    return found, None


def _told(row: int, each: kept.Mistake, titles: Sequence[str]) -> dict[str, Any]:
    column = each["column"]
    return {
        "row": row,
        "column": titles[column] if column is not None and column < len(titles) else None,
        "cell": cell_of(row, column),
        "code": each["code"],
        "detail": each["detail"],
        "values": each["values"],
    }


def as_json(vault: Vault, rows: Sequence[Row[Any]], whole: bool = False) -> list[dict[str, Any]]:
    """Imports as their organisation sees them; `whole`: with the preview."""
    keys = vault.keys(row.key for row in rows)
    return [_json(keys[row.key], row, whole) for row in rows if row.key in keys]


def _json(key: DataKey, row: Row[Any], whole: bool) -> dict[str, Any]:
    about = about_of(key, row)
    moments = {"createdAt": row.created_at, "startedAt": row.started_at, "finishedAt": row.finished_at}
    shown: dict[str, Any] = {
        "id": row.id,
        "kind": row.kind,
        "name": name_of(key, row),
        "state": row.state,
        "zone": row.zone,
        "rows": row.rows,
        "wrong": row.wrong,
        "posted": row.posted,
        "refused": row.refused,
        **{name: None if at is None else clock.iso(at) for name, at in moments.items()},
        "problem": about.get("problem"),
    }
    if whole:
        shown["preview"] = about.get("preview", [])
        shown["ignored"] = about.get("ignored", [])
        shown["codes"] = about.get("codes", {})
    return shown


def same_as(connection: Connection, row: Row[Any]) -> str | None:
    """The newest earlier import of the very same bytes."""
    earlier = select(Import.id).where(
        Import.partner == row.partner,
        Import.state != _ERASED,
        Import.print == row.print,
        Import.created_at <= row.created_at,
        Import.id != row.id,
    )
    return connection.execute(earlier.order_by(Import.created_at.desc()).limit(1)).scalar()


def set_state(connection: Connection, row: Row[Any], wanted: str) -> None:
    """Starts posting, or stops it. Raises Problem 409 where the import is not so far."""
    if wanted == "posting":
        if row.state in ("posting", "done"):
            return  # the same asked twice
        if row.state not in ("ready", "stopped"):
            raise Problem(409, "not-ready", "The file is not ready to be posted", f"Its state is '{row.state}'.")
        changed: dict[str, Any] = {"started_at": row.started_at or clock.now_ms(), "holder": None, "held_until": 0}
    elif row.state != "posting":
        raise Problem(409, "not-posting", "Nothing is being posted", f"Its state is '{row.state}'.")
    else:
        changed = {}
    connection.execute(
        update(Import).where(Import.id == row.id, Import.state == row.state).values(state=wanted, **changed)
    )


def remove(connection: Connection, import_ids: Sequence[str]) -> None:
    """Deletes imports with their rows. What they posted stays posted; their keys are the caller's to destroy."""
    connection.execute(delete(ImportChunk).where(ImportChunk.import_id.in_(import_ids)))
    connection.execute(delete(Import).where(Import.id.in_(import_ids)))


def forget(connection: Connection, partner: str, event_id: str) -> None:
    """Empties the import that posted an event which is erased, in the caller's transaction: it holds what was said.

    `erased()` finds it for its key to be destroyed.
    """
    if not kept.may_be_ours(event_id):  # else every row of every import would be asked
        return
    rows = select(ImportChunk.import_id, func.min(ImportChunk.first), func.max(ImportChunk.last))
    of_partner = rows.join(Import, Import.id == ImportChunk.import_id).where(Import.partner == partner)
    for import_id, first, last in connection.execute(of_partner.group_by(ImportChunk.import_id)).all():
        if any(kept.event_id(import_id, row) == event_id for row in range(first, last + 1)):
            connection.execute(delete(ImportChunk).where(ImportChunk.import_id == import_id))
            emptied = {"state": _ERASED, "file": None, "about": None, "holder": None}
            connection.execute(update(Import).where(Import.id == import_id).values(emptied))


def erased(connection: Connection) -> list[Row[Any]]:
    """Ids and keys of imports that were emptied."""
    return list(connection.execute(select(Import.id, Import.key).where(Import.state == _ERASED).limit(500)))
