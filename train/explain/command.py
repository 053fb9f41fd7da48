"""``painwatch train explain``: what a model looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train.data.options import OriginOption, progress_bar
from train.shipped import checkpoint_folder

NOTHING_EXPLAINED_EXIT_CODE = 2


def explain(
    images: Annotated[
        list[Path], typer.Argument(help="Pictures with one face each.", metavar="IMAGE...")
    ],
    *,
    checkpoint: Annotated[
        Path,
        typer.Option(
            parser=checkpoint_folder,
            metavar="FOLDER",
            help="Folder of a trained model, of train fit or distil; or shipped:NAME.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="Folder of the explanations. They SHOW FACES: guard them like the set."),
    ],
    stride: Annotated[
        int, typer.Option(min=1, max=16, help="Step of the black square, px; smaller is finer.")
    ] = 8,
    data: Annotated[
        Path | None,
        typer.Option(help="Landmark models: data set to compare with (needs --cache)."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Landmark models: what 'painwatch train track' filled.")
    ] = None,
    landmarker: Annotated[
        Path | None, typer.Option(help="face_landmarker.task; the model cache when left out.")
    ] = None,
    origin: OriginOption = None,
) -> None:
    """Show what a model looks at. The pictures written SHOW THE FACES given: guard them.

    The face is found by the daemon's own tracker, and the model sees what it sees in the daemon.

    Picture models: drop in level under a sliding black square of 16 px and without brows, eyes,
    nose or mouth; vision transformers also: features of patches as colours over all pictures, and
    where the class token looks, head by head. Landmark models (with --data and --cache): which part
    of the face the model needs, and what each landmark and blendshape added to the level.

    A picture without a face that the daemon would score is named with the reason; the exit code is
    2 when nothing could be explained.
    """
    from rich.console import Console

    from edge.track import Landmarker, locate_landmarker
    from pain.errors import UsageError
    from train.distil.levels import open_levels
    from train.explain.model import ExplainedModel
    from train.explain.reference import load_reference
    from train.explain.run import Watcher, explain_landmarks, explain_pictures, find_faces

    console = Console(highlight=False, soft_wrap=True)
    model = ExplainedModel(open_levels(checkpoint))
    reference = None
    if "face" not in model.sees.inputs:
        if data is None or cache is None:
            raise UsageError(
                "a landmark model is explained against the painless faces of a data set: give "
                "--data DIR and --cache CACHE"
            )
        reference = load_reference(model.experiment, data=data, cache=cache)
    with Landmarker(model=locate_landmarker(landmarker)) as tracker_model:
        found = find_faces(images, model, landmarker=tracker_model)
    for path, reason in found.refused:
        console.print(f"{path}: not explained, {reason}")
    if not found.views:
        raise typer.Exit(NOTHING_EXPLAINED_EXIT_CODE)
    label = model.label(origin)
    with progress_bar() as progress:
        task = progress.add_task("explaining", total=None)
        watcher = Watcher(
            on_start=lambda what, steps: progress.update(task, description=what, total=steps),
            on_step=lambda done: progress.update(task, completed=done),
        )
        written = (
            explain_pictures(found.views, model, label, out, stride_px=stride, watcher=watcher)
            if reference is None
            else explain_landmarks(
                found.views, model, label, out, reference=reference, watcher=watcher
            )
        )
    for path in written:
        console.print(str(path))
