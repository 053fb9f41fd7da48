"""``painwatch train landmarks``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def landmarks(
    data: Annotated[Path, typer.Option(help="Folder written by 'painwatch train residents make'.")],
    out: Annotated[Path, typer.Option(help="Folder of the checkpoint.")],
    *,
    results: Annotated[
        Path | None, typer.Option(help="Also write the figures to this CSV file.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder for tracked landmarks; 'tracked' inside DATA when absent."),
    ] = None,
    components: Annotated[int, typer.Option(min=1, help="Principal components to keep.")] = 200,
) -> None:
    """Train the landmark model: tracked landmarks, PCA, ridge regression to level, PSPI and AUs.

    Every picture is tracked with the daemon's own tracker, at its own size and as room cameras at
    two distances would see it. The figures come from 5 folds by person; the weights that are saved
    are fitted on everybody. Takes about ten minutes for 2,000 pictures, two when they are cached.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from train.landmarks.checkpoint import save_checkpoint
    from train.landmarks.fit import FitSettings
    from train.landmarks.report import results_table, write_csv
    from train.landmarks.training import Watcher, train

    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tracking = progress.add_task("tracking pictures", total=None)
        folds = progress.add_task("folds by person", total=None)
        watcher = Watcher(
            on_picture=lambda done, of: progress.update(tracking, completed=done, total=of),
            on_fold=lambda done, of: progress.update(folds, completed=done, total=of),
        )
        checkpoint, missed = train(
            data, cache or data / "tracked", FitSettings(components=components), watcher
        )
    save_checkpoint(checkpoint, out)
    if results is not None:
        write_csv(checkpoint.results, results, data="synthetic residents, 5 folds by person")
    console.print(results_table(checkpoint.results, title=checkpoint.data))
    for reason, count in missed.most_common():
        console.print(f"not scored because {reason.value}: {count} pictures", highlight=False)
    console.print(f"checkpoint: {out}", highlight=False, soft_wrap=True)
