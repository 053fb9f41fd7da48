"""A room that has left is taken back from the broker, with the rights that the box has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from edge.config import MqttConfig
from edge.mqtt.departed import Abandoned, Left, retained_by, take_back
from edge.mqtt.discovery import discovery_topic
from pain.topics import Topics
from tests.brokers import PATIENCE_S, MosquittoBroker, Recorder
from tests.edge.mqtt import samples
from tests.edge.mqtt.conftest import MakeLink
from tests.systemd.shipped import SHIPPED

USERS = {"box-3": "Abendrot", "ear": "Morgenrot"}
ROOM, UNKNOWN = (Topics(site="rosenhof", room=room) for room in ("room-14", "room-99"))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    """The shipped access list, and an ear that hears everything."""
    acl = (SHIPPED / "mosquitto" / "acl").read_text() + "\nuser ear\ntopic readwrite #\n"
    with MosquittoBroker(tmp_path_factory.mktemp("acl"), users=USERS, acl=acl) as broker:
        yield broker


def box(broker: MosquittoBroker) -> MqttConfig:
    return broker.config(username="box-3", password=USERS["box-3"])


def ear(broker: MosquittoBroker) -> Recorder:
    """One that the broker does not know yet."""
    name = f"ear-{uuid4().hex}"
    return Recorder(broker.port, username="ear", password=USERS["ear"], client_id=name)


def kept(broker: MosquittoBroker) -> set[str]:
    """Topics of the messages that the broker keeps."""
    with ear(broker) as late:
        late.publish("end", "")
        late.wait_for(lambda _: late.on("end"))
        return {heard.topic for heard in late.messages if heard.retain and heard.payload}


def watch(broker: MosquittoBroker, make_link: MakeLink, *, for_good: bool) -> None:
    with ear(broker) as recorder:
        link = make_link(box(broker), topics=ROOM)
        link.publish_alarm(samples.alarm())
        link.publish_status(samples.status())
        recorder.wait_for_text(ROOM.availability, "online")
        recorder.wait_for(lambda _: recorder.on(discovery_topic("homeassistant", ROOM)))
        deadline = time.monotonic() + PATIENCE_S
        while link.pending and time.monotonic() < deadline:
            time.sleep(0.01)  # there is no event for the last acknowledgement
        if for_good:
            link.stop()


def left(broker: MosquittoBroker, topics: Topics) -> Left:
    return Left(topics=topics, retained=retained_by(box(broker), topics))


def test_nothing_of_a_room_that_has_left_is_kept(
    guarded: MosquittoBroker, make_link: MakeLink
) -> None:
    watch(guarded, make_link, for_good=True)
    assert discovery_topic("homeassistant", ROOM) in kept(guarded)
    take_back(box(guarded), left(guarded, ROOM))
    assert kept(guarded) == set()


def test_a_room_that_a_box_watches_is_left_alone(
    guarded: MosquittoBroker, make_link: MakeLink
) -> None:
    watch(guarded, make_link, for_good=False)
    before = kept(guarded)
    with pytest.raises(Abandoned, match="room-14 is online"):
        take_back(box(guarded), left(guarded, ROOM))
    assert kept(guarded) == before
    take_back(box(guarded), left(guarded, ROOM), although_online=True)
    assert kept(guarded) == set()


def test_rights_that_lack_are_named(guarded: MosquittoBroker) -> None:
    with pytest.raises(Abandoned, match=f"refuses messages on {UNKNOWN.reading}.*topic write"):
        take_back(box(guarded), left(guarded, UNKNOWN))


def test_a_broker_that_is_away_is_told(tmp_path: Path) -> None:
    broker = MosquittoBroker(tmp_path / "away")
    mqtt = broker.config(connect_timeout_s=0.5)
    with pytest.raises(Abandoned, match="nothing listens at"):
        take_back(mqtt, Left(topics=ROOM, retained=retained_by(mqtt, ROOM)))
