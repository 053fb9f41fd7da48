"""``painwatch demo``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pain.errors import UsageError

if TYPE_CHECKING:
    from edge.demo.run import Beside


class Speed(StrEnum):
    """How fast the clip is played."""

    REAL = "real"
    FAST = "fast"


def demo(
    *,
    headless: Annotated[
        bool,
        typer.Option("--headless", help="Lines of text; also used when not in a terminal."),
    ] = False,
    speed: Annotated[
        Speed,
        typer.Option(help="real: as a camera would give it; fast: as quickly as it can be scored."),
    ] = Speed.REAL,
    screenshot: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Save the board in severe pain as an SVG; needs no terminal."
        ),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the alarm times as CSV rows.")
    ] = None,
    board: Annotated[
        bool,
        typer.Option(
            "--board", help="Show it on the nursing station's board, too (the extra 'station')."
        ),
    ] = False,
) -> None:
    """Watch a synthetic resident go from neutral to severe pain and back, in half a minute.

    Starts an MQTT broker on this machine alone, runs the real daemon on a short clip and shows the
    live board. At the end a table compares what happened in the clip with the alarms that came.

    Exit code 0 when one moderate and one severe alarm came in time and none came while the
    resident talked or smiled; else 1, with what went wrong.

    A research aid, not a medical device.
    """
    from edge.demo.run import nothing_beside, run_demo
    from edge.watch.run import is_terminal

    code = run_demo(
        full_screen=not headless and is_terminal(),
        fast=speed is Speed.FAST,
        picture=screenshot,
        results=results,
        beside=_board_beside() if board else nothing_beside,
    )
    raise typer.Exit(code)


def _board_beside() -> Beside:
    try:
        from painwatch.ward.beside import board_beside
    except ModuleNotFoundError as error:
        raise UsageError(
            f"'painwatch demo --board' needs {error.name}, which a camera box does not install; on "
            "a workstation: pip install 'painwatch[station]'"
        ) from error
    return board_beside
