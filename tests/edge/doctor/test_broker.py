from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from edge.config import MqttConfig
from edge.doctor.broker import Place
from edge.doctor.broker import broker as look
from edge.doctor.finding import Finding, Verdict
from pain.alarms import Condition
from pain.topics import Topics, station_heartbeat
from pain.wire import HeartbeatPayload
from tests.brokers import MosquittoBroker, Recorder, free_port
from tests.edge.mqtt.strict_broker import SUBSCRIBE, Denies, StrictBroker, above, forbids
from tests.systemd.shipped import SHIPPED, ShippedBroker

RIGHT, WRONG = "Abendrot", "Morgenrot"
TOPICS = Topics(site="elm-court", room="room-12")
ROOM = Place(id="room-12", name="Room 12")


def examine(
    mqtt: MqttConfig, *, site: str = "elm-court", rooms: list[Place] | None = None
) -> list[Finding]:
    return look(mqtt, site=site, rooms=rooms or [ROOM])


def verdicts(findings: list[Finding]) -> list[Verdict]:
    return [finding.verdict for finding in findings]


def test_a_broker_that_lets_us_in_and_takes_all(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "broker", users={"box": RIGHT}) as broker:
        connection, rights = examine(broker.config(username="box", password=RIGHT))
    assert (connection.verdict, rights.verdict) == (Verdict.OK, Verdict.OK)
    assert "as box" in connection.found
    assert "room-12" in rights.check


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedBroker]:
    users = ("room-12", "box-3")
    with ShippedBroker(tmp_path_factory.mktemp("shipped"), users=users) as running:
        yield running


@pytest.mark.parametrize(
    ("user", "rooms"),
    [("room-12", ["room-12"]), ("box-3", ["room-14", "room-15"])],
)
def test_with_the_shipped_files_nothing_is_amiss_at_the_boxes_that_they_name(
    shipped: ShippedBroker, user: str, rooms: list[str]
) -> None:
    places = [Place(id=room, name=room) for room in rooms]
    found = examine(shipped.config(user), site="rosenhof", rooms=places)
    assert verdicts(found) == [Verdict.OK] * (1 + len(rooms)), found


def test_the_example_config_is_of_a_box_that_the_access_list_names(shipped: ShippedBroker) -> None:
    example = yaml.safe_load((SHIPPED.parent / "configs" / "room.yaml").read_text())
    places = [Place(id=room["id"], name=room["name"]) for room in example["rooms"]]
    mqtt = shipped.config(example["mqtt"]["username"])
    found = examine(mqtt, site=example["site"], rooms=places)
    assert verdicts(found) == [Verdict.OK] * (1 + len(places)), found
    station = yaml.safe_load((SHIPPED.parent / "configs" / "station.yaml").read_text())
    assert {place.id for place in places} <= {room["id"] for room in station["rooms"]}


def test_a_room_that_the_access_list_does_not_know_fails_and_each_line_is_named(
    shipped: ShippedBroker,
) -> None:
    known, new = Place(id="room-14", name="14"), Place(id="room-16", name="16")
    found = examine(shipped.config("box-3"), site="rosenhof", rooms=[known, new])
    assert verdicts(found) == [Verdict.OK, Verdict.OK, Verdict.FAIL, Verdict.WARN]
    for leaf in ("availability", "status", "reading", "event", "alarm/+"):
        assert f"topic write painwatch/rosenhof/room-16/{leaf}" in found[2].remedy
    assert "topic write homeassistant/device" in found[3].remedy
    for finding in found:
        assert "command" not in finding.remedy, "a box must not be able to forge its commands"


def test_what_is_refused_in_silence_is_found_by_listening_to_oneself(
    shipped: ShippedBroker,
) -> None:
    known, new = Place(id="room-14", name="14"), Place(id="room-16", name="16")
    mqtt = shipped.config("box-3", protocol="3.1.1")
    found = examine(mqtt, site="rosenhof", rooms=[known, new])
    assert verdicts(found) == [Verdict.OK, Verdict.OK, Verdict.FAIL]
    assert "topic readwrite painwatch/rosenhof/room-16/availability" in found[2].remedy


@pytest.mark.parametrize("missing", [None, Condition.CAMERA_LOST])
def test_an_access_list_may_name_each_alarm(tmp_path: Path, missing: Condition | None) -> None:
    leaves = ["availability", "status", "reading", "event"]
    leaves += [f"alarm/{condition}" for condition in Condition if condition is not missing]
    lines = [f"topic write {TOPICS.base}/{leaf}" for leaf in leaves]
    lines.append(f"topic read {TOPICS.commands}")
    acl = "user box\n" + "\n".join(lines) + "\n"
    with MosquittoBroker(tmp_path / "each", users={"box": RIGHT}, acl=acl) as broker:
        mqtt = broker.config(username="box", password=RIGHT, homeassistant_prefix=None)
        found = examine(mqtt)
    assert verdicts(found) == [Verdict.OK, Verdict.OK if missing is None else Verdict.FAIL], found
    if missing is not None:
        assert TOPICS.alarm(missing) in found[1].found


