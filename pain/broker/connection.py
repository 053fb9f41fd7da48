"""One connection to the broker that is kept up for ever by its own thread."""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from pain.broker import failures
from pain.broker.backoff import Backoff
from pain.broker.client import SESSION_EXPIRY_S, Will, build_client, versions
from pain.broker.failures import BRIEF_S, Failure
from pain.broker.renewal import Marks, marks
from pain.broker.wakeup import Wakeup
from pain.errors import ConfigError
from pain.settings.broker import BrokerConfig

_log = logging.getLogger(__name__)

HOUSEKEEPING_S: Final = 1.0
"""Longest sleep of the thread while connected; keep-alive is looked after this often."""


class Session(Protocol):
    """What is done with the connection. All methods run on the connection's thread."""

    def on_up(self, client: Client) -> None:
        """Take note that the broker has accepted us; subscribe here."""
        ...

    def on_down(self) -> None:
        """Take note that the connection is gone; not called for attempts that failed."""
        ...

    def on_message(self, message: MQTTMessage) -> None:
        """Take a message."""
        ...

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """Take note that the broker has taken, or refused, a QoS 1 message."""
        ...

    def pump(self, client: Client) -> None:
        """Publish what waits."""
        ...


ANSWER_S: Final = 3.0
"""Some brokers of MQTT 3.1.1 take a connection in MQTT 5 and never answer: after this long, 3.1.1
is tried, where that is allowed."""

UNSUPPORTED: Final = "Unsupported protocol version"


