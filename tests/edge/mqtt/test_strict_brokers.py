"""Brokers that end the connection for what they do not take: alarms are told all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.mqtt import RoomLink
from edge.mqtt.discovery import discovery_topic
from pain.topics import station_heartbeat
from tests.brokers import PATIENCE_S, MosquittoBroker, Recorder
from tests.edge.mqtt import samples
from tests.edge.mqtt.conftest import MakeLink
from tests.edge.mqtt.samples import TOPICS
from tests.edge.mqtt.strict_broker import SUBSCRIBE, Denies, StrictBroker, above, forbids

DISCOVERY = discovery_topic("homeassistant", TOPICS)


def tell(link: RoomLink) -> None:
    """What a room has to say in its first seconds."""
    link.publish_status(samples.status())
    link.publish_alarm(samples.alarm())
    link.publish_event(samples.alarm_event())


def until(link: RoomLink, what: str) -> str:
    """Wait until the link says this of what is withheld."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        link.publish_reading(samples.reading())
        if link.connected and what in (link.withheld or ""):
            return link.withheld or ""
        time.sleep(0.1)  # there is no event for the sentence
    raise AssertionError((link.connected, link.withheld, link.failure))


@pytest.mark.parametrize(
    ("denies", "protocol", "silent"),
    [
        (forbids("homeassistant/"), "5", False),
        (forbids("homeassistant/"), "3.1.1", True),
        (above(3000), "5", True),
        (above(3000), "3.1.1", True),
    ],
    ids=["topic-5", "topic-3.1.1", "size-5-silent", "size-3.1.1"],
)
def test_discovery_that_ends_the_connection_holds_up_no_alarm(
    broker: MosquittoBroker,
    make_link: MakeLink,
    caplog: pytest.LogCaptureFixture,
    *,
    protocol: str,
    denies: Denies,
    silent: bool,
) -> None:
    with (
        StrictBroker(broker.port, denies, silent=silent) as strict,
        Recorder(broker.port, filter="painwatch/#") as recorder,
    ):
        link = make_link(strict.config(protocol=protocol))
        tell(link)
        recorder.wait_for(lambda _: recorder.on(TOPICS.event))
        ends = 1 if protocol == "5" and not silent else 2
        deadline = time.monotonic() + PATIENCE_S
        while "no Home Assistant discovery" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.05)  # a line of the log has no event either
        link.publish_event(samples.alarm_event())
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) == 2)
        assert strict.denied == {DISCOVERY: ends}
        assert link.connected
        assert link.withheld is None, "nobody's care hangs on discovery"
        assert "another client" not in caplog.text
        assert DISCOVERY in caplog.text
        link.stop()


def test_the_brokers_own_limit_for_packets_is_kept(
    tmp_path: Path, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        MosquittoBroker(tmp_path / "small", extra=["max_packet_size 3000"]) as broker,
        Recorder(broker.port) as recorder,
    ):
        link = make_link(broker.config())
        tell(link)
        recorder.wait_for(lambda _: recorder.on(TOPICS.event))
        link.publish_event(samples.alarm_event(detail="word " * 800))
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) == 2)
        assert link.connected
        assert link.withheld is None
        link.stop()
        assert not recorder.on(DISCOVERY)
        assert recorder.on(TOPICS.availability)[-1].text == "stopped"
        assert len(recorder.on(TOPICS.event)[-1].payload) < 3000
        assert len(recorder.on(TOPICS.availability)) == 2, "one connection was enough"
    assert "takes packets of at most 3,000 bytes" in caplog.text


@pytest.mark.parametrize("silent", [False, True], ids=["reason", "silent"])
@pytest.mark.parametrize("topic", [TOPICS.status, TOPICS.reading, TOPICS.availability])
def test_whatever_of_a_room_ends_the_connection_its_events_are_told(
    broker: MosquittoBroker, make_link: MakeLink, topic: str, silent: bool
) -> None:
    with (
        StrictBroker(broker.port, forbids(topic), silent=silent) as strict,
        Recorder(broker.port, filter="painwatch/#") as recorder,
    ):
        link = make_link(strict.config())
        tell(link)
        recorder.wait_for(lambda _: recorder.on(TOPICS.event))
        assert topic in until(link, topic)
        link.publish_event(samples.alarm_event())
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.event)) == 2)
        link.stop()


@pytest.mark.parametrize("silent", [False, True], ids=["reason", "silent"])
@pytest.mark.parametrize(
    "topic", [TOPICS.commands, station_heartbeat(TOPICS.site, "ward-2")], ids=["command", "heart"]
)
def test_a_subscription_that_ends_the_connection_holds_up_no_alarm(
    broker: MosquittoBroker, make_link: MakeLink, topic: str, silent: bool
) -> None:
    with (
        StrictBroker(broker.port, forbids(topic, packet=SUBSCRIBE), silent=silent) as strict,
        Recorder(broker.port, filter="painwatch/#") as recorder,
    ):
        link = make_link(strict.config(station="ward-2"))
        tell(link)
        recorder.wait_for(lambda _: recorder.on(TOPICS.event))
        until(link, topic)
        link.stop()


REFUSALS = ["status", "reading", "availability", "alarm/+"]


@pytest.fixture(params=REFUSALS)
def refusing(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, MosquittoBroker]]:
    """A mosquitto whose access list lacks one line."""
    allowed = [leaf for leaf in (*REFUSALS, "event") if leaf != request.param]
    acl = "".join(f"topic write painwatch/elm-court/room-12/{leaf}\n" for leaf in allowed)
    acl += "user ear\ntopic read #\n"
    users = {"box": "a", "ear": "b"}
    anyone = "user box\n" + acl
    with MosquittoBroker(tmp_path / "acl", acl=anyone, users=users) as broker:
        yield request.param.removesuffix("+"), broker


def test_a_line_that_lacks_in_the_access_list_is_told_and_events_go_on(
    refusing: tuple[str, MosquittoBroker], make_link: MakeLink
) -> None:
    leaf, broker = refusing
    with Recorder(broker.port, username="ear", password="b") as recorder:  # noqa: S106  made up
        link = make_link(broker.config(username="box", password="a"))  # noqa: S106  made up
        tell(link)
        recorder.wait_for(lambda _: recorder.on(TOPICS.event))
        assert "does not let user 'box' publish" in until(link, leaf)
        link.stop()
