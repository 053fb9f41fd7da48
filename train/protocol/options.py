"""Options that every training command has, and the experiment that they make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from train.shipped import is_shipped

if TYPE_CHECKING:
    from train.experiment import Experiment

ConfigArgument = Annotated[
    Path, typer.Argument(help="Experiment, e.g. configs/train/fl-ordinal.yaml.", metavar="CONFIG")
]
ConfigsArgument = Annotated[
    list[Path], typer.Argument(help="Experiments, done one after the other.", metavar="CONFIG...")
]
DataOption = Annotated[
    Path | None, typer.Option(help="Folder of the data set; instead of data.folder.")
]
CacheOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder that 'painwatch train track' filled; features are kept there too. Instead of "
        "data.cache. It holds faces: guard it like the set."
    ),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(help="official, random or a file; instead of backbone.weights."),
]
StartOption = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Checkpoint to go on from, or shipped:NAME ('painwatch train shipped'); instead of "
        "start.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Change a key of the experiment, e.g. --set optimiser.lr=0.003. Repeatable."
    ),
]


def experiment_from(
    config: Path,
    *,
    data: Path | None,
    cache: Path | None,
    weights: str | None,
    changes: Sequence[str] | None,
    start: str | None = None,
) -> Experiment:
    """The experiment of a file with what the command line says instead.

    Raises:
        ConfigError: the file or a change is wrong.
    """
    from train.experiment import load_experiment

    wanted = list(changes or ())
    if weights is not None:
        named = weights in {"official", "random"}
        # Paths on the command line start here, those of the file at the file.
        wanted.append(f"backbone.weights={weights if named else Path(weights).absolute()}")
    if start is not None:
        wanted.append(f"start={start if is_shipped(start) else Path(start).absolute()}")
    experiment = load_experiment(config, changes=wanted)
    places = {"folder": data, "cache": cache}
    given = {key: path.absolute() for key, path in places.items() if path is not None}
    return experiment.model_copy(update={"data": experiment.data.model_copy(update=given)})
