"""The daemon's main loop: one process, all rooms."""

from __future__ import annotations

import logging
import queue
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import wait
from types import FrameType
from typing import Final

from edge.config import EdgeConfig
from edge.gateway.box import Box, RoomCommand
from edge.gateway.reload import ConfigSource, Prepared, prepare
from edge.health.file import health_file
from edge.health.reporter import Reporter
from edge.health.server import MetricsServer
from pain.broker.wakeup import Wakeup
from pain.clock import Clock, SystemClock
from pain.errors import CommandRefused, UsageError
from pain.notify import Notifier
from pain.wire import ReloadCommand

_log = logging.getLogger(__name__)

TICK_S: Final = 0.2
"""Longest wait for a message; delays and stalls are decided this finely."""

FAILED_EXIT_CODE: Final = 2


def run(
    config: EdgeConfig, *, fast: bool, wait_for_broker: bool, source: ConfigSource | None = None
) -> int:
    """Watch all rooms until stopped, or until every room's video has ended.

    Args:
        config: the whole configuration.
        fast: read video files as fast as they decode.
        wait_for_broker: keep going when the broker is absent at start.
        source: the file that SIGHUP and the command reload read again.

    Returns:
        Exit code: 0 after a clean stop, 2 when a room's source or model could not be used.

    Raises:
        BrokerError: the broker did not accept us within mqtt.connect_timeout_s.
    """
    gateway = Gateway(config, fast=fast, clock=SystemClock(), source=source)
    with _told_by_signals(gateway):
        return gateway.run(wait_for_broker=wait_for_broker)


@contextmanager
def _told_by_signals(gateway: Gateway) -> Iterator[None]:
    """SIGTERM and Ctrl-C end the main loop, which then says goodbye; SIGHUP reads the file."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        gateway.stop()

    def reload(_signal: int, _frame: FrameType | None) -> None:
        gateway.reload()

    handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Gateway:
    """All rooms of one box.

    Args:
        config: the whole configuration.
        fast: read video files as fast as they decode.
        clock: the machine's time.
        source: the file that is read again on request; without one every request is refused.
        notifier: tells the service manager; systemd, where it started us, when absent.
    """

    def __init__(
        self,
        config: EdgeConfig,
        *,
        fast: bool,
        clock: Clock,
        source: ConfigSource | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._clock = clock
        self._source = source
        self._notifier = notifier or Notifier()
        self._wakeup = Wakeup()
        self._commands: queue.SimpleQueue[RoomCommand] = queue.SimpleQueue()
        self._stopping = False
        self._asked_to_reload = False
        self._prepared: Prepared | None = None
        self._reporter = Reporter(health_file(config.site, config.rooms[0].id))
        self._box = Box(
            config,
            fast=fast,
            clock=clock,
            on_command=self._enqueue,
            on_connected=self._wakeup.set,
            reload=self._prepare_for,
            config_file=None if source is None else source.path,
        )

    def stop(self) -> None:
        """End the main loop soon; safe from signal handlers and other threads."""
        self._stopping = True
        self._wakeup.set()

    def reload(self) -> None:
        """Read the config file again soon; safe from signal handlers and other threads."""
        self._asked_to_reload = True
        self._wakeup.set()

    def run(self, *, wait_for_broker: bool) -> int:
        """Run until stopped; see ``run``."""
        with ExitStack() as cleanup:
            self._wakeup.open()
            cleanup.callback(self._wakeup.close)
            cleanup.callback(self._box.leave)
            self._box.connect()
            if not wait_for_broker:
                self._box.require_broker()
            self._box.watch()
            cleanup.callback(self._reporter.stop)
            self._serve_metrics(cleanup)
            self._loop()
            self._notifier.stopping()
            self._box.finish()
        return FAILED_EXIT_CODE if self._box.faulty else 0

    def _serve_metrics(self, cleanup: ExitStack) -> None:
        metrics = self._box.config.metrics
        if metrics.enabled:
            server = MetricsServer(host=metrics.host, port=metrics.port, reporter=self._reporter)
            cleanup.callback(server.stop)
            server.start()

    def _loop(self) -> None:
        while not self._stopping and not self._box.finished:
            ready = wait([*self._box.pipes, self._wakeup.fileno()], timeout=TICK_S)
            if self._wakeup.fileno() in ready:
                self._wakeup.clear()
            self._box.step()
            self._take_commands()
            if self._asked_to_reload:
                self._asked_to_reload = False
                self._prepare()
            if self._prepared is not None:
                self._apply(self._prepared)
            self._tell()

    def _tell(self) -> None:
        self._reporter.tell(self._box.samples, now_s=self._clock.now().monotonic_s)
        pulses = self._box.pulses
        self._notifier.tell(
            ready=all(pulse.settled for pulse in pulses),
            alive=all(pulse.alive for pulse in pulses),
            status=self._box.status_line(pulses),
            now_s=self._clock.now().monotonic_s,
        )

    def _enqueue(self, command: RoomCommand) -> None:
        self._commands.put(command)
        self._wakeup.set()

    def _take_commands(self) -> None:
        """Carry out commands for one tick: thousands must not keep rooms from being watched."""
        until_s = self._clock.now().monotonic_s + TICK_S
        while self._clock.now().monotonic_s < until_s:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            self._box.command(command)
        self._wakeup.set()  # the rest has its turn in the next round

    def _prepare(self) -> str | None:
        """Read the file; what is in force stays so when anything is wrong with it.

        Returns:
            Why it was not taken.
        """
        self._notifier.reloading()
        try:
            self._prepared = prepare(self._source, self._box.config)
        except UsageError as error:
            self._notifier.reloaded()
            _log.error("the config file was not taken, the old one stays in force: %s", error)
            self._box.tell_config(str(error))
            return str(error)
        return None

    def _prepare_for(self, command: ReloadCommand) -> None:
        """Answer the person first: what is applied may make the room's link anew."""
        _log.info("%s asks to read the config file again: %s", command.person, command.reason)
        refusal = self._prepare()
        if refusal is not None:
            raise CommandRefused(refusal)

    def _apply(self, prepared: Prepared) -> None:
        self._prepared = None
        changes = prepared.changes
        self._box.apply(prepared.config, changes)
        self._box.tell_config(None)
        self._notifier.reloaded()
        _log.info(
            "the config file was read again; new rooms: %s; gone: %s; changed: %s",
            ", ".join(changes.added) or "none",
            ", ".join(changes.removed) or "none",
            ", ".join(changes.changed) or "none",
        )
