"""Why a connection to the broker failed, in words that say what to do."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Final

from paho.mqtt.reasoncodes import ReasonCode

from pain.settings.broker import BrokerConfig

BRIEF_S: Final = 10.0
"""A connection that stood less was hardly lost by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed attempt, or the end of a connection.

    Attributes:
        sentence: what happened, where, and what to do.
        lasting: trying again soon cannot help; somebody must change something first.
    """

    sentence: str
    lasting: bool = False


def unreachable(mqtt: BrokerConfig, error: OSError | UnicodeError) -> Failure:
    """Explain why no connection could be made (TCP or TLS)."""
    where = f"{mqtt.host}:{mqtt.port}"
    if isinstance(error, ssl.SSLError):
        return _untrusted(where, error)
    match error:
        case UnicodeError():
            sentence = f"{mqtt.host!r} is not a possible host name: correct mqtt.host"
        case socket.gaierror():
            sentence = f"{mqtt.host} is not a name that can be found: check mqtt.host and DNS"
        case ConnectionRefusedError():
            sentence = f"nothing listens at {where}: start the broker, or correct mqtt.port"
        case TimeoutError():
            sentence = f"{where} does not answer: check mqtt.host, the network and the firewall"
        case ConnectionError():
            sentence = (
                f"{where} closed the connection while it was being made: check that mqtt.port "
                "belongs to an MQTT broker and that mqtt.plaintext is right for it"
            )
        case _:
            sentence = f"no connection to {where} ({error}): check mqtt.host and the network"
    return Failure(sentence=sentence, lasting=isinstance(error, UnicodeError))


def _untrusted(where: str, error: ssl.SSLError) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        sentence = (
            f"the certificate of {where} is not trusted ({error.verify_message}): name the CA that "
            "signed it as mqtt.tls.ca_file, and the broker as its certificate names it as mqtt.host"
        )
    else:
        sentence = (
            f"no TLS connection with {where} ({error.reason or error}): check that mqtt.port is "
            "the broker's TLS port; mqtt.plaintext: true does without TLS"
        )
    # A broker that is just starting or stopping also ends handshakes in the middle.
    return Failure(sentence=sentence, lasting=not isinstance(error, ssl.SSLEOFError))


def silent(mqtt: BrokerConfig) -> Failure:
    """Explain a connection on which the broker has not answered yet."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} takes connections but does not answer in MQTT: check that "
            "mqtt.port belongs to a broker and that mqtt.plaintext is right for it"
        )
    )


def refused(mqtt: BrokerConfig, client_id: str, reason: ReasonCode) -> Failure:
    """Explain a CONNACK that says no. Names are those of MQTT 5; paho maps 3.1.1 onto them."""
    where = f"{mqtt.host}:{mqtt.port}"
    match reason.getName():
        # Mosquitto says "Not authorized" for a wrong password.
        case "Bad user name or password" | "Not authorized" | "Bad authentication method":
            return Failure(
                sentence=(
                    f"{where} refuses {_who(mqtt, client_id)} ({reason}): check mqtt.username and "
                    "the password (mqtt.password_file or its like)"
                ),
                lasting=True,
            )
        case "Banned":
            return Failure(
                sentence=(
                    f"{where} has banned {_who(mqtt, client_id)}: ask the broker's administrator"
                ),
                lasting=True,
            )
        case "Unsupported protocol version":
            todo = (
                "use a broker that does"
                if mqtt.protocol == "auto"
                else "set mqtt.protocol to 'auto', which tries 5 and 3.1.1"
            )
            return Failure(
                sentence=f"{where} does not speak MQTT {_spoken(mqtt)}: {todo}", lasting=True
            )
        case "Client identifier not valid":
            return Failure(
                sentence=f"{where} refuses the client id {client_id!r}: set mqtt.client_id",
                lasting=True,
            )
        case _:
            return Failure(sentence=f"{where} refuses the connection: {reason}")


def ended(
    mqtt: BrokerConfig, client_id: str, reason: ReasonCode, *, stood_s: float | None
) -> Failure:
    """Explain the end of a connection.

    Args:
        mqtt: where to.
        client_id: as whom.
        reason: reason code of MQTT 5, or paho's nearest.
        stood_s: how long the connection stood, seconds; None when the broker never accepted it.
    """
    where = f"{mqtt.host}:{mqtt.port}"
    if stood_s is None:
        return Failure(
            sentence=(
                f"{where} ended the connection without an answer in MQTT {_spoken(mqtt)}: check "
                "mqtt.port, mqtt.plaintext and mqtt.protocol ('auto' tries 5 and 3.1.1)"
            )
        )
    # Mosquitto 2.0 closes a connection that is taken over without saying so.
    if reason.getName() == "Session taken over" or stood_s < BRIEF_S:
        return Failure(
            sentence=(
                f"the connection to {where} was lost at once ({reason}): if this repeats, another "
                f"client connects as {client_id!r}; every box needs its own mqtt.client_id, and "
                "each room is watched by one box"
            )
        )
    return Failure(sentence=f"the connection to {where} was lost ({reason})")


def forbidden(mqtt: BrokerConfig, client_id: str, topic: str, reason: ReasonCode) -> Failure:
    """Explain a message that the broker did not take."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} does not let {_who(mqtt, client_id)} publish on {topic} "
            f"({reason}): have the broker's administrator allow it"
        ),
        lasting=True,
    )


def unacknowledged(mqtt: BrokerConfig, topic: str, *, after_s: float) -> Failure:
    """Explain a connection that was given up since the broker did not acknowledge a message."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} has not acknowledged a message on {topic} for {after_s:g} s; "
            "it is sent anew on another connection: check the broker's load and log"
        )
    )


def _spoken(mqtt: BrokerConfig) -> str:
    return "5 or 3.1.1" if mqtt.protocol == "auto" else mqtt.protocol


def _who(mqtt: BrokerConfig, client_id: str) -> str:
    return f"user {mqtt.username!r}" if mqtt.username else f"client {client_id!r} without a user"
