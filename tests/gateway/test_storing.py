"""What is stored and summed up, whatever the order, on the gateway's own database and without a network."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_service.gateway import devices, store, summaries, telling
from chain_service.gateway.config import Broker, Config, Service
from chain_service.gateway.intake import Arrived, Intake
from tests.gateway.ground import DAY, SSCC, message, reading, reports

NOW = 1_800_000_000_000 // 900_000 * 900_000 + 450_000
START = NOW - 450_000 - 4 * 900_000


class Bench:
    """A gateway's database with one device, `d`, whose limits are 2 to 8 degrees."""

    def __init__(self, folder: Path) -> None:
        nowhere = folder / "none"
        service = Service(
            url="http://127.0.0.1:1",
            token_file=nowhere,
            keystore=nowhere,
            keystore_password_file=nowhere,
            network_file=nowhere,
        )
        self.config = Config.model_validate({"folder": folder, "broker": Broker(host="h"), "service": service})
        self.database = store.connect(folder)
        limits = {"Temperature": {"min": 2, "max": 8, "uom": "CEL"}}
        devices.add(self.database, folder, "d", SSCC, START - DAY, limits=limits)
        self.intake = Intake(self.database, self.config)

    def take(self, *rows: dict[str, Any], at: int = NOW) -> None:
        payload = json.dumps(message(*rows, sent=at)).encode()
        self.intake.store([Arrived("d", payload, at)], at)

    def close(self, now: int = NOW + 120_000) -> None:
        while summaries.close_due(self.database, self.config, now):
            pass

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(row["event"]) for row in self.database.execute("SELECT event FROM outbox ORDER BY id")]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_each_reading_is_in_one_summary_whatever_the_order(data: st.DataObject) -> None:
    rows = [reading(n, START + n * 120_000, n % 7) for n in range(20)]
    order = data.draw(st.permutations(rows + rows[:8]))
    closed_after = data.draw(st.sets(st.integers(0, 27)))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for number, row in enumerate(order):
            bench.take(row, at=NOW + number)
            if number in closed_after:
                bench.close()
        bench.close()
        told = [each for event in bench.events() if "cs:interval" in event for each in reports(event)]
        assert sum(each["cs:count"] for each in told if "cs:count" in each) == 20
        parts = bench.database.execute("SELECT count(*) FROM readings GROUP BY part").fetchall()
        held = bench.database.execute("SELECT count FROM parts ORDER BY id").fetchall()
        assert sorted(row[0] for row in parts) == sorted(row[0] for row in held)
        outside = sum(not 2 <= row["value"] <= 8 for row in rows)
        assert sum(each.get("cs:outside", 0) for each in told) == outside
        alarms = [each for event in bench.events() for each in reports(event) if "exception" in each]
        assert 1 <= len(alarms) <= outside
        bench.database.close()


def test_raw_readings_go_after_their_time_and_only_once_their_event_is_stored(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.take(reading(1, START), reading(2, START + 1000))
    bench.close()
    (event,) = bench.events()
    digest = event["sensorElementList"][0]["sensorMetadata"]["rawData"]
    later = NOW + 91 * DAY
    assert summaries.forget_old(bench.database, bench.config, later) == 0
    bench.database.execute("UPDATE outbox SET state = 'posted'")
    assert summaries.forget_old(bench.database, bench.config, NOW + 89 * DAY) == 0
    assert len(telling.readings(bench.database, digest)[1]) == 2
    assert summaries.forget_old(bench.database, bench.config, later) == 2
    with pytest.raises(ValueError, match="past their retention: 0 of 2"):
        telling.readings(bench.database, digest)


def test_a_device_that_moves_on_leaves_its_readings_with_the_item_they_were_of(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    lot = "https://id.gs1.org/01/09521101100105/10/L1"
    devices.move(bench.database, "d", lot, START + 5000)
    bench.intake.refresh()
    bench.take(reading(1, START + 4999), reading(2, START + 5000))
    bench.close()
    first, second = bench.events()
    assert first["epcList"] == [SSCC]
    assert second["quantityList"] == [{"epcClass": lot}]
    with pytest.raises(devices.DeviceError, match="take a later time"):
        devices.move(bench.database, "d", SSCC, START + 5000)


def test_an_excursion_goes_on_over_a_restart_and_is_told_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.take(reading(1, START, 9))
    bench.intake = Intake(bench.database, bench.config)
    bench.take(reading(2, START + 1000, 11), reading(3, START + 2000, 5), reading(4, START + 3000, 1))
    told = [reports(event)[0] for event in bench.events()]
    assert [each.get("exception") for each in told] == ["ALARM_CONDITION", None, "ALARM_CONDITION"]
    assert told[1]["cs:excursion"]["cs:worst"] == 11


def test_a_transaction_that_fails_leaves_no_state_in_memory(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.database.execute("ALTER TABLE counts RENAME TO away")
    with pytest.raises(Exception, match="no such table"):
        bench.take(reading(1, START, 9))
    bench.database.execute("ALTER TABLE away RENAME TO counts")
    assert bench.events() == []
    bench.take(reading(1, START, 9))
    assert len(bench.events()) == 1


@pytest.mark.parametrize(
    ("name", "item", "said"),
    [
        ("a/b", SSCC, "no device name"),
        ("+", SSCC, "no device name"),
        ("ok", "https://id.gs1.org/00/395212010000044018", "check digit"),
        ("ok", "https://id.gs1.org/414/9521202000014", "names no item"),
        ("d", SSCC, "already"),
    ],
)
def test_a_device_that_can_not_be_is_told_why(tmp_path: Path, name: str, item: str, said: str) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(ValueError, match=said):
        devices.add(bench.database, tmp_path, name, item, 0)
