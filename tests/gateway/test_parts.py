"""The pure parts: messages of any kind, clocks, units, limits, floods, trees and the broker's files."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_service.gateway import broker_files, clocks, config, devices, limits, payloads, store, trees
from chain_service.gateway.clocks import Absence, Rule
from chain_service.gateway.flood import Buckets
from chain_service.gateway.limits import Limit
from chain_service.gateway.measurements import MEASUREMENTS, WORDS, kept_in
from chain_service.gateway.mqtt import Subscription
from chain_service.kit.vocabulary import MEASUREMENTS as GS1
from tests.gateway.ground import MOSQUITTO, BrokerProcess, Sensor, until

MINUTE, HOUR = 60_000, 3_600_000
RULE = Rule(5 * MINUTE, 7 * 24 * HOUR)
NOW = 1_800_000_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = ("seq", "at", "type", "value", "uom", "sent", "run", "readings", "component", "device")


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON | st.sampled_from(sorted(WORDS))))
def test_no_message_breaks_the_reader(content: dict[str, object]) -> None:
    read = payloads.read(json.dumps(content).encode(), "d", None, {})
    assert all(isinstance(each.seq, int) and each.value is not None for each in read.readings)
    assert read.readings or read.refusals


@given(st.binary())
def test_no_bytes_break_the_reader(data: bytes) -> None:
    assert payloads.read(data, "d", None, {}).refusals
    assert payloads.read(data, "d", b"k", {}).refusals


def test_a_device_that_signs_must_sign_and_only_for_itself() -> None:
    body = json.dumps({"seq": 1, "at": NOW, "type": "light", "value": 3, "uom": "LUX"})
    outer = json.dumps({"body": body, "hmac": payloads.mac(b"k", "d", body.encode())}).encode()
    assert payloads.read(outer, "d", b"k", {}).readings[0].kind == "Illuminance"
    for device, secret, sent in (("e", b"k", outer), ("d", b"other", outer)):
        assert payloads.read(sent, device, secret, {}).refusals[0].reason == "wrong-hmac"
    assert payloads.read(body.encode(), "d", b"k", {}).refusals[0].reason == "unsigned"


@pytest.mark.parametrize(
    ("at", "sent", "away", "expected"),
    [
        (NOW, None, [], None),
        (NOW - 4 * MINUTE, None, [], None),
        (NOW + 6 * MINUTE, None, [], clocks.AHEAD),
        (NOW - HOUR, None, [], clocks.BEHIND),
        (NOW - HOUR, NOW, [], None),
        (NOW - HOUR, NOW - HOUR, [], clocks.BEHIND),
        (NOW - HOUR, None, [Absence(NOW - 2 * HOUR, NOW - MINUTE)], None),
        (NOW - 3 * HOUR, None, [Absence(NOW - 2 * HOUR, NOW - MINUTE)], clocks.BEHIND),
        (NOW + HOUR, NOW, [], clocks.AHEAD),
        (NOW - 8 * 24 * HOUR, NOW, [], clocks.TOO_OLD),
        (0, NOW, [], clocks.TOO_OLD),
    ],
)
def test_a_clock_is_believed_or_not(at: int, sent: int | None, away: list[Absence], expected: str | None) -> None:
    assert clocks.judge(RULE, at, sent, NOW, away) == expected


def test_units_are_converted_and_types_are_gs1s() -> None:
    assert kept_in("Temperature", 39.2, "FAH") == 4
    assert kept_in("Temperature", 277.15, "KEL") == 4
    assert set(MEASUREMENTS) <= GS1.words


def test_limits_in_another_unit_are_converted_and_an_end_needs_a_margin() -> None:
    limit = limits.parse({"Temperature": {"min": 35.6, "max": 46.4, "uom": "FAH"}})["Temperature"]
    assert limit == Limit(2, 8)
    assert [limit.outside(value) for value in (1.9, 2, 8, 8.1)] == [True, False, False, True]
    assert [limit.back(value, 0.2) for value in (7.9, 7.8, 2.1, 2.2)] == [False, True, False, True]
    assert Limit(2, 2.2).back(2.1, 1), "a narrow range can be come back to"
    with pytest.raises(limits.InvalidLimit, match="KGM is no unit of Temperature"):
        limits.parse({"Temperature": {"max": 5, "uom": "KGM"}})
    assert limits.parse({"Charm": {"max": 5, "uom": "C62"}}, lenient=True) == {}


def test_a_bucket_empties_and_fills_again() -> None:
    clock = [0.0]
    buckets = Buckets(1, 3, lambda: clock[0])
    assert [buckets.take("d", 10) for _ in range(4)] == [True, True, True, False]
    assert buckets.take("e", 10)
    clock[0] = 2
    assert [buckets.take("d", 10) for _ in range(3)] == [True, True, False]
    assert not buckets.take("f", 1000), "a large message counts as many"


@given(st.integers(1, 40), st.data())
def test_each_reading_is_proven_alone_and_no_other(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    rows = [
        {"device": "urn:d", "type": "Temperature", "value": n, "uom": "CEL", "salt": f"{n:032x}"} for n in range(count)
    ]
    proof = trees.proof("urn:e", rows, index)
    report = {"cs:count": count}
    metadata = {"rawData": proof["rawData"], "deviceID": "urn:d"}
    event = {"eventID": "urn:e", "sensorElementList": [{"sensorMetadata": metadata, "sensorReport": [report]}]}
    assert f"reading {index + 1} of {count}" in trees.check(proof, event)
    with pytest.raises(trees.InvalidProof):
        trees.check({**proof, "reading": {**rows[index], "value": -1}})
    with pytest.raises(trees.InvalidProof):
        trees.check(proof, {"sensorElementList": []})


@pytest.mark.parametrize("proof", [None, {}, [], {"type": trees.KIND}, {"type": trees.KIND, "rawData": "ni:///x"}])
def test_what_is_no_proof_is_refused(proof: object) -> None:
    with pytest.raises(trees.InvalidProof):
        trees.check(proof)


def test_a_wrong_configuration_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    for text, said in (("folder = ", "no TOML"), ('folder = "x"\ncolour = 1', "colour"), ('folder = "x"', "broker")):
        path.write_text(text)
        with pytest.raises(ValueError, match=said):
            config.read(path)


def test_what_one_process_writes_another_finds_whoever_connects_meanwhile(tmp_path: Path) -> None:
    """A file opened beside SQLite, and closed, drops this process's locks: who leaves next deletes the journal."""
    first, second = store.connect(tmp_path), store.connect(tmp_path)
    program = "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT * FROM absences').fetchall())"
    for _ in range(2):
        first.execute("INSERT INTO absences VALUES (1, 2)")
        read = [sys.executable, "-c", program, str(tmp_path / "gateway.db")]
        told = subprocess.run(read, capture_output=True, text=True, check=True).stdout
        store.connect(tmp_path).close()
    assert told.count("(1, 2)") == 2
    second.close()


