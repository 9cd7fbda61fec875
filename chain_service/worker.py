"""The worker: one active process per operator that closes batches and seals them, whatever happens to the chain."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from chain_service import recursion
from chain_service.anchoring import erasure
from chain_service.anchoring.audit_days import AuditDays, try_to_close
from chain_service.anchoring.service import Stating
from chain_service.anchoring.tasks import Conflict, Sealer
from chain_service.chain import outbox
from chain_service.chain.client import Chain, ChainError
from chain_service.db import connect, writing
from chain_service.partners.custody import Custody
from chain_service.partners.registry.following import Following
from chain_service.partners.vault import open_vault
from chain_service.settings import Network, Settings

log = logging.getLogger(__name__)
LEASE_SECONDS = 6.0  # how long a dead worker is waited for; that a batch is sealed once rests on database and contract
BUSY_SECONDS = 0.1
IDLE_SECONDS = 0.25
LOOK_SECONDS = 2.0  # how often an idle worker looks whether the chain still holds what it held
MOST_PAUSE = 5.0
FOLLOW_SECONDS = 30.0  # how soon roles and suspensions that changed on the chain count for who reads and writes here
AUDIT_SECONDS = 600.0  # how often it is asked whether a day of the audit log is over, and an erasure unfinished


class Worker:
    """Runs until stop(). Any number may run; the database says which one is active."""

    def __init__(self, settings: Settings) -> None:
        recursion.guard()  # a node's answer is input too
        network = Network.read(settings.network_file)
        self._engine = connect(settings.database_url)
        custody = Custody(settings.keys_dir, settings.keys_password)
        self._sealer = Sealer(self._engine, Chain(network), custody, settings)
        self._vault = open_vault(settings.keys_dir, settings.keys_password, settings.vault_url)
        stating = Stating(network.network, custody, settings.promise_seconds)
        self._days = AuditDays(self._engine, self._vault, stating, settings.operator, settings.public_url)
        self._days_closed = -AUDIT_SECONDS  # by the monotonic clock
        self._following = Following(self._engine, Chain(network))
        self._followed = -FOLLOW_SECONDS
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stopping = threading.Event()
        self._active_until = 0.0  # by the monotonic clock; renewed when half of the lease is over

    def stop(self) -> None:
        """Ends run() after the task at hand."""
        self._stopping.set()

    def run(self) -> None:
        """Closes and seals until stopped; the chain's and the database's absences are waited out."""
        pause, failures, looked = IDLE_SECONDS, 0, 0.0
        while not self._stopping.wait(pause):
            try:
                if not self._is_active():
                    pause = LEASE_SECONDS / 5
                    continue
                if time.monotonic() - self._days_closed > AUDIT_SECONDS:
                    self._days_closed = time.monotonic()
                    try_to_close(self._days)
                    erasure.try_to_finish(self._engine, self._vault)
                closed = self._sealer.close_due_batches()
                if time.monotonic() - self._followed > FOLLOW_SECONDS:
                    self._followed = time.monotonic()
                    self._following.follow()
                busy = closed or pause == BUSY_SECONDS or failures > 0
                if busy or time.monotonic() - looked > LOOK_SECONDS:
                    busy = self._sealer.seal()
                    looked = time.monotonic()
                pause, failures = BUSY_SECONDS if busy else IDLE_SECONDS, 0
            except Conflict as error:
                failures, pause = failures + 1, MOST_PAUSE
                log.error("NOTHING IS SEALED until an operator has looked at this: %s", error)
            except (ChainError, SQLAlchemyError) as error:
                failures += 1
                pause = min(IDLE_SECONDS * 2 ** min(failures, 8), MOST_PAUSE)
                log.warning("sealing waits %.1f s: %s", pause, str(error)[:300])
        try:
            with writing(self._engine) as connection:
                outbox.release_lease(connection, self._sealer.operator, self._holder)
        except SQLAlchemyError as error:
            log.warning("the lease ends by itself: %s", str(error)[:300])
        self._engine.dispose()
        self._vault.close()

    def _is_active(self) -> bool:
        if time.monotonic() < self._active_until - LEASE_SECONDS / 2:
            return True
        until = time.monotonic() + LEASE_SECONDS
        with writing(self._engine) as connection:
            active = outbox.take_lease(connection, self._sealer.operator, self._holder, LEASE_SECONDS)
        self._active_until = until if active else 0.0
        return active


def run(settings: Settings) -> None:
    """A worker in this process until SIGINT or SIGTERM."""
    worker = Worker(settings)

    def _stop(_: int, __: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    worker.run()
