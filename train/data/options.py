"""Options that every command about data sets has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from train.data.open import DatasetKind
from train.data.reading import RatingScale
from train.data.sample import Origin

SetArgument = Annotated[
    Path, typer.Argument(help="Folder of the data set, or its table.", metavar="DIR")
]
KindOption = Annotated[DatasetKind, typer.Option(help="Layout of the set.")]
OriginOption = Annotated[
    Origin | None,
    typer.Option(help="Whether the faces are real; needed when the set does not say it."),
]
RatingScaleOption = Annotated[
    RatingScale | None,
    typer.Option(help="Scale of the ratings (Delaware, csv), when they fit both."),
]
LevelFromPspiOption = Annotated[
    bool,
    typer.Option(
        "--level-from-pspi", help="Where a level is missing, take min(6, PSPI / 2). A convention."
    ),
]
OnePictureEachOption = Annotated[
    bool,
    typer.Option("--one-picture-each", help="I vouch that no two pictures show one person."),
]
ReadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        help="What the set does not say itself, as KEY=VALUE: origin=real, rating_scale=1-7, "
        "kind=delaware, level_from_pspi=true, one_picture_each=true. Repeatable.",
        metavar="KEY=VALUE",
    ),
]

TestReadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--test-read",
        help="The same of the sets of --test where it differs; KEY= takes a choice back. "
        "Repeatable.",
        metavar="KEY=VALUE",
    ),
]


def progress_bar() -> Progress:
    """A bar on standard error that shows how many are done and how long it takes."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
