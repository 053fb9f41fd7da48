"""What is shown while the demonstration runs: the live board, or lines of text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from edge.demo.truth import Scene, Truth
from edge.watch.app import BoardApp
from edge.watch.bands import Band
from edge.watch.feed import Heard
from edge.watch.plain import PlainBoard
from edge.watch.view import Row
from pain.alarms import AlarmState, Priority

WINDOW_S: Final = 40.0
"""The whole clip fits into the history, a second a column."""

PICTURE_SIZE: Final = (84, 17)


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What both forms need.

    Attributes:
        truth: the storyboard.
        started: wall time of the clip's first frame, None before it.
        over: whether the daemon has ended and all was heard.
        live: whether clip time passes as fast as real time, so that captions make sense.
    """

    truth: Truth
    started: Callable[[], datetime | None]
    over: Callable[[], bool]
    live: bool

    def scene(self, now: datetime) -> Scene | None:
        """What the resident does now, None before and after the clip."""
        started = self.started()
        segment = self.truth.at((now - started).total_seconds()) if started else None
        return segment.scene if segment else None

    def caption(self, now: datetime) -> str:
        """What the resident does now, in words; empty when that cannot be told."""
        started = self.started()
        if started is None:
            return "starting the camera and the model …"
        clip_s = (now - started).total_seconds()
        segment = self.truth.at(clip_s)
        if not self.live or segment is None:
            return ""
        return f"{segment.scene} ({clip_s:.0f} of {self.truth.duration_s:.0f} s)"


class DemoApp(BoardApp):
    """The board with a line that says what the clip shows; ends by itself.

    Args:
        show: what both forms need.
        picture: where to save an SVG of the board in severe pain, or None.
        **board: arguments of ``BoardApp``.
    """

    CSS = """
    #caption { dock: top; height: 1; margin-top: 1; padding: 0 1; background: #243040; }
    """

    def __init__(self, *, show: Show, picture: Path | None, **board: Any) -> None:
        super().__init__(window_s=WINDOW_S, **board)
        self.picture_taken = False
        self._show = show
        self._picture = picture

    def compose(self) -> ComposeResult:
        """Add the caption below the first line."""
        yield from super().compose()
        yield Static(id="caption")

    def drawn(self, shown: tuple[Row, ...]) -> None:
        """Caption, picture, end."""
        now = self.clock.now()
        caption = Text("In the clip, a synthetic resident: ").append(
            self._show.caption(now.wall), style="bold"
        )
        self.query_one("#caption", Static).update(caption)
        severe = any(map(_is_in_severe_pain, shown))
        over = self.picture_taken and self._show.scene(now.wall) is not Scene.SEVERE
        if self._picture is not None and severe and not over:
            # Again and again while it lasts: the last picture has the longest history.
            svg = without_web_fonts(self.export_screenshot())
            self._picture.write_text(svg, encoding="utf-8")
            self.picture_taken = True
        if self._show.over():
            self.exit()


def _is_in_severe_pain(row: Row) -> bool:
    return row.band is Band.SEVERE and any(
        alarm.priority is Priority.HIGH and alarm.state is AlarmState.ON for alarm in row.alarms
    )


def without_web_fonts(svg: str) -> str:
    """Take the links to a font server out: opening the picture must not call anybody."""
    local = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    return local.replace("font-family: Fira Code, monospace", "font-family: monospace")


def show_plain(board: PlainBoard, inbox: SimpleQueue[Heard], show: Show) -> None:
    """Print changes, and what the clip shows, until the daemon has ended."""
    told = ""
    while not show.over():
        board.step(inbox)
        caption = show.caption(board.clock.now().wall).partition(" (")[0]
        if caption and caption != told:
            told = caption
            board.say(f"in the clip: {caption}")
    while not inbox.empty():
        board.step(inbox)
