"""``painwatch export ensemble``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, DataOption, FacesOption
from train.data.options import ReadOption


def ensemble(
    bundles: Annotated[list[Path], typer.Argument(help="Folders of two bundles or more.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older bundle is replaced.")],
    data: DataOption,
    cache: CacheOption,
    weight: Annotated[
        list[float] | None,
        typer.Option(help="Of each bundle, in their order; all the same when left out."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the bundle; its members' when left out.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1.0.0",
    faces: FacesOption = None,
    read: ReadOption = None,
) -> None:
    """Join bundles to one graph that says the weighted mean of what they say.

    Probabilities, PSPI and AUs are averaged, AUs by their names; the level is the mean of the joint
    probabilities. On every tracked face it must be that within 0.001, else nothing is written.
    """
    from rich.console import Console

    from export.ensemble.bundle import export_ensemble, needed_inputs
    from export.faces import load_faces
    from export.model import checked_name
    from export.show import show_bundle
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    chosen = None if name is None else checked_name(name)
    shown = load_faces(
        data, cache, limit=faces, needs=needed_inputs(bundles), choices=choices_of(read)
    )
    with progress_bar() as progress:
        task = progress.add_task("ensemble", total=None)
        bundle = export_ensemble(
            bundles,
            out,
            shown,
            weights=weight or (),
            name=chosen,
            version=version,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    show_bundle(Console(highlight=False, soft_wrap=True), out, bundle)
