"""The gateway as it runs: a process, a real broker, a real service, and devices that do as devices do."""

import json
import signal
import time
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.serialization import Encoding

from chain_service.gateway.store import connect
from chain_service.kit.clock import iso, now_ms
from chain_service.verification.cli import run as verify
from tests.gateway.ground import (
    PRODUCT,
    SSCC,
    BrokerProcess,
    Site,
    ago,
    closing,
    message,
    reading,
    reports,
    until,
    whole,
)
from tests.partners.did_host import Authority
from tests.stage import Stage

QUARTER = 900_000
LIMITS = {"kind": "product", "name": {"en": "Chilled"}, "limits": {"Temperature": {"min": 2, "max": 8, "uom": "CEL"}}}


def a_past_interval(back: int = 3) -> int:
    """The start of an interval that ended a while ago, Unix milliseconds."""
    return now_ms() // QUARTER * QUARTER - back * QUARTER


def test_readings_become_a_signed_summary_whose_receipt_verifies(site: Site, tmp_path: Path) -> None:
    sensor = site.add("reefer-1", "--place", "urn:epc:id:sgln:9521202.00001.0", "--id", "urn:epc:id:giai:9521109.DL.30")
    site.start()
    start = a_past_interval()
    values = [3.0, 4.5, 4.0, 6.0, 5.0]
    rows = [reading(n, start + n * 60_000, value) for n, value in enumerate(values)]
    humid = {"seq": 50, "at": iso(start + 1000), "type": "humidity", "value": 61, "uom": "P1"}
    place = {"seq": 51, "at": start + 2000, "type": "position", "value": {"latitude": 31.2, "longitude": 121.5}}
    warm = {"seq": 52, "at": start + 3000, "type": "shock", "value": 2, "uom": "K40", "component": "z"}
    sensor.send(message(*rows, humid, place, warm))
    (event,) = site.events(1)
    assert (event["type"], event["action"], event["epcList"]) == ("ObjectEvent", "OBSERVE", [SSCC])
    assert event["readPoint"] == {"id": "https://id.gs1.org/414/9521202000014"}
    elements = {element["sensorReport"][0]["type"]: element for element in event["sensorElementList"]}
    assert set(elements) == {"Temperature", "RelativeHumidity", "Angle", "Acceleration"}
    temperature = elements["Temperature"]
    assert temperature["sensorMetadata"]["startTime"] == iso(start)
    assert temperature["sensorMetadata"]["deviceID"] == "urn:epc:id:giai:9521109.DL.30"
    first, *ranks = temperature["sensorReport"]
    assert (first["minValue"], first["meanValue"], first["maxValue"], first["cs:count"]) == (3, 4.5, 6, 5)
    assert [(each["percRank"], each["percValue"]) for each in ranks] == [(5, 3), (50, 4.5), (95, 6)]
    assert [each["value"] for each in elements["Angle"]["sensorReport"]] == [31.2, 121.5]
    assert elements["Acceleration"]["sensorReport"][0]["maxValue"] == 19.6133
    assert elements["Acceleration"]["sensorReport"][0]["component"] == "z"

    site.stage.seal()
    receipt = httpx.get(f"{site.service.url}/v1/receipts/{event['eventID']}").json()
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    (tmp_path / "network.json").write_text(json.dumps(site.stage.network.model_dump()))
    assert verify(tmp_path / "receipt.json", tmp_path / "network.json") == 0
    assert receipt["reporter"]["partner"] == site.partner

    digest = temperature["sensorMetadata"]["rawData"]
    listed = [json.loads(line) for line in site.command("reading", digest).splitlines()]
    assert [each["value"] for each in listed] == values
    (tmp_path / "proof.json").write_text(site.command("reading", digest, "--seq", "3"))
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert "4.5" not in json.dumps(proof), "the other readings are not shown"
    said = site.command("reading", "--check", str(tmp_path / "proof.json"), "--receipt", str(tmp_path / "receipt.json"))
    assert f"Temperature 6 CEL is reading 4 of 5 behind event {event['eventID']}" in said
    proof["reading"]["value"] = 7
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    refused = site.tried("reading", "--check", str(tmp_path / "proof.json"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "it is another reading" in refused.stderr


def test_a_sensor_that_was_cut_off_for_an_hour_loses_nothing_and_counts_nothing_twice(site: Site) -> None:
    sensor = site.add("cold-chain")
    site.start()
    start = a_past_interval(5)
    rows = [reading(n, start + n * 60_000, 4 + n % 3) for n in range(60)]
    sensor.send(message(*rows[:10]))
    site.stored("cold-chain", 10)
    site.broker.cut()  # the gateway and the device lose the broker; the device keeps what it measures
    sensor.connects_again()
    shuffled = rows[10:][::-1]
    sensor.send(message(*shuffled[:25]), message(*shuffled[25:]), message(*shuffled[:25]), message(*rows[:10]))
    site.stored("cold-chain", 60)
    until(lambda: site.count("cold-chain", "duplicate") == 35, "the same again is known")
    events = site.events(5)
    assert sum(whole(event)["cs:count"] for event in events) == 60
    starts = [event["cs:interval"]["cs:start"] for event in events if "cs:supplement" not in event]
    assert sorted(starts) == [iso(start + n * QUARTER) for n in range(4)]
    (later,) = [event for event in events if "cs:supplement" in event]
    assert (later["cs:interval"]["cs:start"], whole(later)["cs:count"]) == (iso(start), 5)


def test_what_is_sent_while_the_gateway_is_away_waits_at_the_broker(site: Site) -> None:
    sensor = site.add("waiting")
    site.start()
    assert site.stop() == 0
    start = a_past_interval()
    sensor.send(*(message(reading(n, start + n)) for n in range(20)))
    time.sleep(0.3)
    site.start()
    site.stored("waiting", 20)
    assert site.stop() == 0


def test_a_gateway_killed_between_storing_and_posting_posts_each_event_once(site: Site) -> None:
    sensor = site.add("killed")
    site.service.stop()
    site.start()
    start = a_past_interval()
    sensor.send(message(*(reading(n, start + n * 1000) for n in range(50))))
    site.stored("killed", 50)
    until(lambda: site.rows("SELECT 1 FROM outbox"), "the event is made")
    made = site.rows("SELECT event_id, event FROM outbox")
    site.stop(signal.SIGKILL)
    sensor.send(message(*(reading(n, start + n * 1000) for n in range(50))), message(reading(50, start + 50_000)))
    site.start()
    site.stored("killed", 51)
    site.service.start()
    events = site.events(2)
    assert [whole(event)["cs:count"] for event in events] == [50, 1]
    assert tuple(site.rows("SELECT event_id, event FROM outbox")[0]) == tuple(made[0])
    assert events[1]["cs:supplement"] == {"cs:number": 1, "cs:to": events[0]["eventID"]}
    site.stop()
    database = connect(site.folder / "state")
    database.execute("UPDATE outbox SET state = 'waiting'")  # as if it had died before it heard the answer
    site.start()
    until(lambda: len(site.rows("SELECT 1 FROM outbox WHERE state = 'posted'")) == 2, "both are sent again")
    assert site.events(2) == events


def test_an_alarm_goes_out_before_summaries_that_waited_for_the_service(site: Site) -> None:
    sensor = site.add("urgent", "--limit", "Temperature:2:8:CEL")
    site.service.stop()
    site.start()
    start = a_past_interval()
    sensor.send(message(reading(0, start)))
    until(lambda: site.rows("SELECT 1 FROM outbox"), "the summary is made")
    sensor.send(message(reading(1, now_ms(), 12)))
    until(lambda: len(site.rows("SELECT 1 FROM outbox")) == 2, "the alarm is made")
    site.service.start()
    summary, alarm = site.events(2)
    assert "exception" in reports(alarm)[0]
    assert alarm["recordTime"] < summary["recordTime"]


def test_late_readings_go_into_a_supplement_that_says_so(site: Site) -> None:
    sensor = site.add("late")
    site.start()
    start = a_past_interval()
    sensor.send(message(*(reading(n, start + n * 1000, 5) for n in (0, 1, 2, 5))))
    (first,) = site.events(1)
    sensor.send(message(reading(4, start + 4000, 7), reading(3, start + 3000, 6), reading(5, start + 5000, 5)))
    _, second = site.events(2)
    assert second["cs:supplement"] == {"cs:number": 1, "cs:to": first["eventID"]}
    assert (whole(second)["cs:count"], whole(second)["minValue"], whole(second)["maxValue"]) == (2, 6, 7)
    assert whole(first)["cs:count"] == 4


def test_a_breach_is_posted_at_once_and_once_and_its_end_too(site: Site) -> None:
    answer = site.stage.client.put(f"/v1/items{PRODUCT[18:]}", json=LIMITS, headers=site.stage.headers())
    assert answer.status_code in (201, 204), answer.text
    sensor = site.add("breach", "--product", PRODUCT)
    site.start()
    until(lambda: site.rows("SELECT 1 FROM limits WHERE item = ?", PRODUCT), "the limits are known")
    time.sleep(1.2)
    now = ago(0)
    values = [7.9, 8.4, 9.0, 7.95, 8.2, 7.5, 7.0]  # 7.95 is inside, but not well inside
    before = time.monotonic()
    sensor.send(*(reading(n, now - 60_000 + n * 1000, value) for n, value in enumerate(values)))
    alarm, end = site.events(2)
    assert time.monotonic() - before < 5, "it does not wait for its interval"
    (told,) = reports(alarm)
    assert (told["value"], told["exception"], told["cs:upperLimit"]) == (8.4, "ALARM_CONDITION", 8)
    (back,) = reports(end)
    assert (back["value"], "exception" in back) == (7.5, False)
    assert back["cs:excursion"]["cs:alarm"] == alarm["eventID"]
    assert back["cs:excursion"]["cs:worst"] == 9
    receipt = httpx.get(f"{site.service.url}/v1/receipts/{alarm['eventID']}").json()
    assert receipt["statement"]["flags"] == 1


def test_a_late_reading_out_of_limits_is_told_and_its_neighbours_are_not(site: Site) -> None:
    sensor = site.add("late-breach", "--limit", "Temperature:2:8:CEL")
    site.start()
    start = a_past_interval(8)
    sensor.send(message(reading(99, start + 4 * QUARTER, 5)))
    site.stored("late-breach", 1)
    sensor.send(message(*(reading(n, start + n * 60_000, 50) for n in range(10))))
    until(lambda: site.rows("SELECT 1 FROM outbox WHERE urgent"), "the alarm is made")
    events = [event for event in site.events(3) if "exception" in reports(event)[0]]
    assert [reports(event)[0]["cs:late"] for event in events] == [True]
    told = [whole(event) for event in site.events(3) if "cs:interval" in event]
    assert sorted(each["cs:outside"] for each in told) == [0, 10]


def test_a_flood_from_one_device_harms_no_other_and_is_counted(site: Site) -> None:
    noisy, quiet = site.add("noisy"), site.add("quiet")
    site.start()
    now = ago(1)
    for n in range(0, 2400, 200):
        noisy.send(*(reading(n + m, now) for m in range(200)))
    quiet.send(*(reading(n, now + n) for n in range(30)))
    site.stored("quiet", 30)
    until(lambda: site.count("noisy", "flood") + site.count("noisy", "stored") == 2400, "each is stored or counted")
    assert site.count("noisy", "flood") > 500
    assert site.count("quiet", "flood") == 0
    assert "refused flood" in site.command("status")


def test_what_can_not_be_believed_is_refused_by_name_and_kept(site: Site) -> None:
    sensor = site.add("odd")
    site.start()
    now = ago(1)
    hour = 3_600_000
    refused = {
        "implausible-value": [reading(1, now, 1e9), reading(2, now, -400)],
        "malformed-value": [b'{"seq": 3, "at": %d, "type": "Temperature", "value": NaN, "uom": "CEL"}' % now]
        + [reading(4, now, value) for value in (True, "5", None, [5])],
        "clock-ahead": [reading(5, now + 3 * hour), message(reading(6, now), sent=now + 5 * hour)],
        "clock-behind": [reading(7, now - 3 * hour), message(reading(8, now - 3 * hour), sent=now - 3 * hour)],
        "too-old": [message(reading(9, now - 9 * 24 * hour))],
        "not-json": [b"\xff\x00", b"[" * 60_000, b'{"seq": 1, "seq": 2}'],
        "malformed": [b"[]", {"readings": []}],
        "too-large": [b" " * 70_000],
        "unknown-unit": [reading(10, now, uom="KGM")],
        "unknown-measurement-type": [reading(11, now, type="Charm")],
        "missing": [{"seq": 12, "at": now, "type": "Temperature", "value": 4}, {}],
        "unknown-member": [reading(13, now, colour="red")],
        "malformed-time": [reading(14, "yesterday"), reading(15, 1.5)],  # type: ignore[arg-type]
        "foreign-device": [{**reading(16, now), "device": "another"}],
    }
    for payloads in refused.values():
        sensor.send(*payloads)
    sensor.send(message(reading(20, now), reading(21, now, 1e9), reading(22, now)))
    site.stored("odd", 2)
    for reason, payloads in refused.items():
        expected = len(payloads) + (reason == "implausible-value")
        until(lambda r=reason, n=expected: site.count("odd", r) == n, f"{reason} is counted")
    assert "implausible-value: Temperature 1e+09 CEL is outside" in site.command("refused", "--most", "100")
    told = json.loads(site.command("status", "--json"))
    (device,) = [each for each in told["devices"] if each["name"] == "odd"]
    assert device["refused"]["clock-ahead"] == 2
    assert site.rows("SELECT count(*) FROM readings")[0][0] == 2


def test_a_number_used_for_another_reading_is_refused_and_a_new_run_is_not(site: Site) -> None:
    sensor = site.add("restarting")
    site.start()
    now = ago(1)
    sensor.send(reading(0, now), reading(0, now), reading(0, now + 1000), reading(0, now + 1000, run="2"))
    site.stored("restarting", 2)
    until(lambda: site.count("restarting", "seq-used") == 1, "it is refused")
    assert site.count("restarting", "duplicate") == 1


def test_a_device_has_credentials_of_its_own_and_loses_them(site: Site, broker: BrokerProcess) -> None:
    one, two = site.add("one"), site.add("two")
    signing = site.added("three", "--signs")
    assert one.connected
    site.start()
    now = ago(1)
    one.send(reading(0, now), topic="sensors/two/readings")  # the broker lets it not
    two.send(reading(0, now))
    site.stored("two", 1)
    assert site.count("one", "stored") == 0
    assert signing[3].startswith("secret"), "shown once"
    site.command("device", "revoke", "two")
    time.sleep(1.2)
    two.send(reading(1, now + 1))
    until(lambda: site.count("two", "revoked-device") == 1, "a revoked device is refused")
    broker.reload()
    assert "two:" not in broker.passwords.read_text()
    again = site.tried("device", "add", "two", "--item", SSCC)
    assert again.returncode == 2
    assert "there is a device two already" in again.stderr
    assert site.stop() == 0
    assert site.stop() == 0


def test_events_wait_for_a_service_that_is_away_and_keep_their_order(site: Site) -> None:
    sensor = site.add("patient", "--limit", "Temperature:2:8:CEL")
    site.service.stop()
    site.start()
    start = a_past_interval(8)
    sensor.send(message(*(reading(n, start + n * QUARTER, 5 if n != 2 else 9) for n in range(4))))
    until(lambda: len(site.rows("SELECT 1 FROM outbox")) == 6, "four summaries, an alarm and its end are made")
    assert json.loads(site.command("status", "--json"))["outbox"] == {"waiting": 6, "posted": 0, "refused": 0}
    site.service.start()
    site.events(6)
    posted = site.rows("SELECT urgent FROM outbox ORDER BY posted, id")
    assert [row["urgent"] for row in posted][:2] == [1, 1], "alarms go first"


def test_the_broker_is_believed_only_with_a_certificate_of_its_authority(tmp_path: Path, gateway_stage: Stage) -> None:
    (tmp_path / "keys").mkdir()
    authority = Authority(tmp_path / "keys")
    authority.serving(["127.0.0.1"])
    (pem,) = (tmp_path / "keys").glob("*.pem")
    for name, issuer in (("right", authority), ("wrong", Authority(tmp_path))):
        certificate = issuer._certificate.public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(certificate)
    broker = BrokerProcess(tmp_path, pem=pem)
    try:
        with closing(Site(tmp_path / "site", gateway_stage, broker)) as site:
            site.configure(broker=f'tls = true\nca_file = "{tmp_path / "wrong.pem"}"')
            site.added("secured")
            site.start(connected=False)
            until(lambda: "certificate verify failed" in (site.folder / "log").read_text(), "it is told")
            assert site.fact("beat") is None
            site.stop()
            site.configure(broker=f'tls = true\nca_file = "{tmp_path / "right.pem"}"')
            site.start()
    finally:
        broker.close()
