"""The thread that reads files and posts their rows, each import a chunk at a time, in turns.

Every chunk is one transaction with the progress that it makes, so that a process that dies at any moment leaves
nothing half done: another goes on where the database says. Who works on an import says so in it for a while.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, Row, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from chain_service.db import insert_rows, reading, writing
from chain_service.events.imports import descriptions, milestones, service
from chain_service.events.imports import lines as kept
from chain_service.events.imports.faults import Unreadable
from chain_service.events.imports.lines import Line
from chain_service.events.imports.models import Import, ImportChunk
from chain_service.events.imports.reading import Table, previewed
from chain_service.events.imports.service import About
from chain_service.events.imports.words import sentence
from chain_service.events.milestones.service import Recalled, Stating, none_recalled
from chain_service.kit import clock
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.models import Partner
from chain_service.partners.vault import DataKey, Vault

log = logging.getLogger(__name__)
HELD_MS = 15_000  # so long a dead process is waited for; a chunk takes far less
LOOK_SECONDS = 2.0  # how often the database is asked for what other processes left
OLD_SECONDS = 3600.0  # how often it is asked for what is too old
PREVIEWED = 20
_LONGEST_PAUSE = 300.0
_DAY_MS = 86_400_000


class _Taken(Exception):
    """The import was deleted, stopped, or another process works on it."""


class Imports:
    """`most_rows` of a file; `days` after which an import is deleted; `recalled`: which items are."""

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        stating: Stating,
        most_rows: int,
        days: int,
        recalled: Recalled = none_recalled,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._stating = stating
        self._most_rows = most_rows
        self._days = days
        self._recalled = recalled
        self._holder = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._work: dict[str, Iterator[None]] = {}
        self._pauses: dict[str, tuple[float, float]] = {}  # by import: not before (monotonic), and the pause after that
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="imports", daemon=True)

    def start(self) -> None:
        """Goes on with what an earlier process left unfinished."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when the chunk at hand is finished; the rest stays in the database."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=30)

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def _run(self) -> None:
        look_for_old = 0.0
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if time.monotonic() >= look_for_old:
                    look_for_old = time.monotonic() + OLD_SECONDS
                    self.delete_old()
                self.destroy_erased()
                self._take()
            except (SQLAlchemyError, OSError):
                log.exception("the database can't be asked for imports")
            while self._work and not self._stopping.is_set() and not self._wake.is_set():
                self._turn()
            self._wake.wait(LOOK_SECONDS)
        with suppress(SQLAlchemyError), writing(self._engine) as connection:  # nobody has to wait for us
            connection.execute(update(Import).where(Import.holder == self._holder).values(holder=None, held_until=0))

    def _turn(self) -> None:
        """One chunk of each import at hand."""
        for import_id, work in list(self._work.items()):
            try:
                next(work)
                self._pauses.pop(import_id, None)
                continue
            except (StopIteration, _Taken):
                pass
            except (SQLAlchemyError, KeyUnavailable, OSError):  # it can come through once the operator mended that
                log.exception("import %s waits", import_id)
                pause = self._pauses.get(import_id, (0.0, LOOK_SECONDS))[1]
                self._pauses[import_id] = (time.monotonic() + pause, min(2 * pause, _LONGEST_PAUSE))
            except Exception:
                log.exception("import %s can't be finished", import_id)
                self._fail(import_id)
            self._work.pop(import_id, None)

    def _take(self) -> None:
        now = clock.now_ms()
        free = or_(Import.holder.is_(None), Import.held_until < now, Import.holder == self._holder)
        wanted = select(Import.id, Import.state).where(Import.state.in_(("reading", "posting")), free)
        with reading(self._engine) as connection:
            left = connection.execute(wanted.order_by(Import.created_at)).all()
        for import_id, state in left:
            if import_id in self._work or time.monotonic() < self._pauses.get(import_id, (0.0, 0.0))[0]:
                continue
            claim = update(Import).where(Import.id == import_id, Import.state == state, free)
            with writing(self._engine) as connection:
                taken = connection.execute(claim.values(holder=self._holder, held_until=now + HELD_MS)).rowcount
            if taken:
                self._work[import_id] = self._read(import_id) if state == "reading" else self._post(import_id)

    def _held(self, connection: Any, import_id: str, state_now: str, /, **values: Any) -> Row[Any]:
        """The import, locked, held for some more time, changed. Raises _Taken where it is not ours in that state."""
        ours = (Import.id == import_id, Import.holder == self._holder, Import.state == state_now)
        changed = update(Import).where(*ours).values(held_until=clock.now_ms() + HELD_MS, **values)
        if connection.execute(changed).rowcount != 1:
            raise _Taken
        row: Row[Any] = connection.execute(select(Import.__table__).where(Import.id == import_id)).one()
        return row

    def _partner(self, did: str) -> Partner:
        with reading(self._engine) as connection:
            row = connection.execute(select(Partner.__table__).where(Partner.did == did)).one()
        return Partner(**row._mapping)

    # Reading

    def _read(self, import_id: str) -> Iterator[None]:
        with writing(self._engine) as connection:  # what a process that died had read is read again
            row = self._held(connection, import_id, "reading", rows=0, wrong=0)
            connection.execute(delete(ImportChunk).where(ImportChunk.import_id == import_id))
        key = service.key_of(self._vault, row)
        about: About = {"titles": [], "ignored": [], "preview": [], "codes": {}, "problem": None}
        try:
            with reading(self._engine) as connection:
                data = service.file_of(connection, key, import_id)
            table = Table(row.kind, data, row.zone, clock.iso(row.created_at), self._most_rows, self._recalled)
            about["titles"], about["ignored"] = table.header.titles, table.header.ignored
            for lines in table.chunks(self._engine, self._vault, self._partner(row.partner)):
                about["preview"] += [previewed(row.kind, line) for line in lines[: PREVIEWED - len(about["preview"])]]
                _count(about, lines)
                self._keep(key, import_id, lines, about)
                yield
        except Unreadable as error:
            detail = sentence(error.code, error.values, "", "en")
            about["problem"] = {"code": error.code, "detail": detail, "values": error.values}
        state = "ready" if about["problem"] is None else "failed"
        with writing(self._engine) as connection:
            if state == "failed":
                connection.execute(delete(ImportChunk).where(ImportChunk.import_id == import_id))
            about_it = service.encrypted_about(key, about)
            self._held(connection, import_id, "reading", state=state, file=None, about=about_it, holder=None)

    def _keep(self, key: DataKey, import_id: str, lines: list[Line], about: About) -> None:
        wrong = sum(1 for line in lines if line["status"] == "wrong")
        chunk = {
            "import_id": import_id,
            "first": lines[0]["row"],
            "last": lines[-1]["row"],
            "content": kept.encrypted(key, lines),
            "faulty": wrong,
            "waiting": len(lines) - wrong,
        }
        with writing(self._engine) as connection:
            counted = {"rows": Import.rows + len(lines), "wrong": Import.wrong + wrong}
            self._held(connection, import_id, "reading", about=service.encrypted_about(key, about), **counted)
            insert_rows(connection, ImportChunk, [chunk])

    # Posting

    def _post(self, import_id: str) -> Iterator[None]:
        while True:
            try:
                more = self._post_chunk(import_id)
            except IntegrityError:  # another process stored one of these events at the same moment
                more = self._post_chunk(import_id)
            if not more:
                return
            yield

    def _post_chunk(self, import_id: str) -> bool:
        """Posts the next rows that wait, with the progress, in one transaction; whether there were any."""
        with writing(self._engine) as connection:
            row = self._held(connection, import_id, "posting")
            partner = connection.execute(select(Partner.__table__).where(Partner.did == row.partner)).one()
            of_import = ImportChunk.import_id == import_id
            waiting = select(ImportChunk.__table__).where(of_import, ImportChunk.waiting > 0)
            chunk = connection.execute(waiting.order_by(ImportChunk.first).limit(1)).one_or_none()
            if chunk is None:
                finished = {"state": "done", "finished_at": clock.now_ms(), "holder": None}
                self._held(connection, import_id, "posting", **finished)
                return False
            key = service.key_of(self._vault, row)
            lines = kept.decrypted(key, chunk.content)
            self._state(connection, row, Partner(**partner._mapping), lines)
            statuses = [line["status"] for line in lines]
            changed = {
                "content": kept.encrypted(key, lines),
                "faulty": statuses.count("wrong") + statuses.count("refused"),
                "waiting": 0,
            }
            connection.execute(update(ImportChunk).where(of_import, ImportChunk.first == chunk.first).values(changed))
            posted, refused = statuses.count("posted"), statuses.count("refused")
            values: dict[str, Any] = {"posted": Import.posted + posted, "refused": Import.refused + refused}
            if refused:
                about = service.about_of(key, row)
                _count(about, [line for line in lines if line["status"] == "refused"])
                values["about"] = service.encrypted_about(key, about)
            self._held(connection, import_id, "posting", **values)
            return True

    def _state(self, connection: Any, row: Row[Any], partner: Partner, lines: list[Line]) -> None:
        if row.kind == "items":
            descriptions.post(connection, partner, lines)
            return
        milestones.post(connection, self._vault, partner, row.id, lines, self._stating, row.visibility, self._recalled)

    def _fail(self, import_id: str) -> None:
        try:
            with writing(self._engine) as connection:
                row = connection.execute(select(Import.__table__).where(Import.id == import_id)).one_or_none()
                if row is None:
                    return
                key = service.key_of(self._vault, row)
                about = service.about_of(key, row)
                about["problem"] = {"code": "internal", "detail": sentence("internal", {}, "", "en"), "values": {}}
                failed = {"state": "failed", "about": service.encrypted_about(key, about), "holder": None}
                connection.execute(update(Import).where(Import.id == import_id).values(failed))
        except (SQLAlchemyError, KeyUnavailable):
            log.exception("import %s stays unfinished", import_id)

    def delete_old(self) -> None:
        """Deletes imports of so many days, and destroys their keys."""
        before = clock.now_ms() - self._days * _DAY_MS
        with reading(self._engine) as connection:
            last = func.coalesce(Import.finished_at, Import.created_at)
            wanted = select(Import.id, Import.key).where(last < before).limit(500)
            old: list[Row[Any]] = list(connection.execute(wanted))
        self._destroy(old, erased=False)

    def destroy_erased(self) -> None:
        """Destroys the keys of imports that hold what was erased since."""
        with reading(self._engine) as connection:
            found = service.erased(connection)
        self._destroy(found, erased=True)

    def _destroy(self, rows: Sequence[Row[Any]], erased: bool) -> None:
        if rows:
            self._vault.destroy([row.key for row in rows], erased=erased)
            with writing(self._engine) as connection:
                service.remove(connection, [row.id for row in rows])


def _count(about: About, lines: list[Line]) -> None:
    codes = about.setdefault("codes", {})
    for line in lines:
        for each in line["mistakes"]:
            codes[each["code"]] = codes.get(each["code"], 0) + 1
