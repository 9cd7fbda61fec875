"""The verdict on a receipt: seven checks, pure, the same in Python, in the page and on the command line.

The rules, in the order in which they are applied (DESIGN section 4):

0. Shape. An ill-formed receipt fails the check that the ill-formed member belongs to (shape.py); the others are not
   possible, since nothing in it can be relied on.
1. SHA-256(salt ‖ JCS(event)) is statement.eventDigest.
2. Subjects, step, disposition, place, time and flags of the statement are those that follow from the event.
3. The signature has the one allowed form, and the address recovered from it, over the statement in the network that the
   receipt names, is reporter.address.
5. The leaf of that statement and signature leads, at that index of that count, along that path to batch.root.
6. Network name, chain id and contract are the verifier's own; its AnchorLog holds that root, first and count under that
   operator and number; the operator could seal then. The time of the seal is what the chain says: where the receipt
   remembers another, the seal moved, which is said and fails nothing.
4. At that time the key was good and its partner held a role for the step. Asked only once 3, 5 and 6 have passed, for
   else there is no signer or no time to ask about. A key that had ended fails, unless the event is older than the
   operator's log on this chain: then the statement may have been sealed before on another chain, which this one cannot
   tell, and the check is not possible. Of a statement that waits for its seal, only the network's name is compared (6),
   and it fails 4 where its key is unknown now or the key's holder has no role for the step.
7. None of the declarations that the asked operators know is one by the same partner about the same event. A declaration
   counts when it is itself proven; one that waits for its seal counts, for its partner has signed it.

Every input gets a verdict; nothing is raised.
"""

from collections.abc import Sequence

from chain_service.kit.digests import keccak256
from chain_service.verification.declarations import Declarations, declared
from chain_service.verification.examination import Examination
from chain_service.verification.outcome import CUSTODY, TITLES, Check, Outcome, Verdict
from chain_service.verification.receipt import IllFormedReceipt, parse, read
from chain_service.verification.shape import ShapeProblem
from chain_service.verification.trust import ChainReader, Trust


def check(
    receipt_json: object,
    trust: Trust | None = None,
    chain: ChainReader | None = None,
    declarations: Declarations | None = None,
    now: int | None = None,
) -> Verdict:
    """The verdict on a receipt, given as bytes of JSON (read strictly) or as a JSON value. Never raises.

    `trust` is the verifier's own network file; `chain` reads that network; without them checks 4 and 6, and without
    `declarations` check 7, are not possible. `now` (Unix seconds; else the clock's) is when a statement that
    waits for its seal is judged.
    """
    try:
        receipt = read(receipt_json) if isinstance(receipt_json, bytes) else parse(receipt_json)
    except IllFormedReceipt as error:
        return _ill_formed(error.problems)
    examined = Examination(receipt, trust, chain, now)
    examined.examine()
    return _verdict(examined, declared(examined, declarations))


def _verdict(examined: Examination, seventh: Check) -> Verdict:
    receipt, key, seal, trust = examined.receipt, examined.key, examined.seal, examined.trust
    confirmed = key is not None and keccak256(receipt.reporter.partner.encode()) == key.partner
    checks = {**examined.checks, 7: seventh}
    return Verdict(
        tuple(checks[number] for number in TITLES),
        tuple(examined.notes),
        waiting=receipt.place is None,
        sealed_at=seal.sealed_at if seal else None,
        partner=receipt.reporter.partner if confirmed else None,
        custody=CUSTODY.get(key.custody) if key else None,
        network=trust.network if trust else None,
        node=trust.rpc if trust and seal else None,
    )


def _ill_formed(problems: Sequence[ShapeProblem]) -> Verdict:
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        reasons.setdefault(problem.check, []).append(f"{problem.pointer or 'the receipt'}: {problem.reason}")
    return Verdict(
        tuple(
            Check(number, Outcome.FAILED, "ill_formed", f"The receipt is ill-formed: {'; '.join(reasons[number])}.")
            if number in reasons
            else Check(number, Outcome.NOT_POSSIBLE, "ill_formed", "The receipt is ill-formed elsewhere.")
            for number in TITLES
        ),
        problems=tuple(problems),
    )
