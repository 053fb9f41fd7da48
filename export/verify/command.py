"""``painwatch export verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, DataOption, FacesOption


def verify(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    checkpoint: Annotated[Path, typer.Argument(help="Folder that it was exported from.")],
    *,
    data: DataOption,
    cache: CacheOption,
    faces: FacesOption = None,
) -> None:
    """Hold every graph of a bundle against its checkpoint, on real tracked faces.

    Exit code 1 when a graph misses the bar of its precision.
    """
    from rich.console import Console

    from export.faces import load_faces
    from export.model import open_model
    from export.verify.bars import BARS
    from export.verify.run import verify_bundle
    from export.verify.show import parity_table
    from train.data.options import progress_bar

    model = open_model(checkpoint)
    shown = load_faces(data, cache, limit=faces, needs=model.inputs)
    with progress_bar() as progress:
        task = progress.add_task("checkpoint", total=len(shown))
        found = verify_bundle(
            bundle,
            model,
            shown,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        parity_table(found, title=f"{bundle} against {checkpoint}, faces of {shown.data}")
    )
    if any(BARS[precision].missed(comparison) for precision, comparison in found.items()):
        raise typer.Exit(code=1)
