"""Capture jobs: what a dead process left, what cannot come through, and the list of a partner's jobs."""

import base64
import secrets
from itertools import pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from chain_service.db import reading, writing
from chain_service.events import jobs, tasks
from chain_service.events.models import CaptureJob, Event
from chain_service.events.tasks import Captures
from chain_service.partners.custody import KeyUnavailable
from chain_service.partners.models import Partner, PartnerKey
from chain_service.partners.roles import Role
from tests.events.documents import bare, document, new_event
from tests.stage import Stage


class Failing:
    """A Stating that cannot."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def state(self, *_: object) -> list[str]:
        raise self.error

    def promise(self, *_: object) -> dict[str, object]:
        raise self.error


def left_over(stage: Stage, content: bytes, behaviour: str = "rollback", partner: str | None = None) -> str:
    """A job that was accepted and that no process has begun."""
    with writing(stage.engine) as connection:
        return jobs.keep(connection, stage.vault, partner or stage.brand, behaviour, 0, content, [])


def job(stage: Stage, job_id: str, partner: str | None = None) -> dict:
    return stage.job(f"/epcis/capture/{job_id}", partner)


def is_stored(stage: Stage, event: dict) -> bool:
    with reading(stage.engine) as connection:
        return (
            connection.execute(
                select(Event.id).where(Event.event_id == stage.vault.fingerprint(event["eventID"]))
            ).scalar()
            is not None
        )


def test_a_job_that_a_dead_process_left_is_finished_by_the_next(shared_stage: Stage) -> None:
    event = new_event()
    left = left_over(shared_stage, document(event))
    assert job(shared_stage, left)["running"]
    captures = Captures(shared_stage.engine, shared_stage.vault, shared_stage.client.app.state.stating)
    captures.start()
    captures.stop()
    assert (job(shared_stage, left)["success"], len(job(shared_stage, left)["promise"]["statements"])) == (True, 1)


def test_a_left_over_job_still_keeps_to_roles_and_behaviour(shared_stage: Stage) -> None:
    allowed, forbidden = new_event(), new_event(bizStep="commissioning", action="ADD")
    content = document(allowed, forbidden, new_event(bizStep="shiping"))
    stating = shared_stage.client.app.state.stating
    left = left_over(shared_stage, content, "proceed", shared_stage.carrier)
    tasks.run(shared_stage.engine, shared_stage.vault, left, stating)
    places = [error["pointer"] for error in job(shared_stage, left, shared_stage.carrier)["errors"]]
    assert places == ["/epcisBody/eventList/1/bizStep", "/epcisBody/eventList/2/bizStep"]
    assert (is_stored(shared_stage, allowed), is_stored(shared_stage, forbidden)) == (True, False)
    fresh = new_event()
    left = left_over(shared_stage, document(fresh, forbidden), "rollback", shared_stage.carrier)
    tasks.run(shared_stage.engine, shared_stage.vault, left, stating)
    assert not job(shared_stage, left, shared_stage.carrier)["success"]
    assert not is_stored(shared_stage, fresh)


def test_running_a_finished_job_again_changes_nothing(shared_stage: Stage) -> None:
    left = left_over(shared_stage, document(new_event()))
    for _ in range(2):
        tasks.run(shared_stage.engine, shared_stage.vault, left, shared_stage.client.app.state.stating)
    first = job(shared_stage, left)
    tasks.run(shared_stage.engine, shared_stage.vault, left, Failing(AssertionError("it is finished")))
    assert job(shared_stage, left) == first


def test_a_job_that_can_never_come_through_fails_and_says_so(shared_stage: Stage) -> None:
    event = new_event()
    left = left_over(shared_stage, document(event))
    failing = Failing(RuntimeError("a defect of ours"))
    Captures(shared_stage.engine, shared_stage.vault, failing).finish_left_over(older_than=0)
    failed = job(shared_stage, left)
    assert (failed["running"], failed["success"], failed["errors"][0]["type"]) == (False, False, "internal")
    assert "defect" not in str(failed)
    assert not is_stored(shared_stage, event)
    with reading(shared_stage.engine) as connection:
        kept = connection.execute(select(CaptureJob.__table__).where(CaptureJob.id == left)).one()
    assert jobs.document_of(shared_stage.vault, kept) == document(event)


@pytest.mark.parametrize(
    "error", [KeyUnavailable("no key"), OperationalError("", {}, Exception("the disk is full")), OSError("gone")]
)
def test_a_job_waits_for_what_can_be_mended_with_growing_pauses(
    shared_stage: Stage, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_over(shared_stage, document(new_event()))
    now, tries = 1000.0, []
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(tasks, "run", lambda _, __, job_id, *___: tries.append((now, job_id)) or _raise(error))
    captures = Captures(shared_stage.engine, shared_stage.vault, shared_stage.client.app.state.stating)
    for now in range(1000, 2000, 5):  # noqa: B007  (read by the clock above)
        captures.finish_left_over(older_than=0)
    times = [at for at, job_id in tries if job_id == left]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    monkeypatch.undo()
    assert job(shared_stage, left)["running"]
    captures = Captures(shared_stage.engine, shared_stage.vault, shared_stage.client.app.state.stating)
    captures.finish_left_over(older_than=0)
    assert job(shared_stage, left)["success"]


def _raise(error: Exception) -> None:
    raise error


def test_one_event_without_a_usable_key_gets_a_clear_answer(shared_stage: Stage) -> None:
    did = f"did:web:keyless-{secrets.token_hex(4)}.example"
    shared_stage.add_partner(did, Role.BRAND)
    with reading(shared_stage.engine) as connection:
        keystore = connection.execute(select(PartnerKey.keystore).where(PartnerKey.partner == did)).scalar_one()
    (shared_stage.settings.keys_dir / str(keystore)).write_text("{}")
    event = new_event()
    answer = shared_stage.client.post("/epcis/events", content=bare(event), headers=shared_stage.headers(did))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert not is_stored(shared_stage, event)


def test_the_jobs_of_a_partner_are_paged_to_the_end_with_equal_times(shared_stage: Stage) -> None:
    did = shared_stage.add_partner(f"did:web:lister-{secrets.token_hex(4)}.example", Role.BRAND)
    made = {left_over(shared_stage, document(), partner=did) for _ in range(7)}
    with writing(shared_stage.engine) as connection:
        values = {"created_at": 1_800_000_000_000, "finished_at": 1_800_000_000_001}
        connection.execute(update(CaptureJob).where(CaptureJob.partner == did).values(values))
    address, seen = "/epcis/capture?perPage=2", []
    while address:
        answer = shared_stage.client.get(address, headers=shared_stage.headers(did))
        assert answer.status_code == 200
        seen += [entry["captureID"] for entry in answer.json()]
        link = answer.headers.get("Link", "")
        address = link[1 : link.index(">")] if link else ""
        assert not address or "perPage=2" in address
    assert len(seen) == 7
    assert set(seen) == made
    assert shared_stage.client.get("/epcis/capture", headers=shared_stage.headers(did)).json() == [
        job(shared_stage, job_id, did) for job_id in seen
    ]


@pytest.mark.parametrize(
    "query",
    [
        "perPage=0",
        "perPage=101",
        "perPage=x",
        "nextPageToken=",
        "nextPageToken=%00",
        "nextPageToken=zzz",
        "nextPageToken=" + base64.urlsafe_b64encode(b"99999999999999999999 a").decode(),
        "nextPageToken=" + base64.urlsafe_b64encode(b"1 \0").decode(),
        "nextPageToken=" + base64.urlsafe_b64encode("١ 1".encode()).decode(),
    ],
)
def test_an_ill_formed_page_is_refused(shared_stage: Stage, query: str) -> None:
    answer = shared_stage.client.get(f"/epcis/capture?{query}", headers=shared_stage.headers())
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("job_id", ["x", "%00", "7c9f4b0e-2f0a-4a53-9f6e-3c1a9f0c2b11", "a" * 5000])
def test_an_unknown_job_is_not_found(shared_stage: Stage, job_id: str) -> None:
    answer = shared_stage.client.get(f"/epcis/capture/{job_id}", headers=shared_stage.headers())
    assert (answer.status_code, answer.json()["type"]) == (404, "epcisException:NoSuchResourceException")


def test_a_job_is_its_own_organisations_alone(shared_stage: Stage) -> None:
    address = f"/epcis/capture/{left_over(shared_stage, document(new_event()))}"
    headers = shared_stage.headers(shared_stage.carrier)
    answer = shared_stage.client.get(address, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (404, "epcisException:NoSuchResourceException")
    listed = shared_stage.client.get("/epcis/capture", headers=headers).json()
    assert address.rpartition("/")[2] not in {job["captureID"] for job in listed}
    assert shared_stage.client.get(address).status_code == 401
    assert shared_stage.client.get(address, headers=shared_stage.headers()).status_code == 200


def test_who_has_no_jobs_sees_none(shared_stage: Stage) -> None:
    did = shared_stage.add_partner(f"did:web:new-{secrets.token_hex(4)}.example", Role.BRAND)
    assert shared_stage.client.get("/epcis/capture", headers=shared_stage.headers(did)).json() == []


def test_a_partner_without_an_acting_role_may_state_nothing(shared_stage: Stage) -> None:
    with writing(shared_stage.engine) as connection:
        connection.execute(update(Partner).where(Partner.did == shared_stage.carrier).values(roles=0))
    headers = shared_stage.headers(shared_stage.carrier)
    answer = shared_stage.client.post("/epcis/events", content=bare(new_event(bizStep=None)), headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "role-missing")
    assert "'logistics'" in answer.json()["detail"]
    with writing(shared_stage.engine) as connection:
        connection.execute(update(Partner).where(Partner.did == shared_stage.carrier).values(roles=int(Role.LOGISTICS)))
