"""``painwatch edge health``: exit code 0 only while every room is watched and heard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NOT_READY_EXIT_CODE = 1


def health(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="YAML file that the daemon was started with.")
    ],
) -> None:
    """Ask the running daemon of this machine whether each room is watched and its alarms are told.

    Ends with code 0 when all are, else with 1 and a line for each room: no frame is scored, or the
    broker refuses the box, its messages or its subscriptions, or is away for longer than
    alarms.outbox_stuck_after_s. For monitoring systems; a container that is started again for it
    gains nothing where the broker refuses. A record that cannot be written, or a clock that is not
    the station's, is told of and does not change the code: the rooms are watched all the same.
    Run it as the daemon's user, with its RUNTIME_DIRECTORY when systemd started it.

    Example: painwatch edge health -c /etc/painwatch/room.yaml
    """
    from rich.console import Console

    from edge.config.load import load_config
    from edge.health.file import STALE_AFTER_S, health_file, read_health

    loaded = load_config(config)
    path = health_file(loaded.site, loaded.rooms[0].id)
    found = read_health(path)
    console = Console(highlight=False)
    if found is None:
        console.print(f"not ready: no daemon has written {path}", markup=False, soft_wrap=True)
        raise typer.Exit(NOT_READY_EXIT_CODE)
    age_s = found.age_s()
    if not 0.0 <= age_s <= STALE_AFTER_S:
        console.print(
            f"not ready: the daemon (process {found.pid}) said its last word "
            f"{max(age_s, 0.0):.0f} s ago; it hangs, was killed, or the machine was restarted",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(NOT_READY_EXIT_CODE)
    for room in found.rooms:
        state = "ready" if room.ready else f"not ready: {room.why_not}"
        console.print(f"{room.room}: {state}", markup=False, soft_wrap=True)
    for warning in (found.record_error, found.clock_error):
        if warning is not None:
            console.print(f"warning: {warning}", markup=False, soft_wrap=True)
    if not found.ready:
        raise typer.Exit(NOT_READY_EXIT_CODE)
