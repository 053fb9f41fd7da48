"""Draws parts of tiles in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Final

from markupsafe import Markup
from nicegui import Client, ui

LATE_S: Final = 2.0

REST: Final = 2.0
"""A browser rests so many times as long as it has drawn: a finger and an alarm find it free."""

DRAW_S: Final = 30.0
"""What a browser has not drawn after this time is not waited for."""


class Brush:
    """Gathers what changed on one page and sends it at once, to ``drawTiles`` in board.js.

    NiceGUI would render every element of the page anew for each change, which is more than a
    tablet can do every second with 200 rooms.

    Args:
        client: the page.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._strokes: list[tuple[str, str | None, str | None]] = []
        self._sent_s: dict[asyncio.Task[None], float] = {}
        self._rested_s = 0.0

    @property
    def busy(self) -> bool:
        """Whether the browser still draws what was sent, or has no more time for it."""
        return bool(self._sent_s) or asyncio.get_running_loop().time() < self._rested_s

    @property
    def late(self) -> bool:
        """Whether it has not drawn it for so long that what it shows is old."""
        oldest_s = min(self._sent_s.values(), default=float("inf"))
        return asyncio.get_running_loop().time() - oldest_s > LATE_S

    def draw(self, element: ui.html, upper: Markup, lower: Markup, *, was: Markup | None) -> None:
        """Draw a tile.

        Args:
            element: holds both parts, one behind the other.
            upper: what changes often.
            lower: what changes seldom.
            was: the lower part that is shown now; None where nothing has been drawn yet.
        """
        whole = upper + lower
        if was is None:
            element.set_content(whole)
            return
        # It is there for whatever else sends the element, and does not send it by itself.
        with element.props.suspend_updates():
            element.props["innerHTML"] = whole
        self._strokes.append((element.html_id, upper, None if lower == was else lower))

    def send(self) -> None:
        """Send what was drawn."""
        if not self._strokes:
            return
        code = f"drawTiles({json.dumps(self._strokes)})"
        self._strokes = []
        waiting = asyncio.create_task(self._wait(code), name="board-drawing")
        self._sent_s[waiting] = asyncio.get_running_loop().time()
        waiting.add_done_callback(self._drawn)

    def _drawn(self, waiting: asyncio.Task[None]) -> None:
        now_s = asyncio.get_running_loop().time()
        self._rested_s = now_s + REST * (now_s - self._sent_s.pop(waiting))

    async def _wait(self, code: str) -> None:
        # A browser that is away is sent what it missed when it comes back, or loads the page anew.
        with contextlib.suppress(TimeoutError):
            await self._client.run_javascript(code, timeout=DRAW_S)
