"""A broker that refuses is a fault with a name and a remedy, whatever way it has of refusing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.mqtt import RoomLink
from edge.mqtt import echo as echo_module
from pain.broker.failures import Failure, Fault
from pain.topics import Topics
from tests.brokers import PATIENCE_S, MosquittoBroker, Recorder, make_certificates
from tests.edge.mqtt import samples
from tests.edge.mqtt.conftest import MakeLink
from tests.edge.mqtt.samples import TOPICS
from tests.systemd.shipped import ShippedBroker

USERS = {"box": "Abendrot"}
LEAVES = ("availability", "status", "reading", "alarm/+", "event")
ROOM_14 = Topics(site="rosenhof", room="room-14")
ROOM_16 = Topics(site="rosenhof", room="room-16")


def tell(link: RoomLink) -> RoomLink:
    link.publish_status(samples.status())
    link.publish_alarm(samples.alarm())
    link.publish_event(samples.alarm_event())
    return link


def until(link: RoomLink, true: Callable[[], bool]) -> None:
    """Wait for something that a link tells nobody of by itself, so it is looked at again."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, (link.trouble, link.connected)
        time.sleep(0.05)


def found(link: RoomLink, fault: Fault) -> Failure:
    """Wait until the link names this fault."""
    until(link, lambda: link.trouble is not None and link.trouble.fault is fault)
    trouble = link.trouble
    assert trouble is not None
    return trouble


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedBroker]:
    users = ("box-3", "ward-2")
    with ShippedBroker(tmp_path_factory.mktemp("shipped"), users=users) as running:
        yield running


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_room_that_the_shipped_access_list_knows_has_none(
    shipped: ShippedBroker,
    make_link: MakeLink,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
) -> None:
    monkeypatch.setattr(echo_module, "HEARD_WITHIN_S", 0.2)
    link = tell(make_link(shipped.config("box-3", protocol=protocol), topics=ROOM_14))
    assert link.wait_connected(PATIENCE_S)
    until(link, lambda: not link.pending)
    time.sleep(0.5)  # longer than a room waits to hear itself; what does not come has no event
    assert link.trouble is None


