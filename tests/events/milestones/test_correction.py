"""A wrong milestone is declared wrong and the right one posted, both or neither; the passport shows which is which."""

from typing import Any

import pytest

from tests.events.milestones.posting import codes, made, milestone, post
from tests.stage import Stage


def correct(stage: Stage, event_id: str, content: Any, partner: str | None = None) -> Any:
    return post(stage, content, partner, address=f"/{event_id}/correction")


def listed(stage: Stage, item: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {stage.tokens[stage.carrier]}"}
    return list(stage.client.get("/v1/milestones", headers=headers, params={"q": item}).json()["milestones"])


def posted(stage: Stage, form: dict[str, Any], **query: Any) -> str:
    answer = post(stage, form, **query)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["eventIDs"][0])


def test_the_right_one_replaces_the_wrong_one(stage: Stage) -> None:
    item = made(stage)
    wrong = posted(stage, milestone(item, time="2026-11-20T08:00:00+08:00"))
    answer = correct(stage, wrong, {"reason": "incorrect_data", "milestone": milestone(item, step="received")})
    assert answer.status_code == 202, answer.text
    assert answer.json()["declared"] == wrong
    (right,) = answer.json()["eventIDs"]
    assert len(answer.json()["promise"]["statements"]) == 2
    new, old = listed(stage, item)
    assert (new["eventID"], new["step"], new["time"]) == (right, "received", "2026-11-20T08:00:00+08:00")
    assert (old["eventID"], old["declared"]["reason"]) == (wrong, "incorrect_data")
    assert old["declared"]["correctedBy"] == [right]
    assert new["declared"] is None
    stage.seal()
    declaration = stage.receipt(wrong, declaration=1)
    assert declaration["event"]["errorDeclaration"]["correctiveEventIDs"] == [right]
    passport = stage.client.get(f"/v1/passports/{item.removeprefix('https://id.gs1.org/')}").json()
    assert right in str(passport)


def test_what_did_not_happen_is_taken_back_alone(shared_stage: Stage) -> None:
    item = made(shared_stage)
    wrong = posted(shared_stage, milestone(item))
    answer = correct(shared_stage, wrong, {"reason": "did_not_occur", "milestone": None})
    assert (answer.status_code, answer.json()["eventIDs"]) == (202, [])
    (row,) = listed(shared_stage, item)
    assert row["declared"]["reason"] == "did_not_occur"
    assert post(shared_stage, milestone(item)).status_code == 202  # it is not the same as what is taken back


def test_a_wrong_correction_stores_nothing(shared_stage: Stage) -> None:
    item = made(shared_stage)
    wrong = posted(shared_stage, milestone(item))
    sold = milestone(item, step="sold")
    for content, expected in [
        ({"reason": "incorrect_data", "milestone": milestone("nonsense")}, [("/milestone/items/0", "malformed-item")]),
        ({"reason": "incorrect_data", "milestone": sold}, [("/milestone/step", "role-may-not-state")]),
        ({"reason": "I was tired"}, [("/reason", "malformed-value")]),
        ({}, [("/reason", "missing")]),
        ({"reason": "did_not_occur", "colour": 1}, [("/colour", "unknown-member")]),
        ([], [("", "missing")]),
    ]:  # fmt: skip
        answer = correct(shared_stage, wrong, content)
        assert answer.status_code in (403, 422)
        assert codes(answer) == expected
    (row,) = listed(shared_stage, item)
    assert row["declared"] is None


def test_only_ones_own_is_corrected_and_only_once(shared_stage: Stage) -> None:
    item = made(shared_stage)
    wrong = posted(shared_stage, milestone(item))
    of_another = correct(shared_stage, wrong, {"reason": "did_not_occur"}, shared_stage.brand)
    assert (of_another.status_code, of_another.json()["type"].rpartition("/")[2]) == (404, "no-such-event")
    assert correct(shared_stage, wrong, {"reason": "did_not_occur"}).status_code == 202
    again = correct(shared_stage, wrong, {"reason": "did_not_occur"})
    assert (again.status_code, codes(again)) == (409, [("", "already-declared")])
    assert correct(shared_stage, "urn:uuid:none", {"reason": "did_not_occur"}).status_code == 404


@pytest.mark.parametrize("visibility", ["own", "public"])
def test_the_right_one_is_seen_by_whom_the_wrong_one_is(shared_stage: Stage, visibility: str) -> None:
    item = made(shared_stage)
    wrong = posted(shared_stage, milestone(item), visibility=visibility)
    answer = correct(shared_stage, wrong, {"reason": "incorrect_data", "milestone": milestone(item, step="received")})
    (right,) = answer.json()["eventIDs"]
    seen = shared_stage.client.get(f"/epcis/events/{right}").status_code
    assert seen == (404 if visibility == "own" else 200)
