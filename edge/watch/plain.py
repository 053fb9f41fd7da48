"""The board as lines of text, for logs, pipes and screen readers: one line per change."""

from __future__ import annotations

from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Final, NoReturn

from rich.console import Console
from rich.text import Text

from edge.watch import words
from edge.watch.bands import COLOURS, SHAPES, Band, Bands
from edge.watch.board import BoardState, Tone
from edge.watch.feed import Heard, LinkChange, Message, Notice
from edge.watch.view import Row, rows
from pain.clock import Clock, Moment

WAKE_EVERY_S: Final = 0.5
"""Longest wait for a message, so that a reading that expires is reported in time."""

_TONES: Final = {
    Tone.HIGH: Band.SEVERE,
    Tone.MEDIUM: Band.MODERATE,
    Tone.GOOD: Band.CALM,
    Tone.BAD: Band.UNAVAILABLE,
}


class PlainBoard:
    """Turns what is heard into lines.

    Args:
        console: where lines go; rich leaves the colours out when it is no terminal.
        bands: limits of the bands.
        clock: source of the present moment.
    """

    def __init__(self, *, console: Console, bands: Bands, clock: Clock) -> None:
        self.state = BoardState()
        self._console = console
        self._bands = bands
        self.clock = clock
        self._said: dict[str, tuple[Band, str | None]] = {}

    def run(self, inbox: SimpleQueue[Heard]) -> NoReturn:
        """Print changes until interrupted.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        self._console.print(words.DISCLAIMER, style="dim", highlight=False)
        while True:
            self.step(inbox)

    def step(self, inbox: SimpleQueue[Heard], *, wait_s: float = WAKE_EVERY_S) -> None:
        """Wait for at most one message and print what changed."""
        before = self.state
        try:
            item = inbox.get(timeout=wait_s)
        except Empty:
            item = None
        if isinstance(item, Message):
            self.state = self.state.apply(item.topic, item.payload, item.at)
        elif isinstance(item, Notice):
            self.state = self.state.noticed(item.text, item.at)
        elif isinstance(item, LinkChange):
            self._print_link(item)
        now = self.clock.now()
        self._print_log(before)
        for row in rows(self.state, now, bands=self._bands, buckets_shown=1):
            self._print_row(row, now)

    def say(self, text: str) -> None:
        """Print a line of our own."""
        self._line(self.clock.now().wall, text, "bold")

    def _print_link(self, change: LinkChange) -> None:
        text = "broker connected" if change.connected else "BROKER LOST"
        band = Band.CALM if change.connected else Band.UNAVAILABLE
        self._line(change.at.wall, text, COLOURS[band])

    def _print_log(self, before: BoardState) -> None:
        known = set(map(id, before.log))
        for line in self.state.log:
            if id(line) not in known:
                name = self.state.name_of(line.room)
                self._line(line.at, f"{name}: {line.text}", _style(line.tone))

    def _print_row(self, row: Row, now: Moment) -> None:
        current = (row.band, row.reason)
        if self._said.get(row.key) == current:
            return
        self._said[row.key] = current
        text = f"{row.name}: {SHAPES[row.band]} {row.band}"
        if row.level is None:
            text += f", {row.reason}"
        else:
            signs = f", {row.signs}" if row.signs else ""
            text += f" {row.level:.1f}{signs}"
        self._line(now.wall, text, COLOURS[row.band])

    def _line(self, at: datetime, text: str, style: str) -> None:
        line = Text(f"{words.clock_time(at)} ").append(text, style=style)
        self._console.print(line, soft_wrap=True)


def _style(tone: Tone) -> str:
    return COLOURS[_TONES[tone]] if tone in _TONES else ""
