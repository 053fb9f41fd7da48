"""``painwatch edge doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="The box's YAML file; without it only the machine and the built-in model.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of a table.")
    ] = False,
) -> None:
    """Say what is wrong with this box and what to do about it.

    Looks at system libraries, library versions, the sandbox of the vision worker, the face
    landmarker and the pain model (by their hashes, and by running them), and the clock; with -c
    also at the config file, every camera (opens it and reads a few frames, in a process without
    network where the camera is local; no pixel leaves it), the faces in its room for twelve seconds
    (whether they are the right way up) and the broker (connects, and tries each
    topic that the daemon would use, with messages that say nothing).

    Exit code 0 when the box will run (warnings allowed), 2 when a check fails.

    A research aid, not a medical device.
    """
    from rich.console import Console

    from edge.doctor.examine import examine
    from edge.doctor.finding import Finding, Verdict
    from edge.doctor.report import as_json as to_json
    from edge.doctor.report import print_table, worst

    findings: list[Finding] = []
    with Console(stderr=True).status("looking at the config …") as status:
        for step in examine(config):
            status.update(f"looking at: {step.about} …")
            findings += step.look()
    if as_json:
        typer.echo(to_json(findings))
    else:
        print_table(findings, Console())
    raise typer.Exit(2 if worst(findings) is Verdict.FAIL else 0)
