"""Sealing: the worker's one task, told by what the chain holds and never by what was sent."""

import logging
from typing import Any

from sqlalchemy import Engine, Row

from chain_service.anchoring import service
from chain_service.chain import outbox
from chain_service.chain.client import Chain, Head, Refused
from chain_service.db import reading, writing
from chain_service.kit import clock
from chain_service.partners.custody import Custody
from chain_service.settings import Settings

log = logging.getLogger(__name__)
IN_FLIGHT = 16  # batches sent ahead of the first that the chain does not hold yet
RESEND_MS = 5_000  # a transaction that the node has lost is sent again after so long
REPLACE_MS = 60_000  # one that is not mined after so long is paid better


class Conflict(Exception):
    """The chain holds another root under our number: somebody else seals with our key. Never repaired silently."""


class Sealer:
    """Closes batches and brings them onto the chain, in order, whatever happened before."""

    def __init__(self, engine: Engine, chain: Chain, custody: Custody, settings: Settings) -> None:
        self._engine = engine
        self._chain = chain
        self._secret = custody.secret()
        self._operator = custody.operator().address
        self._settings = settings
        self._sent: dict[str, int] = {}  # when each transaction was last broadcast by this process

    @property
    def operator(self) -> str:
        """The address whose log this worker keeps."""
        return self._operator

    def close_due_batches(self) -> bool:
        """Closes a batch when it is full, or a while after its first statement. Needs no chain.

        Returns whether one was closed.
        """
        settings = self._settings
        closed = False
        while True:
            with reading(self._engine) as connection:
                count, since = service.waiting_since(connection)
            if since is None or (
                count < settings.batch_size and clock.now_ms() - since < settings.batch_seconds * 1000
            ):
                return closed
            closed = True
            with writing(self._engine) as connection:
                batch = service.close_batch(connection, self._operator, settings.batch_size)
            if batch is not None:
                log.info("batch %d closed with %d statements", batch.number, batch.size)

    def seal(self) -> bool:
        """One look at the chain and what follows from it. Returns whether anything is still on its way.

        Raises ChainError where the chain cannot be used now, Conflict where it contradicts the database.
        """
        self._chain.check()
        head = self._chain.head()
        self._forget_moved_seals(head)
        sealed = self._chain.next(self._operator, head.number)
        with reading(self._engine) as connection:
            waiting = service.unsealed(connection, self._operator, 4096)
        on_chain = [batch for batch in waiting if batch.first + batch.size <= sealed]
        for batch in on_chain:
            self._note_seal(batch, head)
        missing = [batch for batch in waiting if batch.first >= sealed]
        if missing and missing[0].first != sealed:
            raise Conflict(f"the chain holds {sealed} statements of {self._operator}, which no batch of ours begins at")
        if not waiting and self._total() < sealed:
            raise Conflict(
                f"the chain holds {sealed} statements of {self._operator}, this database only {self._total()}"
            )
        if missing:
            self._bring(missing[:IN_FLIGHT], head)
        return bool(waiting)

    def _total(self) -> int:
        with reading(self._engine) as connection:
            last = service.last_sealed(connection, self._operator)
        return last.first + last.size if last else 0

    def _forget_moved_seals(self, head: Head) -> None:
        """Where the block of the newest seal is no longer on the chain, that seal and those above the fork moved."""
        first_moved = None
        below = None
        while True:
            with reading(self._engine) as connection:
                batch = service.last_sealed(connection, self._operator, below)
            if batch is None or (
                batch.block <= head.number and self._chain.block_hash(batch.block) == batch.block_hash
            ):
                break
            first_moved = below = batch.number
        if first_moved is not None:
            with writing(self._engine) as connection:
                count = service.unseal_from(connection, self._operator, first_moved)
            log.warning("the chain changed: %d batches from %d on are sealed again", count, first_moved)

    def _note_seal(self, batch: Row[Any], head: Head) -> None:
        seal = self._chain.seal(self._operator, batch.number, head.number)
        if seal is None or seal.block > head.number - self._settings.confirmations:
            return
        if (seal.root, seal.first, seal.count) != (batch.root, batch.first, batch.size):
            raise Conflict(f"the chain holds another batch {batch.number} of {self._operator} than this database")
        with writing(self._engine) as connection:
            service.note_seal(connection, batch.id, seal)
            outbox.forget(connection, batch.id)
        log.info("batch %d is sealed in block %d", batch.number, seal.block)

    def _bring(self, missing: list[Row[Any]], head: Head) -> None:
        """Sends what the chain lacks, in order, with consecutive nonces from the account's next one on."""
        first = missing[0]
        self._chain.try_anchor(self._operator, first.first, first.size, first.root)
        nonce = self._chain.nonce(self._operator, head.number)
        with reading(self._engine) as connection:
            kept = outbox.newest_of(connection, [batch.id for batch in missing])
        for offset, batch in enumerate(missing):
            transaction, raw = self._signed(batch, nonce + offset, kept.get(batch.id), head)
            self._send(transaction, raw)

    def _signed(self, batch: Row[Any], nonce: int, kept: Row[Any] | None, head: Head) -> tuple[str, bytes]:
        """The kept transaction where it still fits, else a new one, kept before it is sent."""
        urgency = 0
        if kept is not None and kept.nonce == nonce:
            age = clock.now_ms() - kept.created_at
            if age < REPLACE_MS or head.base_fee is None:
                return kept.hash, kept.raw
            urgency = min(age // REPLACE_MS, 6)
        transaction, raw = self._chain.sign_anchor(
            self._secret, nonce, batch.first, batch.size, batch.root, head, urgency
        )
        with writing(self._engine) as connection:
            outbox.keep(connection, batch.id, nonce, transaction, raw)
        return transaction, raw

    def _send(self, transaction: str, raw: bytes) -> None:
        now = clock.now_ms()
        if now - self._sent.get(transaction, 0) < RESEND_MS or self._known(transaction):
            return
        self._sent[transaction] = now
        if len(self._sent) > 1000:
            self._sent = {transaction: now}
        try:
            self._chain.send(raw)
        except Refused as refused:
            # A nonce already used means that the chain moved since we looked: the next look sees what it holds.
            if "nonce" not in str(refused).lower():
                raise

    def _known(self, transaction: str) -> bool:
        return transaction in self._sent and self._chain.knows(transaction)
