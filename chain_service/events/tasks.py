"""The capture job: events of an accepted document become statements, all in one transaction."""

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import IntegrityError

from chain_service.db import reading, writing
from chain_service.events import service
from chain_service.events.document import Reading, read
from chain_service.events.models import CaptureJob
from chain_service.events.service import Stored
from chain_service.kit import clock

log = logging.getLogger(__name__)
IDLE_SECONDS = 5.0


class Stating(Protocol):
    """What the anchoring room does with stored events; the edges hand it in."""

    def state(self, connection: Connection, partner: str, stored: Sequence[Stored]) -> list[str]: ...

    def promise(self, digests: Sequence[str]) -> dict[str, Any]: ...


def run(engine: Engine, job_id: str, stating: Stating, parsed: Reading | None = None) -> None:
    """Finishes one job. Running it again, or in two processes at once, stores nothing twice.

    `parsed` spares reading the document again where the same process just did.
    """
    try:
        _run(engine, job_id, stating, parsed)
    except IntegrityError:  # another process captured one of these events at the same moment
        _run(engine, job_id, stating, parsed)


def _run(engine: Engine, job_id: str, stating: Stating, parsed: Reading | None) -> None:
    with writing(engine) as connection:
        row = connection.execute(
            select(CaptureJob.__table__).where(CaptureJob.id == job_id).with_for_update()
        ).one_or_none()
        if row is None or row.finished_at is not None or row.document is None:
            return
        content = parsed if parsed is not None else read(row.document)
        errors = list(row.errors)
        digests: list[str] = []
        savepoint = connection.begin_nested()
        _, refused, digests = service.store(connection, row.partner, content.events, stating.state)
        errors += [refusal.as_json() for refusal in refused]
        if refused and row.behaviour == "rollback":
            savepoint.rollback()
            digests = []
        else:
            savepoint.commit()
        connection.execute(
            update(CaptureJob)
            .where(CaptureJob.id == job_id)
            .values(
                document=None,
                finished_at=clock.now_ms(),
                success=not errors,
                errors=errors,
                promise=stating.promise(digests) if digests else None,
            )
        )


class Captures:
    """A thread that finishes capture jobs: those of this process at once, those a dead process left after a while."""

    def __init__(self, engine: Engine, stating: Stating) -> None:
        self._engine = engine
        self._stating = stating
        self._waiting: queue.SimpleQueue[tuple[str, Reading | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="captures", daemon=True)

    def start(self) -> None:
        """Begins with the jobs that an earlier process left unfinished."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when the job at hand is finished; the others stay in the database."""
        self._waiting.put(None)
        self._thread.join(timeout=30)

    def add(self, job_id: str, parsed: Reading) -> None:
        """Hands over a job that is already committed."""
        self._waiting.put((job_id, parsed))

    def _work(self) -> None:
        self._run_left_over(older_than=0)
        while True:
            try:
                task = self._waiting.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                self._run_left_over(older_than=int(IDLE_SECONDS * 1000))
                continue
            if task is None:
                return
            self._run_safely(*task)

    def _run_left_over(self, older_than: int) -> None:
        unfinished = select(CaptureJob.id).where(
            CaptureJob.finished_at.is_(None), CaptureJob.created_at <= clock.now_ms() - older_than
        )
        try:
            with reading(self._engine) as connection:
                left = connection.execute(unfinished.order_by(CaptureJob.created_at)).scalars().all()
        except Exception:
            log.exception("the database can't be asked for unfinished captures")
            return
        for job_id in left:
            self._run_safely(job_id, None)

    def _run_safely(self, job_id: str, parsed: Reading | None) -> None:
        try:
            run(self._engine, job_id, self._stating, parsed)
        except Exception:  # the job stays unfinished and is tried again
            log.exception("capture %s could not be finished yet", job_id)
