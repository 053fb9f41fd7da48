"""``painwatch export fp16``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, DataOption, FacesOption


def fp16(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle; the graph is added to it.")],
    *,
    data: DataOption,
    cache: CacheOption,
    faces: FacesOption = None,
) -> None:
    """Add a graph in half precision, for GPUs.

    LayerNorm, softmax, the preprocessing and the reading of the last layer stay in fp32. The level
    may differ from the fp32 graph's by 0.02 on no tracked face, else the bundle stays as it is.
    """
    from rich.console import Console

    from export.faces import load_faces
    from export.half.bundle import add_half
    from export.show import show_bundle
    from pain.bundle import load_bundle
    from train.data.options import progress_bar

    shown = load_faces(data, cache, limit=faces, needs=load_bundle(bundle).inputs)
    with progress_bar() as progress:
        task = progress.add_task("fp16", total=None)
        written = add_half(
            bundle,
            shown,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    show_bundle(Console(highlight=False, soft_wrap=True), bundle, written, precision="fp16")
