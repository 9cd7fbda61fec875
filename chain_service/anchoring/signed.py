"""Statements that partners signed themselves: what is sent, checked from the event up, and stored as it was signed.

The rules, in order; each has its own answer, and all or nothing is stored:
1. the members are those of a receipt, and no others (422);
2. the event is valid EPCIS 2.0 (400) and is as stated: with eventID, without recordTime (422);
3. the statement is the one that follows from event and salt (422, with the fields that differ);
4. the signature has the one form allowed (422) and leads to a key of this partner that is good now (403);
5. the partner's roles on the chain allow the step (403);
6. the eventID is free, or taken by this very event (409).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from chain_service.anchoring.models import Statement
from chain_service.anchoring.service import statement_row
from chain_service.anchoring.statement import from_facts
from chain_service.db import insert_rows
from chain_service.errors import Problem, epcis
from chain_service.events import service as events
from chain_service.events.document import Error, check_event, role_error
from chain_service.events.service import Stated, Stored
from chain_service.kit import clock, eip712
from chain_service.kit.digests import SALT_BYTES, from_hex, sha256, to_hex
from chain_service.kit.eip712 import recover, statement_digest
from chain_service.partners.keys import Standing
from chain_service.partners.vault import Vault

MOST = 1000  # statements in one request
MEMBERS = ("event", "salt", "statement", "signature")
FIELDS = ("eventDigest", "subjects", "step", "disposition", "place", "eventTime", "flags")
SIGNATURE_BYTES = 65
_IN_CHUNK = 500

AskedStanding = Callable[[str, str], Standing]  # of an address, with the pointer to what it signed


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement with the signature that its partner made; `signature`: 65 bytes, `reporter`: who made it."""

    stated: Stated
    statement: eip712.Statement
    digest: bytes
    signature: bytes
    reporter: str

    @property
    def place(self) -> str:
        """Where it stands in what was sent, as a JSON pointer; empty where it is all of it."""
        return self.stated.place.removesuffix("/event")


def read(content: Any, network: str) -> list[Signed]:
    """What was sent, one statement or a list of them, by the rules 1 to 3 and the form in rule 4.

    Raises Problem 400 or 422 with every place that is wrong.
    """
    entries = content if isinstance(content, list) else [content]
    if not entries or len(entries) > MOST:
        raise refused([{"pointer": "", "detail": f"send from 1 to {MOST} statements, not {len(entries)}"}])
    places = [f"/{number}" if isinstance(content, list) else "" for number in range(len(entries))]
    errors = [error for entry, place in zip(entries, places, strict=True) for error in _shape(entry, place)]
    if errors:
        raise refused(errors)
    checked = [check_event(entry["event"], f"{place}/event") for entry, place in zip(entries, places, strict=True)]
    invalid = [error for _, wrong in checked for error in wrong]
    if invalid:
        raise epcis(400, "ValidationException", "An event is not valid; nothing was stored.", invalid)
    signed: list[Signed] = []
    for entry, (stated, _) in zip(entries, checked, strict=True):
        if stated is not None:
            made, wrong = _signed(entry, stated, network)
            errors += wrong
            signed += [made] if made else []
    if errors:
        raise refused(errors)
    return signed


def refused(errors: Sequence[Error]) -> Problem:
    """422, with the places."""
    title = "These are not signed statements that follow from their events"
    return Problem(422, "invalid-statement", title, "Nothing was stored.", errors)


def salt_error(salt: Any, pointer: str) -> Error | None:
    """What is wrong with a salt."""
    return _hex_error(salt, SALT_BYTES, pointer)


def members_errors(value: Any, required: Sequence[str], optional: Sequence[str], place: str) -> list[Error]:
    """What is wrong with an object's members: missing ones and unknown ones."""
    if not isinstance(value, dict):
        return [{"pointer": place, "detail": f"an object with {', '.join(required)} is due"}]
    missing = [{"pointer": f"{place}/{name}", "detail": "missing"} for name in required if name not in value]
    unknown = [name for name in value if name not in required and name not in optional]
    return missing + [{"pointer": place, "detail": f"unknown member {name[:60]!r}"} for name in unknown]


def _shape(entry: Any, place: str) -> list[Error]:
    if errors := members_errors(entry, MEMBERS, (), place):
        return errors
    lengths = (("salt", SALT_BYTES), ("signature", SIGNATURE_BYTES))
    found = [_hex_error(entry[name], length, f"{place}/{name}") for name, length in lengths]
    fields = members_errors(entry["statement"], FIELDS, (), f"{place}/statement")
    return [error for error in found if error] + fields