@pytest.mark.parametrize("silent", [False, True], ids=["reason", "silent"])
@pytest.mark.parametrize(
    ("denies", "verdict", "named"),
    [
        (forbids("homeassistant/"), Verdict.WARN, "homeassistant/device/"),
        (above(3000), Verdict.WARN, "homeassistant/device/"),
        (forbids(TOPICS.event), Verdict.FAIL, TOPICS.event),
        (forbids(TOPICS.commands, packet=SUBSCRIBE), Verdict.FAIL, TOPICS.commands),
    ],
    ids=["discovery", "size", "event", "subscription"],
)
def test_a_broker_that_ends_the_connection_is_asked_on_and_the_topic_is_named(
    tmp_path: Path, denies: Denies, verdict: Verdict, named: str, *, silent: bool
) -> None:
    with (
        MosquittoBroker(tmp_path / "broker") as broker,
        StrictBroker(broker.port, denies, silent=silent) as strict,
    ):
        found = examine(strict.config())
    bad = [finding for finding in found if finding.verdict is not Verdict.OK]
    assert verdicts(bad) == [verdict], found
    assert named in bad[0].found


def test_a_limit_for_packets_is_told(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "small", extra=["max_packet_size 3000"]) as broker:
        found = examine(broker.config())
    assert verdicts(found) == [Verdict.OK, Verdict.OK, Verdict.WARN]
    assert "at most 3,000 bytes" in found[2].found


def test_nothing_that_is_tried_is_kept_but_the_daemons_own_discovery(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "broker") as broker:
        examine(broker.config())
        with Recorder(broker.port) as late:
            late.publish("end", "")
            late.wait_for(lambda _: late.on("end"))
            kept = [heard.topic for heard in late.messages if heard.topic != "end"]
    assert kept == ["homeassistant/device/painwatch-elm-court-ROOM-room-12/config"]


@pytest.mark.parametrize(("beats", "verdict"), [(True, Verdict.OK), (False, Verdict.WARN)])
def test_a_station_that_is_expected_is_listened_for(
    tmp_path: Path, *, beats: bool, verdict: Verdict
) -> None:
    with MosquittoBroker(tmp_path / "broker") as broker, Recorder(broker.port) as ear:
        if beats:
            ear.publish(station_heartbeat("elm-court", "ward-2"), "{}", retain=True)
        found = examine(broker.config(station="ward-2"))
    assert found[-1].verdict is verdict
    assert "ward-2" in found[-1].check


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [(7200, "119 min ahead of"), (-7200, "2 h 0 min behind"), (20, None), (0, None)],
)
def test_a_clock_that_is_not_the_stations_is_named(
    tmp_path: Path, ahead_s: int, words: str | None
) -> None:
    sent = datetime.now(UTC) - timedelta(seconds=ahead_s)
    beat = HeartbeatPayload(station="ward-2", at=sent, expires_at=sent + timedelta(seconds=40))
    with MosquittoBroker(tmp_path / "broker") as broker, Recorder(broker.port) as ear:
        topic = station_heartbeat("elm-court", "ward-2")
        ear.publish(topic, beat.model_dump_json(), retain=True)
        found = examine(broker.config(station="ward-2"))[-1]
    assert found.verdict is (Verdict.OK if words is None else Verdict.WARN)
    assert (words or "is heard") in found.found


def test_wrong_credentials_fail(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "broker", users={"box": RIGHT}) as broker:
        (connection,) = examine(broker.config(username="box", password=WRONG))
    assert connection.verdict is Verdict.FAIL
    assert "mqtt.username" in connection.found


def test_an_absent_broker_fails() -> None:
    mqtt = MqttConfig(host="127.0.0.1", port=free_port(), plaintext=True, connect_timeout_s=0.5)
    (connection,) = examine(mqtt)
    assert connection.verdict is Verdict.FAIL
    assert "nothing listens at" in connection.found


def test_a_password_file_that_is_gone_fails(tmp_path: Path) -> None:
    mqtt = MqttConfig(host="127.0.0.1", username="box", password_file=tmp_path / "gone")
    (connection,) = examine(mqtt)
    assert connection.verdict is Verdict.FAIL
    assert "gone" in connection.found
