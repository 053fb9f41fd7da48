"""``painwatch train data``: look at a data set before you trust it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from train.data.inspect import Faces
from train.data.open import DatasetKind
from train.data.options import (
    KindOption,
    LevelFromPspiOption,
    OnePictureEachOption,
    OriginOption,
    RatingScaleOption,
    SetArgument,
    progress_bar,
)
from train.data.reading import Reading
from train.data.sample import Dataset
from train.data.survey import Survey

data_app = typer.Typer(
    help="Real and synthetic data sets: read them, check them, count them.", no_args_is_help=True
)

_UNFIT_EXIT_CODE = 2
_SHOWN = 5


@data_app.callback()
def data() -> None:
    """Commands about data sets."""


@data_app.command("inspect")
def inspect_set(
    folder: SetArgument,
    *,
    kind: KindOption = DatasetKind.AUTO,
    png: Annotated[Path | None, typer.Option(help="Draw the counts to this PNG file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    faces: Annotated[
        bool, typer.Option("--faces", help="Look for a face in every picture, as the daemon would.")
    ] = False,
    cache: Annotated[
        Path | None, typer.Option(help="With --faces: keep the tracker's answers for training.")
    ] = None,
    origin: OriginOption = None,
    rating_scale: RatingScaleOption = None,
    level_from_pspi: LevelFromPspiOption = False,
    one_picture_each: OnePictureEachOption = False,
) -> None:
    """Count levels, people and pictures, and find what would spoil training.

    Finds unusable rows, labels out of range, unreadable files, copies (also under several people,
    which would leak from training into the test) and people that cannot be told apart. Exit code 2
    when the set is unfit, with what to do.
    """
    from train.data.inspect import inspect
    from train.data.open import open_dataset
    from train.data.plot import plot_inspection
    from train.data.show import print_inspection
    from train.data.survey import survey

    options = Reading(
        origin=origin,
        rating_scale=rating_scale,
        level_from_pspi=level_from_pspi,
        one_picture_each=one_picture_each,
    )
    dataset = open_dataset(folder, kind=kind, options=options, strict=False, need_people=False)
    files = len({sample.image for sample in dataset.samples})
    with progress_bar() as progress:
        task = progress.add_task("files", total=files)
        facts = survey(dataset, on_done=lambda done: progress.update(task, completed=done))
    found = _faces(dataset, facts, cache) if faces else None
    inspection = inspect(dataset, facts, faces=found, one_picture_each=one_picture_each)
    if as_json:
        typer.echo(json.dumps(inspection.as_json(), indent=2))
    else:
        print_inspection(inspection, Console(highlight=False))
    if png is not None:
        plot_inspection(inspection, png)
    if not inspection.fit:
        raise typer.Exit(_UNFIT_EXIT_CODE)


def _faces(dataset: Dataset, facts: Survey, cache: Path | None) -> Faces:
    """Ask the tracker about every readable sample; crops are kept only in a named cache."""
    from train.track.run import track_dataset
    from train.track.settings import TrackerSettings
    from train.track.tracked import load_tracked

    broken = {file.path for file in facts.unreadable}
    readable = replace(dataset, samples=tuple(s for s in dataset.samples if s.image not in broken))
    settings = TrackerSettings(crops=cache is not None)
    with tempfile.TemporaryDirectory(prefix="painwatch-") as scratch:
        place = cache or Path(scratch)
        with progress_bar() as progress:
            task = progress.add_task("faces", total=len(readable))
            track_dataset(
                readable,
                cache=place,
                settings=settings,
                on_done=lambda done, _total: progress.update(task, completed=done),
            )
        tracked = load_tracked(readable, cache=place, settings=settings)
    examples = tuple(f"{sample.id}: {reason}" for sample, reason in tracked.missed[:_SHOWN])
    return Faces(found=len(tracked), missed=tracked.reasons(), examples=examples)
