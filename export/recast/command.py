"""``painwatch export recast``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train.data.options import ReadOption


def recast(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle; it is replaced.")],
    *,
    version: Annotated[str, typer.Option(help="Version of the bundle that it becomes.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of a data set on whose faces nothing may change.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that 'painwatch train track' filled for that set.")
    ] = None,
    read: ReadOption = None,
) -> None:
    """Rewrite the graphs of an older bundle so that TensorRT can read them.

    Bundles exported before 2026-12 crop the picture as uint8 and make it float then; TensorRT's
    importer takes uint8 only where it becomes float first. No output may change by a single bit, on
    the golden faces, on random pixels and on the faces of DATA, else the bundle stays as it is. The
    new bundle has another hash: engines are compiled again, ensembles made again.
    """
    from rich.console import Console

    from export.faces import load_faces
    from export.recast.bundle import recast_bundle
    from export.show import show_bundle
    from pain.bundle import load_bundle
    from pain.errors import DataError
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    if (data is None) != (cache is None):
        raise DataError("--data and --cache belong together")
    faces = None
    if data is not None and cache is not None:
        faces = load_faces(
            data, cache, limit=None, needs=load_bundle(bundle).inputs, choices=choices_of(read)
        )
    with progress_bar() as progress:
        task = progress.add_task("graphs", total=None)
        written = recast_bundle(
            bundle,
            version=version,
            faces=faces,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    show_bundle(Console(highlight=False, soft_wrap=True), bundle, written)
