"""Asking operators for the error declarations that they know (check 7), through their public receipts."""

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from chain_service.kit import canonical
from chain_service.verification.declarations import Declarations

TIMEOUT_SECONDS = 5.0
# A receipt holds one event, which is at most as long as a capture document.
MAX_RECEIPT = 10 * 1024 * 1024
_ANSWERS = (200, 202)
_NONE_KNOWN = 404


def ask(
    operators: Sequence[str],
    event_id: str,
    transport: httpx.BaseTransport | None = None,
    partner: str | None = None,
) -> Declarations | None:
    """What operators (base URLs) answer about an event; None when none of them answered.

    `partner`: the DID that the receipt names as its reporter's. It says only whose declaration to look for first; whose
    an answer is, the verdict finds out. An operator that does not answer, or answers with something else, does not
    count as asked.
    """
    whose = "" if partner is None else f"&partner={quote(partner, safe='', errors='replace')}"
    asked, receipts = [], []
    with httpx.Client(timeout=TIMEOUT_SECONDS, transport=transport) as client:
        for operator in operators:
            url = f"{operator.rstrip('/')}/v1/receipts/{quote(event_id, safe='')}?declaration=1{whose}"
            try:
                answer = client.get(url)
                if answer.status_code in _ANSWERS and len(answer.content) <= MAX_RECEIPT:
                    receipts.append(canonical.parse(answer.content))
                elif answer.status_code != _NONE_KNOWN:
                    continue
            except (httpx.HTTPError, httpx.InvalidURL, canonical.InvalidJson):
                continue
            asked.append(operator)
    return Declarations(tuple(asked), tuple(receipts)) if asked else None
