"""``painwatch train track``: show a data set to the daemon's own tracker."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from train.data.open import DatasetKind
from train.data.options import (
    KindOption,
    OnePictureEachOption,
    OriginOption,
    RatingScaleOption,
    SetArgument,
    progress_bar,
)
from train.data.reading import Reading


def track(
    folder: SetArgument,
    *,
    cache: Annotated[
        Path,
        typer.Option(help="Folder of the answers. It holds faces: guard it like the set itself."),
    ],
    kind: KindOption = DatasetKind.AUTO,
    workers: Annotated[
        int | None, typer.Option(help="Processes (default: one per core).", min=1)
    ] = None,
    landmarker: Annotated[
        Path | None, typer.Option(help="face_landmarker.task; the model cache when left out.")
    ] = None,
    crops: Annotated[
        bool, typer.Option(help="Keep aligned crops, 197 KB a face; landmark models need none.")
    ] = True,
    origin: OriginOption = None,
    rating_scale: RatingScaleOption = None,
    one_picture_each: OnePictureEachOption = False,
) -> None:
    """Track every picture of a set as the daemon would, and keep what it saw for training.

    Crops, landmarks, blendshapes, head pose and face height, or the reason why there is no face.
    Clips are followed frame by frame. An answer is kept under the picture's content and the
    tracker's version, so only what is new or changed is looked at again, an interrupted run goes on
    where it stopped, and answers of different trackers never mix.
    """
    from edge.config.tracking import TrackingConfig
    from train.data.open import open_dataset
    from train.track.run import track_dataset
    from train.track.settings import TrackerSettings
    from train.track.tracked import load_tracked

    options = Reading(origin=origin, rating_scale=rating_scale, one_picture_each=one_picture_each)
    # Whoever trains on it needs people told apart; a single person's clip may be tracked.
    dataset = open_dataset(folder, kind=kind, options=options, need_people=False)
    settings = TrackerSettings(tracking=TrackingConfig(landmarker=landmarker), crops=crops)
    started_s = time.monotonic()
    with progress_bar() as progress:
        task = progress.add_task("pictures", total=len(dataset))
        summary = track_dataset(
            dataset,
            cache=cache,
            settings=settings,
            workers=workers,
            on_done=lambda done, _total: progress.update(task, completed=done),
        )
    elapsed_s = time.monotonic() - started_s
    tracked = load_tracked(dataset, cache=cache, settings=settings)
    console = Console(highlight=False, soft_wrap=True)
    rate = f", {summary.looked_at / elapsed_s:.1f} a second" if summary.looked_at else ""
    console.print(
        f"{dataset.name}: {len(dataset)} samples, {summary.looked_at} looked at now{rate}, "
        f"{summary.from_cache} from the cache (tracker {settings.version})"
    )
    reasons = ", ".join(f"{reason} {count}" for reason, count in tracked.reasons().items())
    console.print(
        f"faces: {len(tracked)} of {len(dataset)}" + (f"; none: {reasons}" * bool(reasons))
    )
