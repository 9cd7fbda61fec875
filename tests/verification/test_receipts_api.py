"""Receipts over HTTP, on both databases: by eventID or digest, before the seal and after."""

from urllib.parse import quote

import pytest

from chain_service.verification.receipt import parse
from tests.events.documents import declared_wrong, document, new_event
from tests.stage import Stage


def test_a_receipt_waits_for_its_seal_and_says_when_to_ask_again(shared_stage: Stage) -> None:
    event = new_event()
    digest = shared_stage.capture(document(event))["promise"]["statements"][0]
    for key in (event["eventID"], digest):
        answer = shared_stage.client.get(f"/v1/receipts/{key}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
        assert [answer.json()[name] for name in ("batch", "index", "path", "anchor")] == [None] * 4
        parse(answer.json())


def test_a_batch_that_is_closed_but_not_sealed_still_waits(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event))
    shared_stage.sealer().close_due_batches()
    answer = shared_stage.client.get(f"/v1/receipts/{event['eventID']}")
    assert (answer.status_code, answer.json()["batch"]) == (202, None)


def test_a_sealed_receipt_is_whole_and_the_same_by_both_names(shared_stage: Stage) -> None:
    event = new_event()
    digest = shared_stage.capture(document(event))["promise"]["statements"][0]
    shared_stage.seal()
    answer = shared_stage.client.get(f"/v1/receipts/{event['eventID']}")
    assert (answer.status_code, "Retry-After" in answer.headers) == (200, False)
    receipt = answer.json()
    parse(receipt)
    assert None not in receipt.values()
    assert receipt["reporter"] | {"address": "", "signature": ""} == {
        "partner": shared_stage.brand,
        "address": "",
        "signature": "",
        "custody": "operator",
    }
    assert receipt["batch"]["operator"] == shared_stage.operator
    assert shared_stage.client.get(f"/v1/receipts/{digest}").json() == receipt


def test_an_event_id_that_looks_like_a_digest_is_no_digest(shared_stage: Stage) -> None:
    digest = shared_stage.capture(document(new_event()))["promise"]["statements"][0]
    assert shared_stage.client.get(f"/v1/receipts/{digest.upper().replace('0X', '0x')}").status_code == 404
    assert shared_stage.client.get(f"/v1/receipts/{digest[2:]}").status_code == 404


@pytest.mark.parametrize(
    "key", ["urn:uuid:00000000-0000-4000-8000-000000000000", "0x" + "0" * 64, "%00", "%FF%FE", "a/b?c", "", "x" * 8000]
)
def test_what_was_never_stated_has_no_receipt(shared_stage: Stage, key: str) -> None:
    answer = shared_stage.client.get(f"/v1/receipts/{key}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["type"].endswith("/no-such-receipt")


@pytest.mark.parametrize("value", ["2", "-1", "yes", ""])
def test_declaration_is_0_or_1(shared_stage: Stage, value: str) -> None:
    answer = shared_stage.client.get(f"/v1/receipts/x?declaration={value}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "declaration")


def test_the_declaration_of_an_event_that_has_none_is_not_found(shared_stage: Stage) -> None:
    event = new_event()
    shared_stage.capture(document(event))
    assert shared_stage.client.get(f"/v1/receipts/{quote(event['eventID'])}?declaration=1").status_code == 404


def test_the_partner_chooses_among_the_declarations_of_several(shared_stage: Stage) -> None:
    event = new_event()
    wrong = declared_wrong(event)
    for partner in (shared_stage.carrier, shared_stage.brand):
        shared_stage.capture(document(event), partner)
        shared_stage.capture(document(wrong), partner)
    address = f"/v1/receipts/{quote(event['eventID'])}"

    def reporter(**parameters: str) -> str:
        answer = shared_stage.client.get(address, params=parameters)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["reporter"]["partner"])

    assert reporter(declaration="1") == shared_stage.carrier
    for partner in (shared_stage.carrier, shared_stage.brand):
        assert reporter(declaration="1", partner=partner) == partner
        assert reporter(partner=partner) == partner
    # A name that a receipt gives wrongly hides nothing.
    assert reporter(declaration="1", partner="did:web:nobody.example") == shared_stage.carrier
    assert shared_stage.client.get(address, params={"partner": "\0"}).status_code == 404


def test_the_network_names_what_a_page_needs(shared_stage: Stage) -> None:
    network = shared_stage.client.get("/v1/network").json()
    assert network == {
        "network": shared_stage.network.network,
        "chainId": shared_stage.network.chainId,
        "contracts": shared_stage.network.contracts,
        "rpc": ["/rpc"],
        "operator": {"partner": "did:web:operator.example", "name": {}, "address": shared_stage.operator},
        "members": [],
    }
