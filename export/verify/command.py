"""``painwatch export verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, ClipOption, DataOption, FacesOption
from train.data.options import ReadOption
from train.shipped import checkpoint_folder


def verify(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    checkpoint: Annotated[
        Path,
        typer.Argument(
            parser=checkpoint_folder,
            metavar="CHECKPOINT",
            help="Folder that it was exported from; or shipped:NAME.",
        ),
    ],
    *,
    data: DataOption,
    cache: CacheOption,
    clip: ClipOption = None,
    faces: FacesOption = None,
    out: Annotated[Path | None, typer.Option(help="CSV of what moved and of the alarms.")] = None,
    read: ReadOption = None,
) -> None:
    """Hold every graph of a bundle against its checkpoint, on real tracked faces.

    Level, PSPI and every action unit are compared; where there is a graph in fp16 or INT8, and with
    --clip, also the alarms that the daemon's smoothing and limits make of clips. Exit code 1 when a
    graph misses the bar of its precision.
    """
    from rich.console import Console

    from export.clips.read import read_clips
    from export.faces import load_faces
    from export.model import open_model
    from export.verify.bars import BARS
    from export.verify.run import require_same_kind, verify_bundle
    from export.verify.show import parity_rows, parity_table, show_readings
    from pain.bundle import ROLES, load_bundle
    from pain.rows import write_rows
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    manifest = load_bundle(bundle)
    asks = clip is not None or any(
        BARS[precision].asks_for_clips
        for precision, role in ROLES.items()
        if role in manifest.artefacts
    )
    model = open_model(checkpoint)
    shown = load_faces(data, cache, limit=faces, needs=model.inputs, choices=choices_of(read))
    with progress_bar() as progress:
        task = progress.add_task("checkpoint", total=len(shown))
        require_same_kind(bundle, manifest, model)
        watched = (
            read_clips(
                clip or (),
                model.inputs,
                on_done=lambda what: progress.update(task, description=what),
            )
            if asks
            else ()
        )
        found = verify_bundle(
            bundle,
            model,
            shown,
            clips=watched,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        parity_table(found, title=f"{bundle} against {checkpoint}, faces of {shown.data}")
    )
    show_readings(console, found)
    if out is not None:
        write_rows(out, parity_rows(found, manifest, on=shown.data))
    if any(BARS[precision].missed(comparison) for precision, comparison in found.items()):
        raise typer.Exit(code=1)


def scored(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Folders that 'painwatch train crossval' wrote.", metavar="RUN..."),
    ],
    *,
    data: Annotated[Path, typer.Option(help="The set that they were run on.")],
    cache: Annotated[Path, typer.Option(help="Folder that 'painwatch train track' filled for it.")],
    out: Annotated[Path | None, typer.Option(help="CSV of the table.")] = None,
    read: ReadOption = None,
) -> None:
    """Hold what a cross-validation printed against what would ship.

    Every fold's checkpoint is exported in memory and shown the faces that tested it, as the daemon
    shows them; level and probabilities must be those of predictions.parquet within 0.001. Exit
    code 1 when they are not.
    """
    from rich.console import Console

    from export.faces import load_faces
    from export.verify.scored import hold_against_print
    from export.verify.show import scored_table
    from pain.rows import write_rows
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    faces = load_faces(data, cache, limit=None, choices=choices_of(read))
    with progress_bar() as progress:
        task = progress.add_task("", total=None)

        def tell(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        found = [hold_against_print(run, faces, on_done=tell) for run in runs]
    Console(highlight=False, soft_wrap=True).print(scored_table(found))
    if out is not None:
        write_rows(out, [one.row() for one in found])
    if not all(one.is_what_was_scored for one in found):
        raise typer.Exit(code=1)
