"""``painwatch export fp16``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, ClipOption, DataOption, FacesOption
from train.data.options import ReadOption


def fp16(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle; the graph is added to it.")],
    *,
    data: DataOption,
    cache: CacheOption,
    clip: ClipOption = None,
    faces: FacesOption = None,
    read: ReadOption = None,
) -> None:
    """Add a graph in half precision, for GPUs.

    LayerNorm, softmax, the preprocessing and the reading of the last layer stay in fp32. Level and
    action units may differ from the fp32 graph's by 0.02 on no tracked face and PSPI by 0.05, and
    clips must give the same alarms, else the bundle stays as it is.
    """
    from rich.console import Console

    from export.clips.read import read_clips
    from export.faces import load_faces
    from export.half.bundle import add_half
    from export.show import show_bundle
    from export.verify.show import show_readings
    from pain.bundle import load_bundle
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    needs = load_bundle(bundle).inputs
    shown = load_faces(data, cache, limit=faces, needs=needs, choices=choices_of(read))
    with progress_bar() as progress:
        task = progress.add_task("fp16", total=None)
        watched = read_clips(
            clip or (),
            needs,
            on_done=lambda what: progress.update(task, description=what),
        )
        written, comparison = add_half(
            bundle,
            shown,
            clips=watched,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    console = Console(highlight=False, soft_wrap=True)
    show_readings(console, {"fp16": comparison})
    show_bundle(console, bundle, written, precision="fp16")
