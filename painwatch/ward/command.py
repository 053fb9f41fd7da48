"""``painwatch station demo``."""

from __future__ import annotations

import threading
import webbrowser
from contextlib import suppress
from typing import Annotated

import typer

from pain.signals import terminate_as_interrupt


def demo(
    *,
    browser: Annotated[
        bool, typer.Option(help="Open the board in this computer's browser.")
    ] = True,
    seconds: Annotated[
        float | None,
        typer.Option(min=1, help="End by itself after this time; until Ctrl-C when absent."),
    ] = None,
) -> None:
    """Show a ward of twelve simulated rooms on the real board.

    Invented readings go through the gateway code of every real box, a real broker and the real
    station: pain comes and goes, a camera is lost, a box hangs, visitors come. A room's story
    begins anew every three minutes. Ctrl-C ends all of it and leaves nothing behind.

    A research aid, not a medical device; nobody and nothing in it is real.
    """
    from rich.console import Console

    from painwatch.ward.board import PEOPLE
    from painwatch.ward.stage import staged

    console = Console(highlight=False)
    names = " or ".join(person.id for person in PEOPLE)
    with (
        terminate_as_interrupt(),
        suppress(KeyboardInterrupt),
        console.status("starting") as status,
        staged(tell=status.update) as shown,
    ):
        status.stop()
        console.print(f"Board: {shown.url}")
        console.print(f"Log in as {names}, password {shown.password}")
        console.print("Twelve simulated rooms; Ctrl-C ends.")
        if browser:
            webbrowser.open(shown.url)
        threading.Event().wait(seconds)
