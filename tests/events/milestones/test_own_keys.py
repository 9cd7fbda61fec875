"""A partner that signs itself: it prepares, signs, and hands in; a brand's rules hold for it too."""

from chain_service.kit import clock
from chain_service.kit.eip712 import Signer
from tests.anchoring.signing import post as hand_in
from tests.anchoring.signing import statement
from tests.events.milestones.posting import made, milestone, post
from tests.stage import Stage


def own_signer(stage: Stage) -> Signer:
    """The carrier's key, which signs here as if the carrier held it."""
    with stage.engine.connect() as connection:
        return stage.custody.of(connection, stage.carrier)


def test_a_prepared_milestone_is_signed_and_handed_in(stage: Stage) -> None:
    item = made(stage)
    form = milestone(item, time=clock.iso(clock.now_ms()), note="Signed by the driver")
    (event,) = post(stage, form, key="own", address="/prepare").json()["events"]
    answer = hand_in(stage, stage.carrier, statement(event, own_signer(stage), stage.network.network))
    assert answer.status_code == 202, answer.text
    assert answer.json()["eventIDs"] == [event["eventID"]]
    headers = {"Authorization": f"Bearer {stage.tokens[stage.carrier]}"}
    (row,) = stage.client.get("/v1/milestones", headers=headers, params={"q": item}).json()["milestones"]
    assert (row["eventID"], row["note"]) == (event["eventID"], "Signed by the driver")


def test_a_brands_rules_hold_for_signed_statements(stage: Stage) -> None:
    item = made(stage)
    (event,) = post(stage, milestone(item), address="/prepare").json()["events"]
    signed = statement(event, own_signer(stage), stage.network.network)
    brand = {"Authorization": f"Bearer {stage.tokens[stage.brand]}"}
    assert stage.client.put("/v1/posting", json={"rules": []}, headers=brand).status_code == 200
    assert post(stage, milestone(item), address="/prepare").status_code == 403
    answer = hand_in(stage, stage.carrier, signed)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "not-permitted")
    assert stage.client.get(f"/epcis/events/{event['eventID']}").status_code == 404
