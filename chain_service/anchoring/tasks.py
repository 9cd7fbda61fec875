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
LOOKED_AT = 4096  # batches without a final seal that one look goes through
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
            last = service.last_sealed(connection, self._operator)
            waiting = service.unsealed(connection, self._operator, LOOKED_AT)
        on_chain = [batch for batch in waiting if batch.first + batch.size <= sealed]
        since = last.block if last else 0
        for batch in on_chain:
            block = self._note_seal(batch, head, since)
            if block is None:
                break
            since = block
        missing = waiting[len(on_chain) :]
        expected = missing[0].first if missing else max((b.first + b.size for b in [last, *waiting] if b), default=0)
        if sealed != expected and len(on_chain) < LOOKED_AT:
            raise Conflict(
                f"the chain holds {sealed} statements of {self._operator}; this database's next batch begins at "
                f"{expected}: another database seals with this key, or this one is older than the chain"
            )
        if missing:
            self._bring(missing[:IN_FLIGHT], head)
        return bool(waiting)

    def _forget_moved_seals(self, head: Head) -> None:
        """Where the block of the newest seal is no longer on the chain, that seal and those above the fork moved."""
        with reading(self._engine) as connection:
            last = service.last_sealed(connection, self._operator)
        if last is None or self._stands(last, head):
            return
        standing, moved = 0, last.number  # how many stand for certain; the lowest known to have moved
        while standing < moved:
            middle = (standing + moved) // 2
            with reading(self._engine) as connection:
                batch = service.batch_of(connection, self._operator, middle)
            if self._stands(batch, head):
                standing = middle + 1
            else:
                moved = middle
        with writing(self._engine) as connection:
            count = service.unseal_from(connection, self._operator, moved)
        self._sent.clear()  # what was broadcast went with the chain
        log.warning("the chain changed: %d batches from %d on are sealed again", count, moved)

    def _stands(self, batch: Row[Any], head: Head) -> bool:
        """Whether the block that sealed a batch is still on the chain; then so are all before it."""
        return bool(batch.block <= head.number and self._chain.block_hash(batch.block) == batch.block_hash)

    def _note_seal(self, batch: Row[Any], head: Head, since: int) -> int | None:
        """Compares what the chain holds with the batch, and notes it where it is final; its block, or None."""
        with reading(self._engine) as connection:
            kept = outbox.hashes_of(connection, batch.id)
        seal = self._chain.seal(self._operator, batch.number, head.number, since, kept)
        if seal is None:  # the chain changed since we counted
            return None
        if (seal.root, seal.first, seal.count) != (batch.root, batch.first, batch.size):
            raise Conflict(f"the chain holds another batch {batch.number} of {self._operator} than this database")
        if seal.block > head.number - self._settings.confirmations:
            return None
        with writing(self._engine) as connection:
            service.note_seal(connection, batch.id, seal)
            outbox.forget(connection, batch.id)
        log.info("batch %d is sealed in block %d", batch.number, seal.block)
        return seal.block

    def _bring(self, missing: list[Row[Any]], head: Head) -> None:
        """Sends what the chain lacks, in order, with consecutive nonces from the account's next one on."""
        first = missing[0]
        self._chain.try_anchor(self._operator, first.first, first.size, first.root, head.number)
        nonce = self._chain.nonce(self._operator, head.number)
        with reading(self._engine) as connection:
            kept = outbox.newest_of(connection, [batch.id for batch in missing])
        for offset, batch in enumerate(missing):
            transaction, raw = self._signed(batch, nonce + offset, kept.get(batch.id), head)
            self._send(transaction, raw)

    def _signed(self, batch: Row[Any], nonce: int, kept: Row[Any] | None, head: Head) -> tuple[str, bytes]:
        """The kept transaction where it still fits, else a new one, kept before it is sent."""
        terms = self._chain.terms_here(kept.raw) if kept is not None and kept.nonce == nonce else None
        if kept is not None and terms is not None:
            stuck = clock.now_ms() - kept.created_at >= REPLACE_MS
            if head.base_fee is None or not (stuck or head.base_fee > terms.most):
                return kept.hash, kept.raw
        transaction, raw = self._chain.sign_anchor(
            self._secret, nonce, batch.first, batch.size, batch.root, head, outbid=terms
        )
        with writing(self._engine) as connection:
            outbox.keep(connection, batch.id, nonce, transaction, raw)
        return transaction, raw

    def _send(self, transaction: str, raw: bytes) -> None:
        now = clock.now_ms()
        before = self._sent.get(transaction)
        if before is not None and now - before < RESEND_MS:
            return
        if len(self._sent) > 1000:
            self._sent.clear()
        self._sent[transaction] = now
        if before is not None and self._chain.knows(transaction):
            return
        try:
            self._chain.send(raw)
        except Refused as refused:
            # A nonce already used means that the chain moved since we looked; one whose price is too low to replace
            # what waits under its nonce is outbid after a while: the next looks see what the chain holds.
            if not any(word in str(refused).lower() for word in ("nonce", "underpriced")):
                raise
