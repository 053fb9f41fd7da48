"""``painwatch bench models``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.bench.candidate import Provider

app = typer.Typer(add_completion=False)


@app.command()
def models(
    bundles: Annotated[
        list[Path] | None, typer.Argument(help="Folders of bundles.", metavar="[BUNDLE]...")
    ] = None,
    *,
    baseline: Annotated[
        str | None,
        typer.Option(
            help="Checkpoint's folder, or a backbone's name for random weights, e.g. dinov2_s14."
        ),
    ] = None,
    providers: Annotated[
        list[Provider] | None, typer.Option(help="Repeatable; cpu when left out.")
    ] = None,
    batch: Annotated[
        list[int] | None, typer.Option(help="Faces at once; repeatable; 1 when left out.", min=1)
    ] = None,
    threads: Annotated[int, typer.Option(help="Of the processor; the daemon uses one.", min=1)] = 1,
    seconds: Annotated[float, typer.Option(help="For each row.", min=0.1)] = 3.0,
    out: Annotated[Path, typer.Option(help="CSV file for the rows.")] = Path("models.csv"),
    plot: Annotated[Path | None, typer.Option(help="PNG of the medians.")] = None,
) -> None:
    """Time every bundle x provider x precision x batch, and PyTorch, by turns in one run.

    Each row has a process of its own. What cannot run here is a row that says why. Exit code 1 when
    golden faces came out wrong.
    """
    from rich.console import Console

    from export.bench.candidate import candidates
    from export.bench.energy import device_name
    from export.bench.report import models_table, plot_models, rows_of
    from export.bench.run import time_all
    from train.data.options import progress_bar
    from train.study.table import write_rows

    chosen = candidates(
        bundles or [],
        baseline=baseline,
        providers=providers or [Provider.CPU],
        batches=batch or [1],
        threads=threads,
        gpu=baseline is not None and _torch_has_gpu(),
    )
    with progress_bar() as progress:
        task = progress.add_task("", total=None)
        found = time_all(
            chosen,
            seconds=seconds,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    rows = rows_of(found)
    write_rows(out, rows, device=device_name())
    if plot is not None:
        plot_models(rows, plot)
    Console(highlight=False, soft_wrap=True).print(models_table(rows))
    if any(row["golden"] == "FAIL" for row in rows):
        raise typer.Exit(code=1)


def _torch_has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
