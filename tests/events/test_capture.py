"""Capture over HTTP, on both databases."""

import json

from tests.stage import Stage


def test_every_valid_document_is_captured_sealed_and_verifies(stage: Stage, shared_data):
    folder = shared_data / "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture/Documents"
    files = sorted(folder.glob("*.json"))
    assert len(files) == 24
    digests = []
    for file in files:
        job = stage.capture(file.read_bytes())
        assert job["success"], (file.name, job["errors"])
        digests += job["promise"]["statements"]
    stage.seal()
    for digest in digests:
        assert stage.receipt(digest)["statement"], json.dumps(digest)
