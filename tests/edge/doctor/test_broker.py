from __future__ import annotations

from pathlib import Path

from edge.config import MqttConfig
from edge.doctor.broker import broker as look
from edge.doctor.finding import Verdict
from tests.brokers import MosquittoBroker, free_port

RIGHT, WRONG = "Abendrot", "Morgenrot"


def test_a_broker_that_lets_us_in_and_passes_our_message(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "broker", users={"box": RIGHT}) as broker:
        mqtt = broker.config(username="box", password=RIGHT)
        connection, rights = look(mqtt, site="elm-court", room="room-12")
    assert (connection.verdict, rights.verdict) == (Verdict.OK, Verdict.OK)
    assert "as box" in connection.found
    assert "painwatch/elm-court/room-12" in rights.found


def test_wrong_credentials_fail(tmp_path: Path) -> None:
    with MosquittoBroker(tmp_path / "broker", users={"box": RIGHT}) as broker:
        mqtt = broker.config(username="box", password=WRONG)
        (connection,) = look(mqtt, site="elm-court", room="room-12")
    assert connection.verdict is Verdict.FAIL
    assert "mqtt.username" in connection.found


def test_a_user_without_rights_fails_and_is_told_which(tmp_path: Path) -> None:
    acl = "user box\ntopic readwrite painwatch/another-home/#\n"
    with MosquittoBroker(tmp_path / "broker", users={"box": RIGHT}, acl=acl) as broker:
        mqtt = broker.config(username="box", password=RIGHT)
        connection, rights = look(mqtt, site="elm-court", room="room-12")
    assert (connection.verdict, rights.verdict) == (Verdict.OK, Verdict.FAIL)
    assert rights.remedy == "give the user read and write access to painwatch/elm-court/room-12/#"


def test_an_absent_broker_fails() -> None:
    mqtt = MqttConfig(host="127.0.0.1", port=free_port(), plaintext=True, connect_timeout_s=0.5)
    (connection,) = look(mqtt, site="elm-court", room="room-12")
    assert connection.verdict is Verdict.FAIL
    assert "nothing listens at" in connection.found


def test_a_password_file_that_is_gone_fails(tmp_path: Path) -> None:
    mqtt = MqttConfig(host="127.0.0.1", username="box", password_file=tmp_path / "gone")
    (connection,) = look(mqtt, site="elm-court", room="room-12")
    assert connection.verdict is Verdict.FAIL
    assert "gone" in connection.found
