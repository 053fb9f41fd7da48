"""A link against a real broker, heard by a client of its own."""

from __future__ import annotations

import json
import logging
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.config import MqttConfig
from edge.demo.broker import EmbeddedBroker
from edge.mqtt import RoomLink
from edge.mqtt import link as link_module
from edge.mqtt.backlog import Backlog
from pain.alarms import AlarmState, Condition
from pain.topics import Topics
from pain.wire import HeartbeatPayload
from tests.brokers import PATIENCE_S, MosquittoBroker, Recorder
from tests.edge.mqtt import samples
from tests.edge.mqtt.conftest import MakeLink
from tests.edge.mqtt.mute_broker import MuteBroker
from tests.edge.mqtt.samples import TOPICS

PROTOCOLS = ["5", "3.1.1"]
DISCOVERY = "homeassistant/device/painwatch-elm-court-ROOM-room-12/config"
BIRTH = [
    TOPICS.alarm(Condition.PAIN_MODERATE),
    TOPICS.alarm(Condition.PAIN_SEVERE),
    TOPICS.status,
    TOPICS.availability,
    DISCOVERY,
]


def watched(link: RoomLink) -> RoomLink:
    """Give a link a room's state, out of order."""
    link.publish_alarm(samples.alarm(Condition.PAIN_MODERATE))
    link.publish_alarm(samples.alarm(Condition.PAIN_SEVERE))
    link.publish_status(samples.status())
    return link


@pytest.fixture
def absent(tmp_path: Path) -> Iterator[MosquittoBroker]:
    """A broker that a test starts late."""
    broker = MosquittoBroker(tmp_path / "absent")
    yield broker
    broker.stop()


