"""`chain-service gateway run`: messages in, events out, until it is told to stop.

Three threads and the broker's own: one stores, one closes intervals, one sends. Each has its own connection to the
database, and what one of them writes the others find there, also after a crash.
"""

import fcntl
import json
import logging
import queue
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from chain_service.client import Partner, open_keystore
from chain_service.gateway import limits, outbox, store, summaries
from chain_service.gateway.config import Config, secret
from chain_service.gateway.devices import load
from chain_service.gateway.flood import Buckets
from chain_service.gateway.intake import Intake
from chain_service.gateway.mqtt import Delivered, Subscription
from chain_service.kit.clock import now_ms

log = logging.getLogger(__name__)
_MOST_AT_ONCE = 2000  # messages in one transaction
_TURN_SECONDS = 0.5
_AGAIN_SECONDS = 1.0  # after a fault, such as a full disk
_BEAT = 5_000  # milliseconds between notes that we are at the broker
_FORGET_SECONDS = 600


class AlreadyRunning(ValueError):
    """Another gateway has this folder."""


class Gateway:
    """All parts of one running gateway."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._partner = partner_of(config)
        self._stopped = threading.Event()
        self._wake = threading.Event()  # something may be sent
        self._failed = False
        self._refresh = threading.Event()  # devices or limits may be others now
        buckets = Buckets(config.flood.per_second, config.flood.burst, time.monotonic)
        self.subscription = Subscription(config.broker, buckets)

    def run(self, ready: Callable[[], None] = lambda: None) -> bool:
        """Returns after stop(), or when a part failed for good: False then. Raises AlreadyRunning."""
        with _claim(self._config.folder):
            store.connect(self._config.folder).close()
            parts = (self._store, self._close, self._post, self._ask_limits)
            threads = [threading.Thread(target=self._kept_up, args=(part,), name=part.__name__) for part in parts]
            for thread in threads:
                thread.start()
            self.subscription.start()
            ready()
            self._stopped.wait()
            self.subscription.stop()
            for thread in threads:
                thread.join()
        return not self._failed

    def stop(self) -> None:
        """Ends it: what is not acknowledged comes again, what is not sent waits in the outbox."""
        self._stopped.set()
        self._wake.set()

    def _kept_up(self, part: Callable[[sqlite3.Connection], None]) -> None:
        """Runs a part anew when it fails: a full disk or a locked database passes."""
        while not self._stopped.is_set():
            connection = store.connect(self._config.folder)
            try:
                part(connection)
            except (sqlite3.Error, OSError) as error:
                log.error("%s: %s; trying again", part.__name__.strip("_"), error)
                self._stopped.wait(_AGAIN_SECONDS)
            except BaseException:  # a gateway that lost a part must not look alive: who watches it starts it anew
                self._failed = True
                self.stop()
                raise
            finally:
                connection.close()

    def _store(self, connection: sqlite3.Connection) -> None:
        intake = Intake(connection, self._config)
        beat, seen, refreshed = 0, 0, time.monotonic()
        batch: list[Delivered] = []
        while not self._stopped.is_set():
            batch = self._arrived()
            now = now_ms()
            if time.monotonic() - refreshed > 1 or self._refresh.is_set():
                self._refresh.clear()
                intake.refresh()
                refreshed = time.monotonic()
            if self.subscription.connected_at != seen:
                seen = self.subscription.connected_at
                if since := _last_beat(connection):
                    intake.was_away(since, seen)
            dropped = self.subscription.dropped()
            if batch or dropped:
                try:
                    if intake.store([each.message for each in batch], now, dropped):
                        self._wake.set()
                except BaseException:
                    self._put_back(batch)
                    raise
                for each in batch:
                    self.subscription.acknowledge(each)
            if self.subscription.connected and now - beat > _BEAT:
                beat = now
                _note(connection, now, self.subscription)

    def _arrived(self) -> list[Delivered]:
        """What waits, as soon as anything does; nothing after a while."""
        waiting = self.subscription.waiting
        try:
            batch = [waiting.get(timeout=_TURN_SECONDS)]
        except queue.Empty:
            return []
        while len(batch) < _MOST_AT_ONCE:
            try:
                batch.append(waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _put_back(self, batch: list[Delivered]) -> None:
        """What could not be stored is tried again; what finds no place was not acknowledged and comes again later."""
        for each in batch:
            try:
                self.subscription.waiting.put_nowait(each)
            except queue.Full:
                log.error("a message waits at the broker until this gateway connects anew")

    def _close(self, connection: sqlite3.Connection) -> None:
        forgot = 0.0
        while not self._stopped.wait(_TURN_SECONDS):
            if summaries.close_due(connection, self._config, now_ms()):
                self._wake.set()
            if time.monotonic() - forgot > _FORGET_SECONDS:
                forgot = time.monotonic()
                while summaries.forget_old(connection, self._config, now_ms()) and not self._stopped.is_set():
                    pass

    def _post(self, connection: sqlite3.Connection) -> None:
        post = outbox.Post(connection, self._partner, self._config.service.visibility)
        while not self._stopped.is_set():
            if not post.send(now_ms()):
                self._wake.wait(_TURN_SECONDS)
                self._wake.clear()

    def _ask_limits(self, connection: sqlite3.Connection) -> None:
        """Asks for the limits of all items at their time, and at once for those of a device that is new."""
        asked: set[str] = set()
        last = 0.0
        with httpx.Client() as http:
            while not self._stopped.wait(_TURN_SECONDS):
                due = time.monotonic() - last > self._config.summaries.limits_seconds or not last
                names = set(_items(connection, self._config.folder))
                wanted = names if due else names - asked
                if not wanted:
                    continue
                if limits.fetch(connection, http, self._config.service.url, sorted(wanted), now_ms()):
                    asked = names
                    last = time.monotonic() if due else last
                    self._refresh.set()
                else:
                    self._stopped.wait(5)


def partner_of(config: Config) -> Partner:
    """The gateway as a partner of its service. Raises OSError and ValueError for secrets that can't be used."""
    service = config.service
    signer = open_keystore(service.keystore, secret(service.keystore_password_file) or "")
    try:
        network = str(json.loads(service.network_file.read_text())["network"])
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{service.network_file} is no network file") from None
    return Partner(service.url, secret(service.token_file) or "", network, signer)


def run(config: Config) -> int:
    """Runs until SIGTERM or SIGINT."""
    gateway = Gateway(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gateway.stop())
    return 0 if gateway.run(lambda: print("gateway: running", flush=True)) else 1


class _claim:
    """The folder is this process's own as long as it runs."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = (folder / "lock").open("w")

    def __enter__(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise AlreadyRunning("a gateway runs in this folder already") from None

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _items(connection: sqlite3.Connection, folder: Path) -> list[str]:
    devices = [device for device in load(connection, folder).values() if not device.revoked and device.assignments]
    current = [device.assignments[0] for device in devices]
    return [name for each in current for name in limits.sources(each.item, each.product)]


def _last_beat(connection: sqlite3.Connection) -> int | None:
    row = connection.execute("SELECT value FROM facts WHERE name = 'beat'").fetchone()
    return None if row is None else int(row["value"])


def _note(connection: sqlite3.Connection, now: int, subscription: Subscription) -> None:
    with store.writing(connection):
        connection.execute("INSERT OR REPLACE INTO facts VALUES ('beat', ?)", (now,))
        if lost := subscription.sessions_lost:
            subscription.sessions_lost = 0
            store.count(connection, {("(broker)", "session-lost"): lost}, now)
