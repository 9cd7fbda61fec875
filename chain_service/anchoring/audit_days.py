"""The audit log's days: once a UTC day is over, the operator states its Merkle root, and the statement is sealed."""

import logging
import secrets
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from chain_service.db import writing
from chain_service.events import service as events
from chain_service.events.document import check_event
from chain_service.events.tasks import Stating
from chain_service.kit import clock
from chain_service.kit.digests import to_hex
from chain_service.partners import audit
from chain_service.partners.custody import KeyUnavailable, held_key
from chain_service.partners.roles import AUDIT_STEP
from chain_service.partners.vault import Vault

log = logging.getLogger(__name__)
_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_NAMESPACE = "https://ns.chain-service.example/"


class AuditDays:
    """Closes the days of one operator (its DID); `public_url` names its log."""

    def __init__(self, engine: Engine, vault: Vault, stating: Stating, operator: str, public_url: str) -> None:
        self._engine = engine
        self._vault = vault
        self._stating = stating
        self._operator = operator
        self._log_url = f"{public_url.rstrip('/')}/v1/audit"

    def close(self) -> list[str]:
        """States every day that is over and not stated yet, all or none; returns these days.

        Raises KeyUnavailable where the operator's key can't sign, or is not among those held for its DID.
        """
        with writing(self._engine) as connection:
            due = audit.days_to_seal(connection, audit.day_of(clock.now_ms()))
            if due and held_key(connection, self._operator) is None:
                raise KeyUnavailable(f"{self._operator or 'the operator'} is not a partner here with its key")
            for day, count, root in due:
                # Whoever states in the operator's name could have taken the eventID before, to keep the day unstated.
                event_id = self._stated(connection, day, count, root, "")
                event_id = event_id or self._stated(connection, day, count, root, f"-{secrets.token_hex(8)}")
                if event_id is None:
                    raise ValueError(f"the event about {day} is refused")
                audit.note_sealed(connection, day, count, root, event_id)
        return [day for day, _, _ in due]

    def _stated(self, connection: Connection, day: str, count: int, root: bytes, suffix: str) -> str | None:
        """The eventID under which the day is stated now; None where another event has it."""
        stated, wrong = check_event(self._event(day, count, root, suffix), "")
        if stated is None:
            raise ValueError(f"the event about {day} is not valid: {wrong}")
        _, refused, _ = events.store(connection, self._vault, self._operator, [stated], self._stating.state)
        return None if refused else stated.event_id

    def _event(self, day: str, count: int, root: bytes, suffix: str) -> dict[str, Any]:
        """What the operator states of a day: how many entries there are, and the root over them (RFC 6962)."""
        over = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        return {
            "@context": [_CONTEXT, {"cs": _NAMESPACE}],
            "type": "ObjectEvent",
            "eventID": f"{self._log_url}/days#{day}{suffix}",
            "eventTime": f"{over}T00:00:00.000Z",
            "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE",
            "epcList": [f"{self._log_url}?day={day}"],
            "bizStep": AUDIT_STEP,
            "cs:auditLog": {"cs:day": day, "cs:count": count, "cs:root": to_hex(root)},
        }


def try_to_close(days: AuditDays) -> None:
    """Closes what is due; what keeps it from that is logged, for it is tried again."""
    try:
        for day in days.close():
            log.info("the audit log of %s is closed", day)
    except KeyUnavailable as error:
        log.warning("the audit log stays open: %s", error)