def _hex_error(value: Any, length: int, pointer: str) -> Error | None:
    try:
        from_hex(value, length)
    except ValueError as error:
        return {"pointer": pointer, "detail": f"{length} bytes in lower-case hexadecimal with 0x are due: {error}"}
    return None


def _signed(entry: Mapping[str, Any], stated: Stated, network: str) -> tuple[Signed | None, list[Error]]:
    place = stated.place.removesuffix("/event")
    if stated.event != entry["event"]:
        why = (
            "lacks an eventID" if "eventID" not in entry["event"] else "carries recordTime, which is not the reporter's"
        )
        return None, [{"pointer": stated.place, "detail": f"the event {why}: sign the event as stated"}]
    salt = bytes.fromhex(entry["salt"][2:])  # its form and the signature's are checked already
    statement = from_facts(stated.facts, sha256(salt + stated.document))
    given = entry["statement"]
    differing = [
        {"pointer": f"{place}/statement/{name}", "detail": f"{name} does not follow from the event and its salt"}
        for name, value in statement.as_json().items()
        if type(given[name]) is not type(value) or given[name] != value
    ]
    if differing:
        return None, differing
    digest, signature = statement_digest(statement, network), bytes.fromhex(entry["signature"][2:])
    try:
        reporter = recover(digest, signature)
    except ValueError as error:
        return None, [{"pointer": f"{place}/signature", "detail": str(error)}]
    return Signed(replace(stated, salt=salt), statement, digest, signature, reporter), []


def standings(signed: Sequence[Signed], asked: AskedStanding) -> dict[str, Standing]:
    """The standing of each key that signed, by address, and that its roles allow what it says (rules 4 and 5).

    The first key that may not sign ends it, so that one request has the chain asked little. Raises Problem 403 or 503.
    """
    found: dict[str, Standing] = {}
    errors = []
    for one in signed:
        if one.reporter not in found:
            found[one.reporter] = asked(one.reporter, f"{one.place}/signature")
        if error := role_error(one.stated, found[one.reporter].roles):
            errors.append(error)
    if errors:
        title = "Your roles do not allow this step"
        raise Problem(403, "role-may-not-state", title, "Nothing was stored.", errors)
    return found


def store(
    connection: Connection,
    vault: Vault,
    partner: str,
    signed: Sequence[Signed],
    known: Mapping[str, Standing],
    narrowed: int = 0,
) -> tuple[list[str], list[str]]:
    """Stores events and statements, in the caller's transaction; returns the eventIDs and the new statements' digests.

    Raises Problem 409 where an eventID is taken by another content, or a statement by another partner who copied event
    and salt; 403 where an error is declared of what another partner stated.
    """
    by_place = {one.stated.place: one for one in signed}

    def state(connection: Connection, _: str, stored: Sequence[Stored]) -> list[str]:
        now = clock.now_ms()
        new = [(event, by_place[event.stated.place]) for event in stored]
        _refuse_taken(connection, [one for _, one in new])
        rows = [
            statement_row(event, s.statement, s.digest, s.reporter, known[s.reporter].custody, s.signature, now)
            for event, s in new
        ]
        insert_rows(connection, Statement, rows)
        return [str(row["digest"]) for row in rows]

    _, refusals, digests = events.store(connection, vault, partner, [one.stated for one in signed], state, narrowed)
    if refusals:
        status, kind = (409, "conflict") if any(r.kind == "conflict" for r in refusals) else (403, refusals[0].kind)
        raise Problem(status, kind, "Nothing was stored", refusals[0].detail, [r.as_json() for r in refusals])
    return [one.stated.event_id for one in signed], digests


def _refuse_taken(connection: Connection, new: Sequence[Signed]) -> None:
    """A digest names one statement: who signs another's event with its very salt takes a salt of its own instead."""
    for start in range(0, len(new), _IN_CHUNK):
        places = {to_hex(one.digest): f"{one.place}/salt" for one in new[start : start + _IN_CHUNK]}
        known = connection.execute(select(Statement.digest).where(Statement.digest.in_(places))).scalars()
        taken = [digest for digest in known if digest is not None]
        if taken:
            detail = "another partner stated this event with this salt; sign it with a salt of your own"
            errors = [{"pointer": places[digest], "detail": detail} for digest in taken]
            raise Problem(409, "salt-taken", "Nothing was stored", detail, errors)
