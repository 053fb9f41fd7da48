"""``painwatch train residents study``: what the synthetic residents are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from train.data.options import SetArgument, progress_bar
from train.residents.sitting import Style

study_app = typer.Typer(
    help="What the residents are worth: found, learnable, not read from the drawing, fast.",
    no_args_is_help=True,
)

CacheOption = Annotated[Path, typer.Option(help="Folder that 'painwatch train track' filled.")]
OutOption = Annotated[Path, typer.Option(help="CSV file of the figures.")]
AppendOption = Annotated[bool, typer.Option("--append", help="Keep the rows that are in the file.")]


@study_app.callback()
def study() -> None:
    """Commands that measure."""


@study_app.command()
def faces(
    data: SetArgument,
    *,
    cache: CacheOption,
    out: OutOption,
    append: AppendOption = False,
    png: Annotated[
        Path | None, typer.Option(help="PNG file (default: beside the CSV file).")
    ] = None,
    crops: Annotated[
        bool, typer.Option(help="Whether the set was tracked with crops; must be as it was then.")
    ] = True,
) -> None:
    """Whether the daemon's tracker finds the faces and pain can be learnt from what it sees.

    Share found and head pose; PSPI, level and each action unit by ridge regression, 5 folds by
    person; AUROC of pain against every other expression; the error in every subgroup.
    """
    from train.data.open import open_dataset
    from train.study.faces import study_faces
    from train.study.plot import plot_findings
    from train.study.table import findings_table, rows_of, write_rows
    from train.track.settings import TrackerSettings
    from train.track.tracked import load_tracked

    dataset = open_dataset(data)
    tracked = load_tracked(dataset, cache=cache, settings=TrackerSettings(crops=crops))
    console = Console(stderr=True)
    with console.status("fitting and judging, 5 folds by person"):
        findings = study_faces(tracked)
    write_rows(out, rows_of(findings, dataset=dataset.name), append=append)
    title = (
        f"{dataset.name}, synthetic: {len(dataset)} pictures of {len(dataset.subjects)} people, "
        "daemon's tracker, 5 folds by person"
    )
    picture = png or out.with_suffix(".png")
    plot_findings(findings, picture, title=title)
    Console(highlight=False).print(findings_table(findings, title=title))
    typer.echo(f"{out}\n{picture}")


@study_app.command()
def wrinkles(
    with_wrinkles: Annotated[
        Path, typer.Argument(metavar="WITH", help="Set drawn with wrinkles, tracked with crops.")
    ],
    without: Annotated[
        Path, typer.Argument(metavar="WITHOUT", help="The same set made with --no-wrinkles.")
    ],
    *,
    cache: CacheOption,
    out: OutOption,
    append: AppendOption = False,
    folds: Annotated[int, typer.Option(help="Folds by person.", min=2)] = 3,
    epochs: Annotated[int, typer.Option(help="Passes over the training pictures.", min=1)] = 25,
) -> None:
    """Whether a network reads the drawing instead of the face.

    One small network with one recipe is trained on each drawing and tested on each, for people that
    it has not seen. What it loses when the lines are taken away is what it had read from them.
    """
    import torch

    from pain.provenance import processor_name
    from train.data.open import open_dataset
    from train.study.crosswise import cross, crosswise_findings
    from train.study.network import Recipe
    from train.study.table import findings_table, rows_of, write_rows
    from train.study.twins import pair
    from train.track.tracked import load_tracked

    sets = [open_dataset(folder) for folder in (with_wrinkles, without)]
    twins = pair(*(load_tracked(dataset, cache=cache) for dataset in sets))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with progress_bar() as progress:
        task = progress.add_task("networks", total=2 * folds)
        told = cross(
            twins,
            Recipe(epochs=epochs),
            folds=folds,
            device=device,
            on_trained=lambda done: progress.update(task, completed=done),
        )
    findings = list(crosswise_findings(twins, told))
    name = torch.cuda.get_device_name() if device.type == "cuda" else processor_name()
    write_rows(out, rows_of(findings, dataset=sets[0].name), append=append, device=name)
    title = (
        f"{sets[0].name}, synthetic: {len(twins.person)} pictures in both drawings "
        f"({twins.left_out} left out), {folds} folds by person, on {name}"
    )
    Console(highlight=False).print(findings_table(findings, title=title))
    typer.echo(out)


@study_app.command()
def throughput(
    *,
    out: OutOption,
    append: AppendOption = False,
    people: Annotated[int, typer.Option(help="Number of persons.", min=1)] = 24,
    per_person: Annotated[int, typer.Option(help="Pictures of each person.", min=1)] = 10,
    size: Annotated[int, typer.Option(help="Width and height in pixels.", min=64, max=1024)] = 288,
    workers: Annotated[
        int | None, typer.Option(help="Processes that render (default: one per core).", min=1)
    ] = None,
    style: Annotated[Style, typer.Option(help="How much variety.")] = Style.FULL,
    seed: Annotated[int, typer.Option(help="Seed of the set.", min=0)] = 1,
    assets: Annotated[
        Path | None, typer.Option(help="Unpacked MakeHuman package instead of the cache.")
    ] = None,
) -> None:
    """How fast pictures are rendered, where the time goes, and how much memory it takes.

    Renders into a temporary folder. Nothing else should run on the machine meanwhile.
    """
    import os
    import tempfile

    from train.residents.dataset import Plan
    from train.study.table import write_rows
    from train.study.throughput import measure

    plan = Plan(people=people, per_person=per_person, seed=seed, size_px=size, style=style)
    count = workers or len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="painwatch-") as scratch, progress_bar() as progress:
        task = progress.add_task("people", total=people)
        row = measure(
            plan,
            Path(scratch),
            workers=count,
            assets=assets,
            on_person=lambda done: progress.update(task, completed=done),
        )
    write_rows(out, [row], append=append)
    console = Console(highlight=False)
    for name, value in row.items():
        shown = f"{value:.4g}" if isinstance(value, float) else value
        console.print(f"{name.replace('_', ' ')}: {shown}")
    typer.echo(out)
