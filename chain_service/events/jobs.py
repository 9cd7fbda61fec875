"""Capture jobs as the database keeps them and as their partner sees them (EPCIS 2.0 section 12.6.1)."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select, tuple_, update

from chain_service.events import paging
from chain_service.events.models import CaptureJob
from chain_service.kit import clock
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.vault import DataKey, Vault

_DOCUMENT, _ERRORS = b"capture document", b"capture errors"

# Not the document, which may have megabytes and is asked for by nobody who polls a job.
_SHOWN = select(*(column for column in CaptureJob.__table__.columns if column.name != "document"))


def keep(
    connection: Connection,
    vault: Vault,
    partner: str,
    behaviour: str,
    visibility: int,
    document: bytes | None,
    errors: list[Any],
) -> str:
    """Enters a job and returns its id, which cannot be guessed. Without a document it is finished: refused."""
    now = clock.now_ms()
    job_id = str(uuid.uuid4())
    key = vault.new_keys(1)[0]
    job = {
        "id": job_id,
        "partner": partner,
        "behaviour": behaviour,
        "visibility": visibility,
        "key": key.id,
        "document": None if document is None else key.encrypt(document, _DOCUMENT),
        "created_at": now,
        "finished_at": None if document is not None else now,
        "success": document is not None,
        "errors": encrypted_errors(vault, key.id, errors) if document is None else None,
    }
    connection.execute(insert(CaptureJob).values(job))
    return job_id


def document_of(vault: Vault, row: Row[Any]) -> bytes:
    """The document of an unfinished job. Raises KeyUnavailable where the vault lacks its key."""
    return _key(vault, row.key).decrypt(row.document, _DOCUMENT)


def encrypted_errors(vault: Vault, key: bytes, errors: list[Any]) -> bytes | None:
    """Errors as they are kept, under the key of this id: they may quote what was captured."""
    return _key(vault, key).encrypt(json.dumps(errors).encode(), _ERRORS) if errors else None


def _key(vault: Vault, key: bytes) -> DataKey:
    found = vault.keys([key])
    if key not in found:
        raise KeyUnavailable("the vault lacks the key of a capture: is it another vault, or an old one?")
    return found[key]


def errors_of(vault: Vault, rows: Iterable[Row[Any]]) -> dict[str, list[Any]]:
    """The errors of jobs, by the job's id."""
    failed = [row for row in rows if row.errors is not None]
    keys = vault.keys(row.key for row in failed)
    return {row.id: json.loads(keys[row.key].decrypt(row.errors, _ERRORS)) for row in failed if row.key in keys}


def forget_errors(connection: Connection, vault: Vault, partner: str, event_id: str) -> None:
    """Drops the errors of a partner's jobs that name an event which is erased."""
    failed = select(CaptureJob.id, CaptureJob.key, CaptureJob.errors).where(
        CaptureJob.partner == partner, CaptureJob.errors.is_not(None)
    )
    rows: list[Row[Any]] = list(connection.execute(failed))
    named = [
        job for job, errors in errors_of(vault, rows).items() if event_id in json.dumps(errors, ensure_ascii=False)
    ]
    if named:
        connection.execute(update(CaptureJob).where(CaptureJob.id.in_(named)).values(errors=None))


def spent_keys(connection: Connection, most: int) -> list[bytes]:
    """Keys of jobs that need them no more."""
    spent = select(CaptureJob.key).where(
        CaptureJob.key.is_not(None),
        CaptureJob.finished_at.is_not(None),
        CaptureJob.document.is_(None),
        CaptureJob.errors.is_(None),
    )
    return [key for key in connection.execute(spent.limit(most)).scalars() if key is not None]


def forget_keys(connection: Connection, keys: list[bytes]) -> None:
    """Notes that the vault has destroyed these."""
    connection.execute(update(CaptureJob).where(CaptureJob.key.in_(keys)).values(key=None))


def one(connection: Connection, job_id: str) -> Row[Any] | None:
    """A job by its id."""
    try:
        uuid.UUID(job_id)
    except ValueError:  # PostgreSQL refuses a NUL character even in a question
        return None
    return connection.execute(_SHOWN.where(CaptureJob.id == job_id)).one_or_none()


def page(connection: Connection, partner: str, per_page: int, token: str | None) -> tuple[list[Row[Any]], str | None]:
    """A partner's jobs, newest first, and the token of the next page, if there is one. Raises ValueError."""
    wanted = _SHOWN.where(CaptureJob.partner == partner)
    if token is not None:
        wanted = wanted.where(tuple_(CaptureJob.created_at, CaptureJob.id) < paging.decode(token))
    ordered = wanted.order_by(CaptureJob.created_at.desc(), CaptureJob.id.desc())
    rows = list(connection.execute(ordered.limit(per_page + 1)).all())
    if len(rows) <= per_page:
        return rows, None
    last = rows[per_page - 1]
    return rows[:per_page], paging.encode(last.created_at, last.id)


def as_json(row: Row[Any], errors: list[Any]) -> dict[str, Any]:
    """A job as the standard shows it, with the promise to seal what it accepted."""
    job = {
        "captureID": row.id,
        "createdAt": clock.iso(row.created_at),
        "running": row.finished_at is None,
        "success": row.success,
        "captureErrorBehaviour": row.behaviour,
        "errors": errors,
    }
    if row.finished_at is not None:
        job["finishedAt"] = clock.iso(row.finished_at)
    if row.promise:
        job["promise"] = row.promise
    return job