def test_a_new_room_without_lines_in_the_access_list(
    shipped: ShippedBroker, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    link = tell(make_link(shipped.config("box-3"), topics=ROOM_16))
    trouble = found(link, Fault.PUBLISH_REFUSED)
    assert trouble.lasting
    for leaf in ("status", "alarm/", "event"):
        words = f"{ROOM_16.base}/{leaf}"
        until(link, lambda words=words: link.trouble is not None and words in link.trouble.sentence)
    assert "topic write painwatch/rosenhof/room-16/" in trouble.sentence
    assert "painwatch/rosenhof/room-16/" in caplog.text


def test_the_same_room_in_mqtt_3_where_the_broker_acknowledges_what_it_drops(
    shipped: ShippedBroker, make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(echo_module, "HEARD_WITHIN_S", 0.2)
    link = tell(make_link(shipped.config("box-3", protocol="3.1.1"), topics=ROOM_16))
    trouble = found(link, Fault.NOT_HEARD_BACK)
    assert f"topic readwrite {ROOM_16.availability}" in trouble.sentence
    assert link.connected


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_single_line_that_lacks(tmp_path: Path, make_link: MakeLink, leaf: str) -> None:
    acl = "user box\n" + "".join(
        f"topic write {TOPICS.base}/{other}\n" for other in LEAVES if other != leaf
    )
    with MosquittoBroker(tmp_path / "acl", users=USERS, acl=acl) as broker:
        mqtt = broker.config(username="box", password=USERS["box"], homeassistant_prefix=None)
        link = tell(make_link(mqtt))
        assert link.wait_connected(PATIENCE_S)
        link.publish_reading(samples.reading())
        assert (
            f"{TOPICS.base}/{leaf.removesuffix('+')}" in found(link, Fault.PUBLISH_REFUSED).sentence
        )
        link.stop()


def test_an_event_that_is_refused_stays_a_fault_until_one_is_taken(
    tmp_path: Path, make_link: MakeLink
) -> None:
    lines = "".join(f"topic write {TOPICS.base}/{leaf}\n" for leaf in LEAVES if leaf != "event")
    acl = f"user box\n{lines}"
    with MosquittoBroker(tmp_path / "acl", users=USERS, acl=acl) as broker:
        mqtt = broker.config(username="box", password=USERS["box"], homeassistant_prefix=None)
        link = tell(make_link(mqtt))
        found(link, Fault.PUBLISH_REFUSED)
        broker.stop()
        (broker.folder / "acl").write_text(f"{acl}topic write {TOPICS.event}\n")
        broker.start()
        until(link, lambda: link.trouble is None)
        link.stop()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_password_that_was_changed_at_the_broker(
    tmp_path: Path, make_link: MakeLink, protocol: str
) -> None:
    with MosquittoBroker(tmp_path / "old", users=USERS) as broker:
        mqtt = broker.config(username="box", password=USERS["box"], protocol=protocol)
        link = tell(make_link(mqtt))
        assert link.wait_connected(PATIENCE_S)
        broker.stop()
        passwords = (tmp_path / "old" / "passwords").read_text()
        (tmp_path / "old" / "passwords").write_text(passwords.replace("box:", "other:"))
        broker.start()
        trouble = found(link, Fault.CONNECTION_REFUSED)
        assert trouble.lasting
        assert "mqtt.username and the password" in trouble.sentence
        assert link.unconnected_s > 0.0
        link.stop()


def _dynamic_security() -> Path:
    (plugin,) = Path("/usr/lib").glob("*/mosquitto_dynamic_security.so")
    return plugin


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_subscription_that_is_refused(tmp_path: Path, make_link: MakeLink, protocol: str) -> None:
    rules = tmp_path / "rules.json"
    allowed = {"publishClientSend": True, "publishClientReceive": True, "unsubscribe": True}
    rules.write_text(json.dumps({"defaultACLAccess": {**allowed, "subscribe": False}}))
    extra = [f"plugin {_dynamic_security()}", f"plugin_opt_config_file {rules}"]
    with MosquittoBroker(tmp_path / "dynamic", extra=extra) as broker:
        link = tell(make_link(broker.config(protocol=protocol)))
        trouble = found(link, Fault.SUBSCRIPTION_REFUSED)
        assert f"topic read {TOPICS.commands}" in trouble.sentence
        assert link.connected
        link.stop()


def test_a_certificate_that_is_not_trusted(tmp_path: Path, make_link: MakeLink) -> None:
    ours, theirs = (make_certificates(tmp_path / name) for name in ("ours", "theirs"))
    with MosquittoBroker(tmp_path / "tls", certificates=theirs) as broker:
        link = make_link(broker.config(host="localhost", plaintext=False, tls={"ca_file": ours.ca}))
        assert "mqtt.tls.ca_file" in found(link, Fault.UNTRUSTED).sentence


@pytest.mark.parametrize(
    ("valid", "words"),
    [
        (("400101000000Z", "410101000000Z"), "not valid yet by the clock, which is probably wrong"),
        (("200101000000Z", "210101000000Z"), "has expired by the clock"),
    ],
    ids=["early", "late"],
)
def test_a_certificate_that_is_out_of_its_time_is_a_matter_of_the_clock(
    tmp_path: Path, make_link: MakeLink, valid: tuple[str, str], words: str
) -> None:
    certificates = make_certificates(tmp_path / "ca", valid=valid)
    with MosquittoBroker(tmp_path / "tls", certificates=certificates) as broker:
        link = make_link(
            broker.config(host="localhost", plaintext=False, tls={"ca_file": certificates.ca})
        )
        sentence = found(link, Fault.UNTRUSTED).sentence
    assert words in sentence
    assert "this machine's clock says 20" in sentence
    assert "mqtt.tls.ca_file" not in sentence


def test_a_broker_that_is_away(tmp_path: Path, make_link: MakeLink) -> None:
    broker = MosquittoBroker(tmp_path / "away")
    link = make_link(broker.config())
    trouble = found(link, Fault.UNREACHABLE)
    assert not trouble.lasting
    with broker, Recorder(broker.port) as recorder:
        tell(link)
        recorder.wait_for_text(TOPICS.availability, "online")
        assert link.trouble is None
        link.stop()