def test_the_examples_in_the_documentation_are_read(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/partners-sensors.md").read_text()
    (toml,) = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "gateway.toml").write_text(toml)
    read = config.read(tmp_path / "gateway.toml")
    assert read.broker.password_file == tmp_path / "broker-password"
    (block,) = re.findall(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    for line in block.splitlines():
        assert payloads.read(line.encode(), "reefer-1", None, {}).readings, line
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([A-Z0-9]+)", text, re.MULTILINE)
    kept = {name: known.unit for name, known in MEASUREMENTS.items()} | {"Position": "DD"}
    assert {name: unit for name, _, unit in rows} == kept
    assert all(WORDS[word] == name for name, word, _ in rows)


NO_MOSQUITTO = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not on this machine")


@pytest.mark.parametrize(("kind", "protocol"), [("aedes", "3.1.1"), pytest.param("mosquitto", "5", marks=NO_MOSQUITTO)])
def test_a_broker_takes_the_files_and_sends_again_what_was_not_acknowledged(
    tmp_path: Path, kind: str, protocol: str
) -> None:
    database = store.connect(tmp_path / "state")
    broker = BrokerProcess(tmp_path, kind)
    made = devices.add(database, tmp_path, "d1", "https://id.gs1.org/00/395212010000044010", 0)
    broker_files.write(database, broker.passwords, broker.access, "sensors", ("gateway", "pw"))
    broker.reload()
    (tmp_path / "pw").write_text("pw")
    own = {"host": "127.0.0.1", "port": broker.port, "user": "gateway", "password_file": tmp_path / "pw"}
    subscription = Subscription(config.Broker(**own, protocol=protocol), Buckets(100, 100, time.monotonic))
    try:
        right, wrong = Sensor(broker.port, "d1", made.password), Sensor(broker.port, "d1", "guess")
        assert (right.connected, wrong.connected) == (True, False)
        subscription.start()
        until(lambda: subscription.connected, "the gateway is at the broker")
        time.sleep(0.3)
        right.send(b"another's", topic="sensors/d2/readings")
        right.send(b"first")
        assert subscription.waiting.get(timeout=5).message.payload == b"first"
        subscription.stop()
        right.send(b"second")
        again = Subscription(config.Broker(**own, protocol=protocol), Buckets(100, 100, time.monotonic))
        again.start()
        came = [again.waiting.get(timeout=5) for _ in range(2)]
        assert [each.message.payload for each in came] == [b"first", b"second"], "not acknowledged: it comes again"
        again.stop()
        right.close()
    finally:
        broker.close()
