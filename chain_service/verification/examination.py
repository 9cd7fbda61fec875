"""Checks 1 to 6 of one receipt. The rules stand in verdict.py."""

from contextlib import suppress
from dataclasses import dataclass, field

from chain_service.anchoring.statement import derive
from chain_service.kit import clock, merkle
from chain_service.kit.digests import event_digest, keccak256
from chain_service.kit.eip712 import recover, statement_digest
from chain_service.partners.roles import may_say
from chain_service.verification.outcome import CUSTODY, LATE_SECONDS, Check, Note, Outcome, moment
from chain_service.verification.receipt import Place, Receipt
from chain_service.verification.trust import ChainReader, ChainUnreachable, KeyStatus, Seal, Trust

# PartnerRegistry's numbers for the state of a key.
GOOD, NOT_YET_VALID, ENDED, SUSPENDED, COMPROMISED = 1, 2, 3, 4, 5
_BAD = {
    NOT_YET_VALID: ("not_yet_valid", "The key was not yet valid when the statement was sealed."),
    ENDED: ("ended", "The key had ended when the statement was sealed."),
    SUSPENDED: ("suspended", "The reporter was suspended when the statement was sealed."),
    COMPROMISED: ("compromised", "The key was no longer under its holder's control when the statement was sealed."),
}