class Connection:
    """Connects, stays connected, and tells its session. Started once, stopped once.

    With ``mqtt.protocol: auto`` a broker that does not answer in MQTT 5 is asked in 3.1.1 at once.
    Every new connection begins with 5: a broker that was just stopping did not answer either.
    A password or certificate that was renewed in its file counts from the next attempt on.
    ``on_subscribed`` is called, on the connection's thread, when the broker has granted all that
    was subscribed at once: what is published from then on is heard. ``on_suback`` is called with
    the packet id of each subscription that was answered, and why it was not granted, or None.
    """

    def __init__(
        self,
        *,
        mqtt: BrokerConfig,
        client_id: str,
        session: Session,
        will: Will | None = None,
        keep_session: bool = True,
        session_expiry_s: int = SESSION_EXPIRY_S,
        manual_ack: bool = False,
        on_subscribed: Callable[[], None] | None = None,
        on_suback: Callable[[int, str | None], None] | None = None,
    ) -> None:
        self._mqtt = mqtt
        self._client_id = client_id
        self._session = session
        self._will = will
        self._keep_session = keep_session
        self._session_expiry_s = session_expiry_s
        self._manual_ack = manual_ack
        self._on_subscribed = on_subscribed
        self._on_suback = on_suback
        self._max_packet_bytes: int | None = None
        self._ended: ReasonCode | None = None
        self._backoff = Backoff()
        self._changed = threading.Condition()
        self._connected = False
        self._connected_s = 0.0
        self._lost_s = time.monotonic()
        self._answered = False
        self._failure: Failure | None = None
        self._given_up: Failure | None = None
        self._told: str | None = None
        self._closing = threading.Event()
        self._clean = True
        self._thread: threading.Thread | None = None
        self._wakeup = Wakeup()
        self._clients: tuple[Client, ...] = ()
        self._marks: Marks = ()
        self._speaking = 0
        self._misunderstood = False

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        return self._connected

    @property
    def failure(self) -> str | None:
        """Why there is no connection; None while there is one or none was tried."""
        failure = self._failure
        return failure.sentence if failure else None

    @property
    def trouble(self) -> Failure | None:
        """The same with its kind."""
        return self._failure

    @property
    def unconnected_s(self) -> float:
        """For how long there has been no connection, seconds; 0 while there is one."""
        return 0.0 if self._connected else time.monotonic() - self._lost_s

    @property
    def lasting_failure(self) -> bool:
        """Whether trying again cannot help: somebody must change something first."""
        failure = self._failure
        return failure is not None and failure.lasting

    @property
    def max_packet_bytes(self) -> int | None:
        """Largest packet that the broker takes on this connection; None where it does not say."""
        return self._max_packet_bytes

    @property
    def given_up(self) -> bool:
        """Whether it is being ended on our side."""
        return self._given_up is not None

    @property
    def ended(self) -> ReasonCode | None:
        """Why the last connection ended, for ``Session.on_down``."""
        return self._ended

    def start(self) -> None:
        """Begin to connect, in the background.

        Raises:
            ConfigError: the password file or a certificate cannot be used.
        """
        self._marks = marks(self._mqtt)
        self._clients = self._made()
        self._wakeup.open()
        self._thread = threading.Thread(
            target=self._run, name=f"mqtt-{self._client_id}", daemon=True
        )
        self._thread.start()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until connected; ends early when waiting cannot help, see ``failure``."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._connected or (self._failure is not None and self._failure.lasting),
                timeout_s,
            )
            return self._connected

    def wake(self) -> None:
        """Have the session's ``pump`` called soon; safe from any thread."""
        self._wakeup.set()

    def give_up(self, failure: Failure) -> None:
        """End this connection and try again after a pause; for the connection's thread only."""
        self._given_up = failure

    def stop(self, *, clean: bool) -> None:
        """Disconnect and join the thread.

        Args:
            clean: say goodbye, so that the broker drops the last will; else the will is sent.
        """
        self._clean = clean
        self._closing.set()
        self.wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._wakeup.close()

    def _made(self) -> tuple[Client, ...]:
        clients = tuple(
            build_client(
                self._mqtt,
                self._client_id,
                version=version,
                will=self._will,
                keep_session=self._keep_session,
                session_expiry_s=self._session_expiry_s,
                manual_ack=self._manual_ack,
            )
            for version in versions(self._mqtt)
        )
        for client in clients:
            client.on_connect = self._on_connect
            client.on_disconnect = self._on_disconnect
            client.on_message = self._on_message
            client.on_publish = self._on_publish
            client.on_subscribe = self._on_subscribe
        return clients

    def _renew(self) -> None:
        """Take a password or certificate that was renewed; a spoilt one leaves those before."""
        found = marks(self._mqtt)
        if found == self._marks:
            return
        try:
            self._clients = self._made()
        except ConfigError as error:
            # Perhaps half of it is written: the next attempt looks again.
            _log.warning("%s: what was renewed cannot be used yet: %s", self._client_id, error)
            return
        self._marks = found
        self._speaking = 0
        _log.info("%s: a renewed password or certificate is used from now on", self._client_id)

    def _run(self) -> None:
        while not self._closing.is_set():
            client = self._clients[self._speaking]
            self._misunderstood = False
            try:
                self._renew()
                client = self._clients[self._speaking]
                self._attempt(client)
            except Exception:  # noqa: BLE001  the reason follows
                # Without this thread the room would fall silent for good, so it outlives any
                # mistake in a callback: the connection is cut and made anew.
                _log.exception("%s: the connection to the broker is made anew", self._client_id)
                self._cut(client)
            if self._misunderstood:
                self._speaking = (self._speaking + 1) % len(self._clients)
                if self._speaking:
                    continue  # another version is tried at once, the same one after a pause
            if not self._closing.is_set():
                self._closing.wait(self._backoff.next_s())

    def _attempt(self, client: Client) -> None:
        # The session sends again what was not acknowledged, so paho must not.
        client.drop_out_messages()
        self._answered = False
        self._given_up = None
        try:
            client.reconnect()
        except (OSError, UnicodeError) as error:
            self._fail(failures.unreachable(self._mqtt, error))
            return
        self._suspect_silence()
        self._converse(client)

    def _converse(self, client: Client) -> None:
        opened_s = time.monotonic()
        poller = select.poll()
        poller.register(self._wakeup.fileno(), select.POLLIN)
        while (sock := client.socket()) is not None:
            if self._closing.is_set() and self._clean:
                client.disconnect()
                return
            in_vain = self._in_vain(time.monotonic() - opened_s)
            if self._closing.is_set() or self._given_up is not None or in_vain:
                self._cut(client)
                return
            wanted = select.POLLIN | (select.POLLOUT if client.want_write() else 0)
            poller.register(sock, wanted)
            buffered = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
            events = dict(poller.poll(0 if buffered else HOUSEKEEPING_S * 1000))
            if self._wakeup.fileno() in events:
                self._wakeup.clear()
            if buffered or events.get(sock.fileno(), 0) & ~select.POLLOUT:
                client.loop_read()
            if self._connected:
                self._session.pump(client)
            if client.want_write():
                client.loop_write()
            client.loop_misc()

    def _in_vain(self, open_s: float) -> bool:
        """Whether the broker has refused us, or is silent where another version may help."""
        if self._answered:
            return not self._connected  # some leave the line open after a refusal
        return self._more_to_try and open_s > ANSWER_S

    def _cut(self, client: Client) -> None:
        """End the connection without a goodbye, so that the broker sends the last will."""
        sock = client.socket()
        if isinstance(sock, socket.socket):
            with suppress(OSError):  # the other side may have been quicker
                sock.shutdown(socket.SHUT_RDWR)
            client.loop_read()

    @property
    def _more_to_try(self) -> bool:
        """Whether a version comes after the one that was just tried."""
        return self._speaking + 1 < len(self._clients)

    def _suspect_silence(self) -> None:
        """Have a sentence ready in case no answer comes; a known refusal says more."""
        with self._changed:
            if self._failure is None or not self._failure.lasting:
                self._failure = failures.silent(self._mqtt)

    def _fail(self, failure: Failure) -> None:
        with self._changed:
            self._failure = failure
            self._changed.notify_all()
        if failure.sentence != self._told:
            self._told = failure.sentence
            _log.warning("%s: %s", self._client_id, failure.sentence)

    def _on_connect(
        self,
        client: Client,
        _userdata: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._answered = True
            self._misunderstood = reason.getName() == UNSUPPORTED
            if not (self._misunderstood and self._more_to_try):
                self._fail(failures.refused(self._mqtt, self._client_id, reason))
            return
        with self._changed:
            self._connected = True
            self._connected_s = time.monotonic()
            self._answered = True
            self._failure = None
            self._told = None
            self._max_packet_bytes = getattr(properties, "MaximumPacketSize", None)
            self._changed.notify_all()
        _log.info("%s: connected to %s:%d", self._client_id, self._mqtt.host, self._mqtt.port)
        self._session.on_up(client)

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: Any,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        with self._changed:
            was_connected, self._connected = self._connected, False
            if was_connected:
                self._lost_s = time.monotonic()
            self._changed.notify_all()
        stood_s = time.monotonic() - self._connected_s if was_connected else None
        if stood_s is not None:
            self._speaking = 0
            self._ended = reason
            self._session.on_down()
            # Two clients that push each other out with one client id never get there: they slow
            # down.
            if stood_s >= BRIEF_S:
                self._backoff.reset()
        if not self._closing.is_set() and not was_connected and not self._answered:
            self._misunderstood = True
            if self._more_to_try:
                return
        if not self._closing.is_set() and (was_connected or not self._answered):
            self._fail(
                self._given_up
                or failures.ended(self._mqtt, self._client_id, reason, stood_s=stood_s)
            )

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        self._session.on_message(message)

    def _on_publish(
        self,
        _client: Client,
        _userdata: Any,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        self._session.on_acknowledged(mid, reason)

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: Any,
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if self._on_suback is None:
            for reason in reasons:
                if reason.is_failure:
                    _log.error(
                        "%s: the broker refuses our subscription (%s): give the user read access",
                        self._client_id,
                        reason,
                    )
        refusal = next((str(reason) for reason in reasons if reason.is_failure), None)
        if self._on_suback is not None:
            self._on_suback(mid, refusal)
        if refusal is None and self._on_subscribed is not None:
            self._on_subscribed()
