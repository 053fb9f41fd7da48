"""The nursing station's board beside the edge's own demonstration."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from painwatch.ward.board import PEOPLE, DemoStation

SITE: Final = "demo"
"""The site of the edge's demonstration."""


@contextmanager
def board_beside(port: int) -> Iterator[None]:
    """Show what a demonstration says on the real board, for the length of a block.

    Args:
        port: the demonstration's broker on loopback; it speaks MQTT 3.1.1.

    Raises:
        InternalError: the station does not start.
    """
    with tempfile.TemporaryDirectory(prefix="painwatch-board-") as name:
        station = DemoStation(Path(name), site=SITE, station="demo-station")
        with station.running(port, "3.1.1") as board:
            Console().print(
                f"Board: {board.url}\nLog in as {PEOPLE[0].id}, password {board.password}",
                highlight=False,
            )
            webbrowser.open(board.url)
            yield
