"""Capture jobs as the database keeps them and as their partner sees them (EPCIS 2.0 section 12.6.1)."""

import uuid
from typing import Any

from sqlalchemy import Connection, Row, insert, select, tuple_

from chain_service.events import paging
from chain_service.events.models import CaptureJob
from chain_service.kit import clock

# Not the document, which may have megabytes and is asked for by nobody who polls a job.
_SHOWN = select(*(column for column in CaptureJob.__table__.columns if column.name != "document"))


def keep(connection: Connection, partner: str, behaviour: str, document: bytes | None, errors: list[Any]) -> str:
    """Enters a job and returns its id, which cannot be guessed. Without a document it is finished: refused."""
    now = clock.now_ms()
    job_id = str(uuid.uuid4())
    job = {
        "id": job_id,
        "partner": partner,
        "behaviour": behaviour,
        "document": document,
        "created_at": now,
        "finished_at": None if document is not None else now,
        "success": document is not None,
        "errors": errors,
    }
    connection.execute(insert(CaptureJob).values(job))
    return job_id


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


def as_json(row: Row[Any]) -> dict[str, Any]:
    """A job as the standard shows it, with the promise to seal what it accepted."""
    job = {
        "captureID": row.id,
        "createdAt": clock.iso(row.created_at),
        "running": row.finished_at is None,
        "success": row.success,
        "captureErrorBehaviour": row.behaviour,
        "errors": row.errors,
    }
    if row.finished_at is not None:
        job["finishedAt"] = clock.iso(row.finished_at)
    if row.promise:
        job["promise"] = row.promise
    return job
