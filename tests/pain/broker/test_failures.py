from __future__ import annotations

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from pain.broker import failures
from pain.settings.broker import BrokerConfig

MQTT = BrokerConfig(host="broker.elm-court.example", username="box")


@pytest.mark.parametrize(
    ("name", "words", "lasting"),
    [
        ("Bad user name or password", "mqtt.password_file", True),
        ("Not authorized", "mqtt.password_file", True),
        ("Banned", "administrator", True),
        ("Unsupported protocol version", "does not speak MQTT 5 or 3.1.1", True),
        ("Client identifier not valid", "set mqtt.client_id", True),
        ("Server unavailable", "Server unavailable", False),
        ("Server busy", "Server busy", False),
    ],
)
def test_each_refusal_says_where_and_what_to_do(name: str, words: str, *, lasting: bool) -> None:
    failure = failures.refused(MQTT, "box-room-1", ReasonCode(PacketTypes.CONNACK, name))
    assert failure.sentence.startswith("broker.elm-court.example:8883 ")
    assert words in failure.sentence
    assert failure.lasting is lasting


@pytest.mark.parametrize(
    ("error", "words", "lasting"),
    [
        (ConnectionRefusedError(), "start the broker", False),
        (TimeoutError(), "does not answer", False),
        (ConnectionResetError(), "mqtt.plaintext", False),
        (OSError(101, "Network is unreachable"), "Network is unreachable", False),
        (UnicodeError("label too long"), "not a possible host name", True),
    ],
)
def test_each_network_error_says_where_and_what_to_do(
    error: OSError | UnicodeError, words: str, *, lasting: bool
) -> None:
    failure = failures.unreachable(MQTT, error)
    assert "broker.elm-court.example" in failure.sentence
    assert words in failure.sentence
    assert failure.lasting is lasting


def test_an_end_before_the_answer_hints_at_the_protocol() -> None:
    reason = ReasonCode(PacketTypes.DISCONNECT, "Protocol error")
    failure = failures.ended(MQTT, "box-room-1", reason, stood_s=None)
    assert "without an answer in MQTT 5" in failure.sentence


@pytest.mark.parametrize(
    ("name", "stood_s", "hint"),
    [
        ("Session taken over", 3600.0, True),
        ("Unspecified error", 0.1, True),
        ("Unspecified error", 3600.0, False),
    ],
)
def test_a_connection_that_is_lost_at_once_hints_at_the_client_id(
    name: str, stood_s: float, *, hint: bool
) -> None:
    reason = ReasonCode(PacketTypes.DISCONNECT, name)
    failure = failures.ended(MQTT, "box-room-1", reason, stood_s=stood_s)
    assert ("mqtt.client_id" in failure.sentence) is hint
