"""The capture job: events of an accepted document become statements, all in one transaction."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from chain_service.db import reading, writing
from chain_service.events import jobs, service
from chain_service.events.document import Reading, read
from chain_service.events.models import CaptureJob
from chain_service.events.service import Stored
from chain_service.kit import clock
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.models import Partner
from chain_service.partners.vault import Vault

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0  # how often the database is asked for jobs that nobody finished
LONGEST_PAUSE = 300.0  # seconds between two tries of a job that has to wait
MOST_SPENT = 500  # keys destroyed at a time
MOST_KEPT = 16  # documents kept parsed; the others are read again from the database
_GIVEN_UP = {
    "pointer": "",
    "type": "internal",
    "detail": "Something went wrong on our side and nothing was stored. Tell the operator the captureID.",
}


class Stating(Protocol):
    """What the anchoring room does with stored events; the edges hand it in."""

    def state(self, connection: Connection, partner: str, stored: Sequence[Stored]) -> list[str]: ...

    def promise(self, digests: Sequence[str]) -> dict[str, Any]: ...


def run(engine: Engine, vault: Vault, job_id: str, stating: Stating, parsed: Reading | None = None) -> None:
    """Finishes one job. Running it again, or in two processes at once, stores nothing twice.

    `parsed` spares reading the document again where the same process just did.
    """
    try:
        _run(engine, vault, job_id, stating, parsed)
    except IntegrityError:  # another process captured one of these events at the same moment
        _run(engine, vault, job_id, stating, parsed)


def _run(engine: Engine, vault: Vault, job_id: str, stating: Stating, parsed: Reading | None) -> None:
    with writing(engine) as connection:
        wanted = select(CaptureJob.__table__, Partner.roles).join(Partner, Partner.did == CaptureJob.partner)
        row = connection.execute(
            wanted.where(CaptureJob.id == job_id).with_for_update(of=CaptureJob.__table__)
        ).one_or_none()
        if row is None or row.finished_at is not None:
            return
        content = parsed if parsed is not None else read(jobs.document_of(vault, row), row.roles)
        errors: list[dict[str, str]] = content.errors
        digests: list[str] = []
        if row.behaviour == "proceed" or not errors:
            savepoint = connection.begin_nested()
            _, refused, digests = service.store(
                connection, vault, row.partner, content.events, stating.state, row.visibility
            )
            errors = [*errors, *(refusal.as_json() for refusal in refused)]
            if refused and row.behaviour == "rollback":
                savepoint.rollback()
                digests = []
            else:
                savepoint.commit()
        kept = jobs.encrypted_errors(vault, row.key, errors)
        finished = {"document": None, "finished_at": clock.now_ms(), "success": not errors, "errors": kept}
        promise = stating.promise(digests) if digests else None
        connection.execute(update(CaptureJob).where(CaptureJob.id == job_id).values(**finished, promise=promise))


def give_up(engine: Engine, vault: Vault, job_id: str) -> None:
    """Finishes a job that no further try can bring through; its document is kept for the operator."""
    with writing(engine) as connection:
        unfinished = (CaptureJob.id == job_id, CaptureJob.finished_at.is_(None))
        key = connection.execute(select(CaptureJob.key).where(*unfinished)).scalar()
        errors = jobs.encrypted_errors(vault, key, [_GIVEN_UP]) if key else None
        finished = {"finished_at": clock.now_ms(), "success": False, "errors": errors}
        connection.execute(update(CaptureJob).where(*unfinished).values(**finished))


class Captures:
    """A thread that finishes capture jobs: those of this process at once, those a dead process left after a while."""

    def __init__(self, engine: Engine, vault: Vault, stating: Stating) -> None:
        self._engine = engine
        self._vault = vault
        self._stating = stating
        self._waiting: queue.SimpleQueue[tuple[str, Reading | None] | None] = queue.SimpleQueue()
        self._pauses: dict[str, tuple[float, float]] = {}  # by job: not before (monotonic), and the pause after that
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
        self._waiting.put((job_id, parsed if self._waiting.qsize() < MOST_KEPT else None))

    def _work(self) -> None:
        self.finish_left_over(older_than=0)
        look = time.monotonic() + LOOK_SECONDS
        while True:
            if time.monotonic() >= look:
                self.finish_left_over(older_than=int(LOOK_SECONDS * 1000))
                self.destroy_spent_keys()
                look = time.monotonic() + LOOK_SECONDS
            try:
                task = self._waiting.get(timeout=max(0.0, look - time.monotonic()))
            except queue.Empty:
                continue
            if task is None:
                return
            self._finish(*task)

    def finish_left_over(self, older_than: int) -> None:
        """Tries the jobs that nobody finished in so many milliseconds, each after a pause that grows."""
        unfinished = select(CaptureJob.id).where(
            CaptureJob.finished_at.is_(None), CaptureJob.created_at <= clock.now_ms() - older_than
        )
        try:
            with reading(self._engine) as connection:
                left = connection.execute(unfinished.order_by(CaptureJob.created_at)).scalars().all()
        except SQLAlchemyError:
            log.exception("the database can't be asked for unfinished captures")
            return
        self._pauses = {job_id: pause for job_id, pause in self._pauses.items() if job_id in set(left)}
        for job_id in left:
            if time.monotonic() >= self._pauses.get(job_id, (0.0, 0.0))[0]:
                self._finish(job_id, None)

    def destroy_spent_keys(self) -> None:
        """Destroys the keys of finished jobs: what a backup kept of their documents can be read no more."""
        try:
            with reading(self._engine) as connection:
                spent = jobs.spent_keys(connection, MOST_SPENT)
            if spent:
                self._vault.destroy(spent)
                with writing(self._engine) as connection:
                    jobs.forget_keys(connection, spent)
        except SQLAlchemyError:
            log.exception("the keys of finished captures wait")

    def _finish(self, job_id: str, parsed: Reading | None) -> None:
        try:
            run(self._engine, self._vault, job_id, self._stating, parsed)
        except DataError:
            self._give_up(job_id)
        except (SQLAlchemyError, KeyUnavailable, OSError):  # it can come through once the operator mended that
            log.exception("capture %s waits", job_id)
            pause = self._pauses.get(job_id, (0.0, LOOK_SECONDS))[1]
            self._pauses[job_id] = (time.monotonic() + pause, min(2 * pause, LONGEST_PAUSE))
        except Exception:
            self._give_up(job_id)

    def _give_up(self, job_id: str) -> None:
        log.exception("capture %s can't be finished", job_id)
        try:
            give_up(self._engine, self._vault, job_id)
        except SQLAlchemyError:
            log.exception("capture %s stays unfinished", job_id)
