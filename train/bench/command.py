"""``painwatch bench fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train.backbones.names import BackboneName, backbone_of

app = typer.Typer(add_completion=False)


@app.command()
def fit(
    *,
    backbone: Annotated[
        str, typer.Option(help="A network of pictures, timm:NAME too; all of it learns.")
    ] = BackboneName.MOBILENETV3_SMALL.value,
    input_px: Annotated[
        int | None, typer.Option(help="Side of what it sees; its own when left out.")
    ] = None,
    batch: Annotated[int, typer.Option(help="Faces a step.", min=2)] = 32,
    steps: Annotated[int, typer.Option(help="Steps of a round.", min=1)] = 2,
    rounds: Annotated[int, typer.Option(help="Rounds that count.", min=2)] = 20,
    accelerator: Annotated[str, typer.Option(help="cpu, cuda, mps.")] = "cpu",
    precision: Annotated[
        str, typer.Option(help="As engine.precision of an experiment.")
    ] = "32-true",
    threads: Annotated[int | None, typer.Option(help="Of the processor.", min=1)] = None,
    workers: Annotated[int, typer.Option(help="Processes that read ahead.", min=0)] = 0,
    compiled: Annotated[
        bool, typer.Option("--compile", help="torch.compile, of ours alone.")
    ] = False,
    out: Annotated[Path, typer.Option(help="CSV file for the rows.")] = Path("fit.csv"),
    append: Annotated[bool, typer.Option("--append", help="Keep the rows that are there.")] = False,
) -> None:
    """Time 'painwatch train fit' against a bare PyTorch loop, by turns in one run.

    The bare loop has random pictures in memory and does what a tutorial does; ours reads the same
    pictures from disk, without and with variation. Only ratios within one run mean anything on a
    machine that does other things too.
    """
    import os
    import tempfile

    from pain.errors import UsageError
    from train.bench.fit import Setting, time_fit
    from train.bench.report import fit_table, rows_of
    from train.data.options import progress_bar
    from train.protocol.show import console
    from train.study.table import write_rows

    try:
        network = backbone_of(backbone)
    except ValueError as error:
        raise UsageError(f"--backbone {backbone}: {error}") from error
    if network.sees_landmarks:
        raise UsageError(f"--backbone {backbone}: has no layers that learn; name a network")
    setting = Setting(
        backbone=network,
        input_px=input_px,
        batch=batch,
        steps=steps,
        rounds=rounds,
        engine={
            "accelerator": accelerator,
            "precision": precision,
            "threads": threads,
            "workers": workers,
            "compile": compiled,
        },
    )
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch, progress_bar() as progress:
        task = progress.add_task("rounds", total=rounds)
        found = time_fit(
            setting,
            Path(scratch),
            on_round=lambda done, _total: progress.update(task, completed=done),
        )
    rows = rows_of(setting, found, load_average=before)
    write_rows(out, rows, append=append, device=_device(accelerator))
    console().print(fit_table(rows))
    console().print(f"rows: {out}")


def _device(accelerator: str) -> str | None:
    """Name of the GPU; None for the processor's own."""
    import torch

    if accelerator in {"cuda", "gpu"} and torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return None
