"""One room on the board: five lines, border included, readable in 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.text import Text
from textual.widgets import Static

from edge.watch import words
from edge.watch.bands import COLOURS, SHAPES, Band, Bands
from edge.watch.spark import block
from edge.watch.view import AlarmLine, Row
from pain.alarms import AlarmState, Priority

HISTORY_COLUMNS: Final = 40
"""Fits beside level and word in 80 columns; 15 s a column over ten minutes."""

_PRIORITY_MARKS: Final[Mapping[Priority, tuple[str, str]]] = {
    # Mark and style; three, two, one and no bars so that priority is told without colour.
    Priority.HIGH: ("!!!", f"bold {COLOURS[Band.SEVERE]}"),
    Priority.MEDIUM: ("!! ", f"bold {COLOURS[Band.MODERATE]}"),
    Priority.LOW: ("!  ", "#6ec6ff"),
    Priority.INFORMATION: ("i  ", "#6ec6ff"),
}


class Card(Static):
    """Shows one ``Row``; the border takes the colour of the band."""

    def __init__(self, *, key: str, bands: Bands) -> None:
        super().__init__(classes="card")
        self.key = key
        self._bands = bands

    def show(self, row: Row, *, chosen: bool, window_s: float) -> None:
        """Draw a row.

        Args:
            row: what to show.
            chosen: whether keys act on this room.
            window_s: time that the history spans, seconds.
        """
        for band in Band:
            self.set_class(band is row.band, f"band-{band}")
        self.set_class(chosen, "chosen")
        self.set_class(any(_is_open(line) for line in row.alarms), "open")
        marker = "▶ " if chosen else ""
        self.border_title = Text(f"{marker}{row.name}")
        self.border_subtitle = Text(_corner(row))
        lines = [self._level_line(row, window_s), _signs_line(row), *_alarm_lines(row)]
        if row.health:
            lines.append(Text(row.health, style=COLOURS[Band.UNAVAILABLE]))
        self.update(Text("\n", no_wrap=True, overflow="ellipsis").join(lines))

    def _level_line(self, row: Row, window_s: float) -> Text:
        colour = COLOURS[row.band]
        line = Text()
        line.append(f"{SHAPES[row.band]} ", style=f"bold {colour}")
        line.append(
            f"{'-.-' if row.level is None else f'{row.level:.1f}'} ", style=f"bold {colour}"
        )
        line.append(f"{row.band.upper():<12}", style=f"bold {colour}")
        for level in row.history:
            style = "#5a6270" if level is None else COLOURS[self._bands.of(level)]
            line.append(block(level), style=style)
        line.append(f" {words.duration(window_s).removesuffix(' 00 s')}", style="#8a93a3")
        return line


def _is_open(line: AlarmLine) -> bool:
    return line.state in (AlarmState.ON, AlarmState.LATCHED)


def _corner(row: Row) -> str:
    parts = []
    if row.pause_left_s is not None:
        parts.append(f"signals paused, {words.duration(row.pause_left_s)} left")
    if row.confidence is not None:
        parts.append(f"confidence {words.percent(row.confidence)}")
    if row.coverage is not None:
        parts.append(f"coverage {words.percent(row.coverage)}")
    if row.fps is not None:
        parts.append(f"{row.fps:.0f} fps")
    return " · ".join([*parts, row.availability])


def _signs_line(row: Row) -> Text:
    if row.reason is not None:
        return Text(f"no level: {row.reason}", style=COLOURS[Band.UNAVAILABLE])
    return Text(row.signs or "no pain signs in the face")


def _alarm_lines(row: Row) -> list[Text]:
    if not row.alarms:
        return [Text("no alarm", style="#8a93a3")]
    lines = []
    for alarm in row.alarms:
        mark, style = _PRIORITY_MARKS[alarm.priority]
        shown = style if _is_open(alarm) else "#a8b0bd"
        lines.append(Text(f"{mark} {alarm.text}", style=shown))
    return lines
