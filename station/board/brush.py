"""Draws parts of tiles in the browser."""

from __future__ import annotations

import json

from markupsafe import Markup
from nicegui import Client, ui


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
        if self._strokes:
            self._client.run_javascript(f"drawTiles({json.dumps(self._strokes)})")
            self._strokes = []
