"""Check 7: whether the reporter has declared the event erroneous. The rules stand in verdict.py."""

from dataclasses import dataclass

from chain_service.verification.examination import Examination
from chain_service.verification.outcome import Check, Outcome
from chain_service.verification.receipt import IllFormedReceipt, parse
from chain_service.verification.trust import ChainUnreachable

FLAG_ERROR_DECLARATION = 1 << 1


@dataclass(frozen=True, slots=True)
class Declarations:
    """The error declarations that operators know for an event: who was asked, and the receipts they answered with."""

    asked: tuple[str, ...]
    receipts: tuple[object, ...] = ()


def declared(examined: Examination, known: Declarations | None) -> Check:
    """Check 7 of a receipt whose other checks are done."""
    if known is None or not known.asked:
        return Check(7, Outcome.NOT_POSSIBLE, "offline", "No operator was asked.")
    if not examined.has_passed(3):
        return Check(7, Outcome.NOT_POSSIBLE, "needs_others", "Without a signer it is unknown whose word would count.")
    if examined.receipt.statement.flags & FLAG_ERROR_DECLARATION:
        return Check(7, Outcome.PASSED, "declaration", "This statement itself declares that the event was an error.")
    answers = [_is_declared_by(examined, value) for value in known.receipts]
    asked = ", ".join(known.asked)
    if True in answers:
        return Check(7, Outcome.FAILED, "declared", "The reporter has declared this event erroneous.")
    if None in answers:
        return Check(
            7, Outcome.NOT_POSSIBLE, "unclear", f"{asked} knows a declaration, but whose it is could not be read."
        )
    return Check(7, Outcome.PASSED, "none_known", f"No declaration is known to {asked}.")


def _is_declared_by(examined: Examination, value: object) -> bool | None:
    """Whether a receipt proves that the event's reporter declares it erroneous; None where only the chain can tell."""
    try:
        declaration = parse(value)
    except IllFormedReceipt:
        return False
    ours = examined.receipt
    same_event = declaration.network == ours.network and declaration.event.get("eventID") == ours.event.get("eventID")
    if not same_event or not declaration.statement.flags & FLAG_ERROR_DECLARATION:
        return False
    other = Examination(declaration, examined.trust, examined.chain, examined.now)
    other.examine()
    if any(check.outcome is Outcome.FAILED for check in other.checks.values()):
        return False
    if declaration.reporter.address == ours.reporter.address:
        return True
    return _same_partner(examined, declaration.reporter.address)


def _same_partner(examined: Examination, address: str) -> bool | None:
    """Whether the registry knows both as one partner's; an address belongs to one for ever, so any time serves."""
    if examined.chain is None or examined.seal is None:
        return None
    try:
        ours = examined.chain.status_at(examined.receipt.reporter.address, examined.seal.sealed_at)
        theirs = examined.chain.status_at(address, examined.seal.sealed_at)
    except ChainUnreachable:
        return None
    return ours.partner == theirs.partner and any(ours.partner)