class TestBirth:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_state_comes_before_online_and_all_of_it_is_retained(
        self, absent: MosquittoBroker, make_link: MakeLink, protocol: str
    ) -> None:
        watched(make_link(absent.config(protocol=protocol)))
        absent.start()
        with Recorder(absent.port) as recorder:
            recorder.wait_for(lambda _: recorder.on(DISCOVERY))
            born = {heard.topic: heard for heard in recorder.messages}
        assert sorted(born) == sorted(BIRTH)
        assert all(heard.retain and heard.qos == 1 for heard in born.values())

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_its_order_is_alarms_status_availability_discovery(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink, protocol: str
    ) -> None:
        link = watched(make_link(broker.config(protocol=protocol)))
        recorder.wait_for(lambda _: recorder.on(DISCOVERY))
        # Where the link was quicker than this test, discovery was said before there was any state.
        recorder.wait_for_text(TOPICS.availability, "online")
        while link.pending:
            time.sleep(0.01)  # there is no event for the last acknowledgement
        recorder.clear()
        broker.stop()
        broker.start()
        assert link.wait_connected(PATIENCE_S)
        recorder.wait_for(lambda messages: messages and messages[-1].topic == DISCOVERY)
        # A broker that shuts down sends the wills of its clients first.
        after = [heard.topic for heard in recorder.messages if heard.text != "offline"]
        assert after == BIRTH

    def test_online_waits_for_the_first_status(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = make_link(broker.config())
        assert link.wait_connected(PATIENCE_S)
        recorder.wait_for(lambda messages: any(heard.topic == DISCOVERY for heard in messages))
        watched(link)
        recorder.wait_for_text(TOPICS.availability, "online")
        assert [heard.topic for heard in recorder.messages] == [DISCOVERY, *BIRTH[:-1]]

    def test_the_latest_state_is_told_after_a_restart(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = watched(make_link(broker.config()))
        recorder.wait_for_text(TOPICS.availability, "online")
        broker.stop()
        link.publish_alarm(samples.alarm(Condition.PAIN_SEVERE, AlarmState.ON))
        link.publish_alarm(samples.alarm(Condition.PAIN_SEVERE, AlarmState.LATCHED))
        recorder.clear()
        broker.start()
        recorder.wait_for_text(TOPICS.availability, "online")
        told = [
            json.loads(heard.payload) for heard in recorder.on(TOPICS.alarm(Condition.PAIN_SEVERE))
        ]
        assert told[-1]["state"] == "latched"
        assert "on" not in [alarm["state"] for alarm in told]

    def test_no_discovery_when_switched_off(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        watched(make_link(broker.config(homeassistant_prefix=None)))
        recorder.wait_for_text(TOPICS.availability, "online")
        assert DISCOVERY not in [heard.topic for heard in recorder.messages]

    def test_the_caller_is_told_of_each_connection(
        self, broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        connected = threading.Semaphore(0)
        make_link(broker.config(), on_connected=connected.release)
        assert connected.acquire(timeout=PATIENCE_S)
        broker.kill()
        broker.start()
        assert connected.acquire(timeout=PATIENCE_S)


class TestEnd:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_a_clean_stop_says_stopped_and_no_will_follows(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink, protocol: str
    ) -> None:
        link = watched(make_link(broker.config(protocol=protocol)))
        recorder.wait_for_text(TOPICS.availability, "online")
        link.publish_event(samples.alarm_event())
        link.stop()
        recorder.wait_for_text(TOPICS.availability, "stopped")
        recorder.publish("mark", "after the goodbye")
        recorder.wait_for_text("mark", "after the goodbye")
        assert [heard.text for heard in recorder.on(TOPICS.availability)] == ["online", "stopped"]
        assert len(recorder.on(TOPICS.event)) == 1
        assert not link.connected
        assert link.pending == 0

    def test_a_killed_process_leaves_the_will(
        self, broker: MosquittoBroker, recorder: Recorder
    ) -> None:
        with subprocess.Popen(
            [sys.executable, "-m", "tests.edge.mqtt.doomed", str(broker.port)],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
        ) as process:
            recorder.wait_for_text(TOPICS.availability, "online")
            process.send_signal(signal.SIGKILL)
            recorder.wait_for_text(TOPICS.availability, "offline")
        assert recorder.on(TOPICS.availability)[-1].retain

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_a_farewell_that_is_not_acknowledged_leaves_the_will(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        monkeypatch: pytest.MonkeyPatch,
        protocol: str,
    ) -> None:
        monkeypatch.setattr(link_module, "FAREWELL_S", 0.1)
        link = watched(make_link(broker.config(protocol=protocol)))
        recorder.wait_for_text(TOPICS.availability, "online")
        broker.freeze()
        try:
            link.stop()
        finally:
            broker.thaw()
        recorder.wait_for_text(TOPICS.availability, "offline")
        assert recorder.on(TOPICS.availability)[-1].text == "offline"

    def test_stop_does_not_wait_for_a_broker_that_never_came(
        self, absent: MosquittoBroker, make_link: MakeLink, caplog: pytest.LogCaptureFixture
    ) -> None:
        link = make_link(absent.config())
        link.publish_event(samples.alarm_event())
        with caplog.at_level(logging.ERROR):
            link.stop()
        assert "stopped with 1 unsent message" in caplog.text

    def test_no_thread_is_left(self, broker: MosquittoBroker, make_link: MakeLink) -> None:
        before = set(threading.enumerate())
        link = make_link(broker.config())
        assert link.wait_connected(PATIENCE_S)
        assert set(threading.enumerate()) - before
        link.stop()
        assert set(threading.enumerate()) == before


class TestEvents:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_events_wait_for_the_broker_and_come_once_in_order(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink, protocol: str
    ) -> None:
        link = watched(make_link(broker.config(protocol=protocol)))
        events = [samples.alarm_event() for _ in range(60)]
        for event in events[:20]:
            link.publish_event(event)
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) == 20)
        recorder.wait_for(lambda _: link.pending == 0)
        broker.stop()
        for event in events[20:]:
            link.publish_event(event)
        assert link.pending == 40
        broker.start()
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) >= 60)
        link.stop()
        recorder.wait_for_text(TOPICS.availability, "stopped")
        told = [json.loads(heard.payload)["id"] for heard in recorder.on(TOPICS.event)]
        assert told == [str(event.id) for event in events]
        assert all(heard.qos == 1 and not heard.retain for heard in recorder.on(TOPICS.event))

    def test_none_is_lost_when_the_broker_dies_in_the_middle(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = watched(make_link(broker.config()))
        events = [samples.alarm_event() for _ in range(300)]
        for event in events[:200]:
            link.publish_event(event)
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) >= 20)
        broker.stop()
        for event in events[200:]:
            link.publish_event(event)
        broker.start()
        recorder.wait_for(lambda _: link.pending == 0)
        recorder.wait_for(
            lambda _: (
                recorder.on(TOPICS.event)
                and json.loads(recorder.on(TOPICS.event)[-1].payload)["id"] == str(events[-1].id)
            )
        )
        told = [json.loads(heard.payload)["id"] for heard in recorder.on(TOPICS.event)]
        # QoS 1: what the broker had taken but not acknowledged may come twice, in its place.
        assert list(dict.fromkeys(told)) == [str(event.id) for event in events]

    def test_a_broker_that_acknowledges_nothing_is_left_and_asked_again(
        self, make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(link_module, "UNACKNOWLEDGED_S", 0.2)
        with MuteBroker() as mute:
            link = watched(make_link(mute.config()))
            link.publish_event(samples.alarm_event())
            mute.wait_for(TOPICS.event)

    def test_threads_may_publish_at_once(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = watched(make_link(broker.config()))
        assert link.wait_connected(PATIENCE_S)
        batches = [[samples.command_event(f"thread-{n}") for _ in range(40)] for n in range(4)]

        def publish(batch: list[samples.CommandEventPayload]) -> None:
            for event in batch:
                link.publish_event(event)

        threads = [threading.Thread(target=publish, args=(batch,)) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) == 160)
        told = [json.loads(heard.payload) for heard in recorder.on(TOPICS.event)]
        for n, batch in enumerate(batches):
            mine = [event["id"] for event in told if event["command"] == f"thread-{n}"]
            assert mine == [str(event.id) for event in batch]


class TestReadings:
    def test_a_reading_is_not_retained_and_expires(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = watched(make_link(broker.config()))
        recorder.wait_for_text(TOPICS.availability, "online")
        link.publish_reading(samples.reading(valid_s=4.2))
        recorder.wait_for(lambda _: recorder.on(TOPICS.reading))
        link.publish_reading(samples.reading(valid_s=4.2))
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.reading)) == 2)
        first, second = recorder.on(TOPICS.reading)
        # The first of a connection is acknowledged: a broker that takes none is told from others.
        assert (first.qos, second.qos) == (1, 0)
        assert [first.retain, second.retain] == [False, False]
        assert second.expiry_s == 5

    def test_3_1_1_knows_no_expiry(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = watched(make_link(broker.config(protocol="3.1.1")))
        recorder.wait_for_text(TOPICS.availability, "online")
        link.publish_reading(samples.reading())
        recorder.wait_for(lambda _: recorder.on(TOPICS.reading))
        assert recorder.on(TOPICS.reading)[0].expiry_s is None

    def test_without_a_connection_it_is_dropped_and_counted(
        self, absent: MosquittoBroker, make_link: MakeLink
    ) -> None:
        link = watched(make_link(absent.config()))
        for _ in range(3):
            link.publish_reading(samples.reading())
        assert link.dropped_readings == 3
        absent.start()
        with Recorder(absent.port) as recorder:
            recorder.wait_for_text(TOPICS.availability, "online")
            link.publish_reading(samples.reading(1.25))
            recorder.wait_for(lambda _: recorder.on(TOPICS.reading))
            assert json.loads(recorder.on(TOPICS.reading)[0].payload)["level"] == 1.25
        assert link.dropped_readings == 3


class TestCommands:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_a_command_arrives_with_name_and_payload(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
        protocol: str,
    ) -> None:
        watched(make_link(broker.config(protocol=protocol)))
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.publish(TOPICS.command("acknowledge"), b"\xff not JSON")
        assert commands.get(timeout=PATIENCE_S) == ("acknowledge", b"\xff not JSON", False)

    def test_commands_are_heard_again_after_a_restart(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
    ) -> None:
        watched(make_link(broker.config()))
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.clear()
        broker.kill()
        broker.start()
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.publish(TOPICS.command("resume"), b"{}")
        assert commands.get(timeout=PATIENCE_S) == ("resume", b"{}", False)

    def test_a_retained_command_is_marked(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
    ) -> None:
        recorder.publish(TOPICS.command("pause"), b"{}", retain=True)
        make_link(broker.config())
        assert commands.get(timeout=PATIENCE_S) == ("pause", b"{}", True)

    def test_of_an_oversized_one_only_the_beginning_is_handed_on(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
    ) -> None:
        watched(make_link(broker.config()))
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.publish(TOPICS.command("pause"), b"x" * 1_000_000)
        _, payload, _ = commands.get(timeout=PATIENCE_S)
        assert len(payload) == link_module.MAX_COMMAND_BYTES + 1

    def test_a_listener_that_raises_does_not_end_the_link(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        called = threading.Semaphore(0)

        def stumble(*_: object) -> None:
            called.release()
            if stumble.first:
                stumble.first = False
                raise RuntimeError("a mistake in the gateway")

        stumble.first = True
        link = watched(make_link(broker.config(), on_command=stumble))
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.publish(TOPICS.command("resume"), b"{}")
        assert called.acquire(timeout=PATIENCE_S)
        assert called.acquire(timeout=PATIENCE_S), "the broker delivers it again"
        link.publish_event(samples.alarm_event())
        recorder.wait_for(lambda _: recorder.on(TOPICS.event))


class TestExpiry:
    def test_a_status_expires_in_a_day_and_an_event_in_a_month(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        link = watched(make_link(broker.config()))
        link.publish_event(samples.alarm_event())
        recorder.wait_for(lambda _: recorder.on(TOPICS.event) and recorder.on(TOPICS.status))
        day_s = 86400
        assert recorder.on(TOPICS.status)[0].expiry_s == pytest.approx(day_s, abs=60)
        assert recorder.on(TOPICS.event)[0].expiry_s == pytest.approx(30 * day_s, abs=60)
        alarm = recorder.on(TOPICS.alarm(Condition.PAIN_SEVERE))[0]
        assert alarm.expiry_s is None, "an alarm stands until it is over"


class TestProtocol:
    def test_a_broker_that_knows_3_1_1_alone_is_spoken_to_in_3_1_1(
        self, make_link: MakeLink
    ) -> None:
        with EmbeddedBroker() as broker:
            link = make_link(MqttConfig(host="127.0.0.1", port=broker.port, plaintext=True))
            assert link.wait_connected(PATIENCE_S), link.failure
            assert link.failure is None
            link.publish_status(samples.status())
            link.publish_event(samples.alarm_event())
            link.stop()
            assert link.pending == 0

    def test_a_broker_that_knows_5_is_spoken_to_in_5(
        self, broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        assert make_link(broker.config(protocol="auto")).wait_connected(PATIENCE_S)
        broker.wait_for_log("as painwatch-elm-court-room-12 (p5, c0, k5)")


class TestStation:
    HEARTBEAT = "painwatch/elm-court/station/ward-2/heartbeat"

    @staticmethod
    def beat(*, at: datetime, valid_s: float) -> str:
        return HeartbeatPayload(
            station="ward-2", at=at, expires_at=at + timedelta(seconds=valid_s)
        ).model_dump_json()

    @pytest.mark.parametrize("ahead_s", [-86400, 0, 86400])
    def test_a_heartbeat_counts_from_its_arrival_whatever_the_clocks_say(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
        ahead_s: int,
    ) -> None:
        link = watched(make_link(broker.config(station="ward-2")))
        recorder.wait_for_text(TOPICS.availability, "online")
        assert link.listening_until_s < time.monotonic()
        at = datetime.now(UTC) + timedelta(seconds=ahead_s)
        recorder.publish(self.HEARTBEAT, self.beat(at=at, valid_s=30), retain=True)
        told_by_now(recorder, commands)
        assert link.listening_until_s == pytest.approx(time.monotonic() + 30, abs=20)
        assert link.station_time is not None
        now = link.station_time.at(time.monotonic())
        assert (now - datetime.now(UTC)).total_seconds() == pytest.approx(ahead_s, abs=20)

    @pytest.mark.parametrize(("age_s", "listens"), [(5, True), (60, False)])
    def test_one_that_the_broker_kept_counts_until_it_expires(  # noqa: PLR0917  (fixtures)
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
        age_s: int,
        listens: bool,
    ) -> None:
        at = datetime.now(UTC) - timedelta(seconds=age_s)
        recorder.publish(self.HEARTBEAT, self.beat(at=at, valid_s=30), retain=True)
        link = watched(make_link(broker.config(station="ward-2")))
        told_by_now(recorder, commands)
        assert (link.listening_until_s > time.monotonic()) is listens
        assert link.station_time is None, "nobody knows how old it is"

    def test_one_that_the_broker_kept_counts_no_longer_than_it_was_meant_to(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
    ) -> None:
        """A box without a battery begins in the past; the beat of a dead station lies ahead."""
        at = datetime.now(UTC) + timedelta(days=200)
        recorder.publish(self.HEARTBEAT, self.beat(at=at, valid_s=30), retain=True)
        link = watched(make_link(broker.config(station="ward-2")))
        told_by_now(recorder, commands)
        assert link.listening_until_s < time.monotonic() + 31

    @pytest.mark.parametrize("payload", [b"{", b"\xff", b'{"station": 7}'])
    def test_one_that_cannot_be_read_is_no_heartbeat(  # noqa: PLR0917  (fixtures)
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        commands: queue.Queue[tuple[str, bytes, bool]],
        payload: bytes,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        link = watched(make_link(broker.config(station="ward-2")))
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.publish(self.HEARTBEAT, payload)
        told_by_now(recorder, commands)
        assert link.listening_until_s < time.monotonic()
        assert "cannot be read" in caplog.text


def told_by_now(recorder: Recorder, commands: queue.Queue[tuple[str, bytes, bool]]) -> None:
    """The link has handled what came before: a command behind it was handed on."""
    recorder.wait_for_text(TOPICS.availability, "online")
    recorder.publish(TOPICS.command("resume"), b"{}")
    commands.get(timeout=PATIENCE_S)


class TestRestart:
    def test_events_of_a_run_that_was_cut_off_are_told_first(
        self,
        broker: MosquittoBroker,
        recorder: Recorder,
        make_link: MakeLink,
        tmp_path: Path,
    ) -> None:
        broker.stop()  # it remembers its subscriber
        file = tmp_path / "state" / "room.sqlite3"
        events = [samples.alarm_event() for _ in range(3)]
        link = watched(make_link(broker.config(), backlog=Backlog(file)))
        link.publish_events(events[:2], state=b"two stand")
        link.stop()
        again = make_link(broker.config(), backlog=Backlog(file))
        assert again.saved_state == b"two stand"
        watched(again).publish_event(events[2])
        broker.start()
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) == 3)
        told = [json.loads(heard.payload)["id"] for heard in recorder.on(TOPICS.event)]
        assert told == [str(event.id) for event in events]
        again.stop()
        left = Backlog(file)
        assert left.head() is None
        left.close()


class TestIdentity:
    def test_two_rooms_share_a_broker(
        self, broker: MosquittoBroker, recorder: Recorder, make_link: MakeLink
    ) -> None:
        other = Topics(site="elm-court", room="room-13")
        watched(make_link(broker.config()))
        watched(make_link(broker.config(), topics=other))
        recorder.wait_for_text(TOPICS.availability, "online")
        recorder.wait_for_text(other.availability, "online")

    def test_the_client_id_is_fixed_and_may_be_configured(
        self, broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        assert make_link(broker.config()).wait_connected(PATIENCE_S)
        assert make_link(broker.config(client_id="box-3")).wait_connected(PATIENCE_S)
        broker.wait_for_log("as painwatch-elm-court-room-12 (p5, c0, k5)")
        broker.wait_for_log("as box-3-room-12 (p5, c0, k5)")
