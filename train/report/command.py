"""``painwatch train report``: runs as tables and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of finished cross-validations.", metavar="RUN...")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder of report.md and its pictures.")],
    beside: Annotated[
        Path | None,
        typer.Option(
            help=(
                "CSV file of published figures to print beside ours, with the columns table (5.1 "
                "to 5.4), row (backbone or loss), metric (as in the figures' CSV), value, source."
            )
        ),
    ] = None,
) -> None:
    """Write the thesis's tables 5.1 to 5.4 for these runs, and pictures, as Markdown and PNG.

    Every figure has a 95 % interval by subject. Confusion matrices, reliability diagram, learning
    curves, error by size and turn of the face, and groups of people with the worst gap named.
    Synthetic faces, image-wise splits and random weights are marked wherever they appear.
    """
    from rich.console import Console

    from train.data.options import progress_bar
    from train.report.beside import read_published
    from train.report.runs import read_runs
    from train.report.tables import METRICS
    from train.report.write import write_report

    published = [] if beside is None else read_published(beside, metrics=METRICS)
    found = read_runs(runs)
    with progress_bar() as progress:
        task = progress.add_task("runs", total=len(found))
        written = write_report(
            found, out, published=published, on_run=lambda: progress.advance(task)
        )
    Console(highlight=False, soft_wrap=True).print(f"report: {written}")