@dataclass
class Examination:
    """One receipt under examination: what is known so far."""

    receipt: Receipt
    trust: Trust | None
    chain: ChainReader | None
    now: int | None = None  # Unix seconds, for what waits for its seal; None: the clock's
    checks: dict[int, Check] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    seal: Seal | None = None
    key: KeyStatus | None = None

    def examine(self) -> None:
        """Checks 1 to 6."""
        self._1_digest()
        self._2_statement()
        self._3_signature()
        self._5_path()
        self._6_seal()
        self._4_entitled()

    def _passed(self, number: int, code: str, reason: str) -> None:
        self.checks[number] = Check(number, Outcome.PASSED, code, reason)

    def _failed(self, number: int, code: str, reason: str) -> None:
        self.checks[number] = Check(number, Outcome.FAILED, code, reason)

    def _impossible(self, number: int, code: str, reason: str) -> None:
        self.checks[number] = Check(number, Outcome.NOT_POSSIBLE, code, reason)

    def has_passed(self, number: int) -> bool:
        """Whether a check, already made, passed."""
        return self.checks[number].outcome is Outcome.PASSED

    def _1_digest(self) -> None:
        try:
            digest = event_digest(self.receipt.salt, self.receipt.event)
        except (ValueError, RecursionError) as error:
            return self._failed(1, "no_canonical_form", f"The event has no canonical form: {error}.")
        if digest != self.receipt.statement.event_digest:
            return self._failed(1, "other_event", "The event is not the one that was stated: its digest differs.")
        self._passed(1, "same", "The event is, byte for byte, the one that was stated.")

    def _2_statement(self) -> None:
        stated = self.receipt.statement.as_json()
        try:
            derived = derive(self.receipt.event, self.receipt.salt).as_json()
        except Exception as error:  # the event may be any JSON: whatever stops the derivation, nothing follows from it
            return self._failed(2, "not_derivable", f"No statement follows from this event: {error}.")
        # The digest is check 1's.
        differing = [name for name in stated if name != "eventDigest" and stated[name] != derived[name]]
        if differing:
            return self._failed(
                2, "other_statement", f"What was signed does not follow from the event: {', '.join(differing)}."
            )
        self._passed(2, "follows", "What was signed follows from the event.")

    def _3_signature(self) -> None:
        receipt = self.receipt
        try:
            signer = recover(statement_digest(receipt.statement, receipt.network), receipt.reporter.signature)
        except ValueError as error:
            return self._failed(3, "bad_signature", f"The signature is not one: {error}.")
        if signer != receipt.reporter.address:
            return self._failed(3, "other_signer", f"{receipt.reporter.address} did not sign this statement.")
        self._passed(3, "signed", f"{signer} signed this statement.")

    def _5_path(self) -> None:
        place = self.receipt.place
        if place is None:
            return self._impossible(5, "waiting", "The statement waits for its seal.")
        leaf = merkle.leaf_hash(
            statement_digest(self.receipt.statement, self.receipt.network) + self.receipt.reporter.signature
        )
        if merkle.root_from_path(leaf, place.index, place.batch.count, place.path) != place.batch.root:
            return self._failed(5, "other_root", "The path does not lead from this statement to the batch's root.")
        self._passed(5, "leads", f"The statement is number {place.index + 1} of the {place.batch.count} in its batch.")

    def _6_seal(self) -> None:
        place, trust = self.receipt.place, self.trust
        if trust is not None and self._6_names_another(place, trust):
            return None
        if place is None:
            return self._impossible(6, "waiting", "The statement waits for its seal.")
        if trust is None:
            return self._impossible(6, "offline", "No network was given to compare with.")
        if self.chain is None:
            return self._impossible(6, "offline", "The chain was not asked.")
        try:
            self._6_read(place, trust, self.chain)
        except ChainUnreachable as error:
            self._impossible(6, "unreachable", f"The chain could not be read: {error}.")

    def _6_names_another(self, place: Place | None, trust: Trust) -> bool:
        named: list[tuple[str, str, str | int, str | int]] = [
            ("other_network", "network", self.receipt.network, trust.network)
        ]
        if place is not None:
            named += [
                ("other_chain", "chain id", place.anchor.chain_id, trust.chain_id),
                ("other_contract", "contract", place.anchor.contract, trust.anchor_log),
            ]
        for code, what, said, ours in named:
            if said != ours:
                self._failed(6, code, f"The receipt names the {what} {said}; this network's is {ours}.")
                return True
        return False

    def _6_read(self, place: Place, trust: Trust, chain: ChainReader) -> None:
        answering = (chain.network(), chain.chain_id())
        if answering != (trust.network, trust.chain_id):
            return self._impossible(
                6, "other_node", f"The node serves another network: {answering[0]}, chain {answering[1]}."
            )
        batch = place.batch
        seal = chain.seal_of(batch.operator, batch.number)
        if seal is None:
            return self._failed(6, "not_sealed", f"The log holds no batch {batch.number} of {batch.operator}.")
        if (seal.root, seal.first, seal.count) != (batch.root, batch.first, batch.count):
            return self._failed(6, "other_seal", f"The log holds another batch {batch.number} of {batch.operator}.")
        if not chain.is_operator(batch.operator, seal.sealed_at):
            return self._failed(
                6, "not_operator", f"{batch.operator} was no operator in good standing when it sealed this."
            )
        self.seal = seal
        self._passed(6, "sealed", f"Sealed on {moment(seal.sealed_at * 1000)}.")
        if seal.sealed_at != place.anchor.sealed_at:
            remembered = moment(place.anchor.sealed_at * 1000)
            self.notes.append(Note("seal_moved", f"The seal moved: the receipt remembers {remembered}."))
        if seal.sealed_at * 1000 - self.receipt.statement.event_time > LATE_SECONDS * 1000:
            happened = moment(self.receipt.statement.event_time)
            self.notes.append(Note("recorded_late", f"Recorded late: said to have happened on {happened}."))

    def _4_entitled(self) -> None:
        sealed = self.checks[6]
        place = self.receipt.place
        if sealed.outcome is Outcome.NOT_POSSIBLE:
            self._impossible(4, sealed.code, sealed.reason)
            if place is None and self.has_passed(3) and self.trust and self.chain:
                with suppress(ChainUnreachable):
                    self._4_ask_while_waiting(self.trust, self.chain)
            return None
        if not (self.has_passed(3) and self.has_passed(5) and place and self.seal and self.chain):
            return self._impossible(
                4, "needs_others", "Without a signer, a path and a seal there is nobody to ask about."
            )
        try:
            self._4_ask(place.batch.operator, self.seal, self.chain)
        except ChainUnreachable as error:
            self._impossible(4, "unreachable", f"The registry could not be read: {error}.")

    def _4_ask_while_waiting(self, trust: Trust, chain: ChainReader) -> None:
        """What no seal to come can mend; whether the key is good, only the time of the seal will tell."""
        if (chain.network(), chain.chain_id()) != (trust.network, trust.chain_id):
            return
        step = self.receipt.statement.step
        key = chain.status_at(self.receipt.reporter.address, clock.now_ms() // 1000 if self.now is None else self.now)
        if key.status != GOOD and key.status not in _BAD:
            self._failed(4, "unknown_key", "The network does not know the key.")
        elif key.status == GOOD and not may_say(key.roles, step):
            self._failed(4, "no_role", f"The reporter holds no role that may state {step or 'this'}.")

    def _4_ask(self, operator: str, seal: Seal, chain: ChainReader) -> None:
        reporter, step = self.receipt.reporter, self.receipt.statement.step
        key = chain.status_at(reporter.address, seal.sealed_at)
        if key.status == ENDED:
            start = chain.seal_of(operator, 0)
            if start is not None and self.receipt.statement.event_time < start.sealed_at * 1000:
                return self._impossible(
                    4,
                    "ended_before_this_log",
                    "The key had ended when this log began; it may have been good at an earlier seal.",
                )
        if key.status != GOOD:
            return self._failed(4, *_BAD.get(key.status, ("unknown_key", "The network does not know the key.")))
        self.key = key
        if not may_say(key.roles, step):
            return self._failed(4, "no_role", f"The reporter held no role that may state {step or 'this'}.")
        self._passed(4, "entitled", "The key was good and its holder had a role for this step.")
        if keccak256(reporter.partner.encode()) != key.partner:
            self.notes.append(
                Note("name_not_confirmed", f"The registry does not know this key as that of {reporter.partner}.")
            )
        if CUSTODY.get(key.custody) != reporter.custody:
            self.notes.append(
                Note("custody_differs", f"The receipt says otherwise who holds the key: {reporter.custody}.")
            )
