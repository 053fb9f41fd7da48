"""Runs the board in the form that fits where it runs: full screen, or lines of text."""

from __future__ import annotations

import sys
from queue import SimpleQueue

from rich.console import Console

from edge.config import AlarmsConfig, MqttConfig
from edge.watch.app import BoardApp
from edge.watch.bands import bands_from
from edge.watch.feed import Heard
from edge.watch.link import BoardLink
from edge.watch.plain import PlainBoard
from pain.clock import SystemClock


def run_board(
    *, mqtt: MqttConfig, site: str, alarms: AlarmsConfig, person: str | None, plain: bool
) -> int:
    """Show the board until the person leaves.

    Args:
        mqtt: the broker.
        site: short name of the site.
        alarms: limits of the bands.
        person: id to sign commands with, or None to ask.
        plain: lines of text even in a terminal.

    Returns:
        Exit code.

    Raises:
        BrokerError: the broker did not accept us.
    """
    clock = SystemClock()
    bands = bands_from(alarms)
    inbox: SimpleQueue[Heard] = SimpleQueue()
    link = BoardLink(mqtt=mqtt, site=site, clock=clock)
    link.start(inbox.put)
    try:
        if plain or not is_terminal():
            PlainBoard(console=Console(), bands=bands, clock=clock).run(inbox)
        app = BoardApp(inbox=inbox, feed=link, site=site, bands=bands, clock=clock, person=person)
        app.run()
        return app.return_code or 0
    finally:
        link.stop()


def is_terminal() -> bool:
    """Whether somebody can both see a full screen and press keys."""
    return sys.stdin.isatty() and sys.stdout.isatty()
