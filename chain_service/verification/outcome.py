"""What a verdict says: seven checks, each passed, failed or not possible, notes, and a plain sentence about them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chain_service.kit.clock import iso
from chain_service.verification.shape import ShapeProblem

LATE_SECONDS = 24 * 3600
TITLES = {
    1: "The digest matches the event",
    2: "The statement follows from the event",
    3: "The signature is the reporter's",
    4: "The reporter was entitled to state this step",
    5: "The path leads to the batch's root",
    6: "The log on the chain holds the seal",
    7: "The reporter has not declared the event erroneous",
}


# PartnerRegistry's numbers for who holds a key.
CUSTODY = {1: "partner", 2: "operator"}


class Outcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, slots=True)
class Check:
    """One of the seven. `code` is stable and meant for programs, `reason` for people."""

    number: int
    outcome: Outcome
    code: str
    reason: str

    @property
    def title(self) -> str:
        """What the check asks."""
        return TITLES[self.number]


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that fails nothing: seal_moved, recorded_late, name_not_confirmed, custody_differs."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of checking one receipt.

    `partner` is the DID that the receipt names, only where the registry confirms it; `custody` 'partner' or 'operator'
    as the registry says, None where it was not asked; `sealed_at` Unix seconds as the chain says; `node` where it was
    read.
    """

    checks: tuple[Check, ...]
    notes: tuple[Note, ...] = ()
    problems: tuple[ShapeProblem, ...] = ()
    waiting: bool = False
    sealed_at: int | None = None
    partner: str | None = None
    custody: str | None = None
    network: str | None = None
    node: str | None = None

    @property
    def failed(self) -> tuple[int, ...]:
        """The numbers of the failed checks."""
        return tuple(check.number for check in self.checks if check.outcome is Outcome.FAILED)

    @property
    def holds(self) -> bool:
        """Nothing failed. What was not possible is not proven by this."""
        return not self.failed

    @property
    def complete(self) -> bool:
        """Every check passed but the seventh, which nobody can fully answer, may have been impossible."""
        return all(
            c.outcome is Outcome.PASSED or (c.number == 7 and c.outcome is not Outcome.FAILED) for c in self.checks
        )

    @property
    def sentence(self) -> str:
        """What was proven and what was not, and on whose word it rests (DESIGN section 4)."""
        return " ".join([self._proven(), *self._rests_on(), *(note.reason for note in self.notes)])

    def _proven(self) -> str:
        impossible = [str(check.number) for check in self.checks if check.outcome is Outcome.NOT_POSSIBLE]
        if self.failed:
            reasons = " ".join(check.reason for check in self.checks if check.outcome is Outcome.FAILED)
            return f"This receipt does not hold. {reasons}"
        if self.waiting:
            return "This step is signed and has not changed since; it waits for its seal."
        if self.complete and self.sealed_at is not None:
            who = self.partner or "a partner of the network"
            return (
                f"This step was stated by {who}, sealed on {moment(self.sealed_at * 1000)}, and has not changed since."
            )
        return f"Nothing failed, but not everything could be checked ({_numbers(impossible)} not possible)."

    def _rests_on(self) -> list[str]:
        parts = []
        if self.custody == "partner":
            parts.append("The partner holds the signing key itself.")
        elif self.custody == "operator":
            parts.append("The operator holds the signing key for the partner.")
        if self.node is not None:
            parts.append(
                f"The time and the roles rest on the validators of the network {self.network}; this program read them "
                f"at the node {self.node}, and other members' nodes and pages can be asked the same."
            )
        else:
            parts.append("This was checked by this program alone, without asking the chain.")
        parts.append("It speaks of what was stated, not of the physical thing, and other steps may exist elsewhere.")
        return parts

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "type": "chain-service/verdict/1",
            "holds": self.holds,
            "complete": self.complete,
            "waiting": self.waiting,
            "sentence": self.sentence,
            "partner": self.partner,
            "custody": self.custody,
            "sealedAt": self.sealed_at,
            "checks": [
                {
                    "number": check.number,
                    "title": check.title,
                    "outcome": check.outcome.value,
                    "code": check.code,
                    "reason": check.reason,
                }
                for check in self.checks
            ],
            "notes": [{"code": note.code, "reason": note.reason} for note in self.notes],
            "problems": [{"pointer": problem.pointer, "detail": problem.reason} for problem in self.problems],
        }


def _numbers(numbers: list[str]) -> str:
    return ("check " if len(numbers) == 1 else "checks ") + ", ".join(numbers)


def moment(milliseconds: int) -> str:
    """Unix milliseconds as people read them, in UTC; a receipt may claim times that no calendar has."""
    try:
        return iso(milliseconds)[:19].replace("T", " ") + " UTC"
    except (OverflowError, ValueError):
        return f"{milliseconds} ms after 1970"
