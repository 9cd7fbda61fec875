"""A time that lies ahead is refused whichever way an event comes, but not its declaration as erroneous."""

from typing import Any

import pytest

from chain_service.kit import clock
from tests.events.documents import bare, document, new_event
from tests.stage import CONTEXT, Stage

HOUR_MS = 3_600_000


def at(hours: float, **more: Any) -> dict[str, Any]:
    return new_event(eventTime=clock.iso(clock.now_ms() + int(hours * HOUR_MS)), eventTimeZoneOffset="+00:00", **more)


@pytest.mark.parametrize("address", ["/epcis/capture", "/epcis/events", "/v1/statements/prepare"])
def test_more_than_a_day_ahead_is_refused(shared_stage: Stage, address: str) -> None:
    def send(event: dict[str, Any]) -> Any:
        if address == "/v1/statements/prepare":
            headers = shared_stage.headers(**{"Content-Type": "application/json"})
            return shared_stage.client.post(address, json={"event": {"@context": [CONTEXT], **event}}, headers=headers)
        content = bare(event) if address == "/epcis/events" else document(event)
        return shared_stage.client.post(address, content=content, headers=shared_stage.headers())

    place = {"/epcis/capture": "/epcisBody/eventList/0", "/epcis/events": "", "/v1/statements/prepare": "/event"}[
        address
    ]
    answer = send(at(24.1))
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"{place}/eventTime", "future-time")
    assert send(at(23.9)).status_code < 300
    declared = at(24.1, errorDeclaration={"declarationTime": clock.iso(clock.now_ms())})
    assert send(declared).status_code < 300
