"""``painwatch export onnx``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, DataOption, FacesOption
from train.data.options import ReadOption
from train.shipped import checkpoint_folder


def onnx(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            parser=checkpoint_folder,
            metavar="CHECKPOINT",
            help="Folder of 'painwatch train fit', 'crossval' or 'distil', or shipped:NAME.",
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older bundle is replaced.")],
    data: DataOption,
    cache: CacheOption,
    name: Annotated[
        str | None, typer.Option(help="Name of the bundle; the checkpoint's when left out.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1.0.0",
    faces: FacesOption = None,
    read: ReadOption = None,
) -> None:
    """Turn a trained network into a verified bundle.

    Pictures go in as they are: the preprocessing is part of the graph. ONNX Runtime must give the
    checkpoint's level on every tracked face within 0.001, else nothing is written.
    """
    from dataclasses import replace

    from rich.console import Console

    from export.faces import load_faces
    from export.model import checked_name, open_model
    from export.onnx.bundle import export_bundle
    from export.show import show_bundle
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    model = open_model(checkpoint)
    if name is not None:
        model = replace(model, name=checked_name(name))
    shown = load_faces(data, cache, limit=faces, needs=model.inputs, choices=choices_of(read))
    with progress_bar() as progress:
        task = progress.add_task("graph", total=None)
        bundle = export_bundle(
            model,
            out,
            shown,
            version=version,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    show_bundle(Console(highlight=False, soft_wrap=True), out, bundle)
