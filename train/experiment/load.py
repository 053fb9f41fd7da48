"""Read an experiment; every mistake in it is told with file, line, key and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from pain.errors import ConfigError
from pain.settings.document import Document, parse
from pain.settings.problem import as_error, dotted
from pain.settings.read import read_document, settings_of
from train.experiment.schema import Experiment
from train.shipped import is_shipped

EXAMPLE: Final = "one of the files in configs/train/"

_WEIGHTS_WORDS: Final = ("official", "random")
_COMMAND_LINE: Final = "--set"


def load_experiment(path: Path, *, changes: Sequence[str] = ()) -> Experiment:
    """Read and check an experiment.

    Relative paths in it are taken from its own folder; the returned experiment holds absolute ones
    and a name.

    Args:
        path: YAML file, UTF-8.
        changes: ``key=value`` with dotted keys, each taking the place of a key of the file.

    Raises:
        ConfigError: anything is wrong; ``ConfigErrors`` when several things are.
    """
    document = read_document(path, example=EXAMPLE)
    for change in changes:
        document = _changed(document, change)
    experiment = experiment_of(document)
    named = experiment.name or path.stem
    return _resolved(experiment.model_copy(update={"name": named}), path.absolute().parent)


def experiment_of(document: Document) -> Experiment:
    """Check the values of a document.

    Raises:
        ConfigError: anything is wrong.
    """
    experiment = settings_of(document, Experiment, example=EXAMPLE)
    _check_loss(experiment, document)
    return experiment


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML with every key, as it is kept beside its results."""
    return yaml.safe_dump(experiment.model_dump(mode="json"), sort_keys=False, width=100)


def restore_experiment(values: Mapping[str, Any]) -> Experiment:
    """An experiment from what ``model_dump`` gave, e.g. in a checkpoint.

    Raises:
        ConfigError: it is no experiment of this version.
    """
    return experiment_of(Document(file="checkpoint", data=dict(values)))


def _check_loss(experiment: Experiment, document: Document) -> None:
    """Make the loss once, so that a wrong name or option is told before any face is read."""
    from train.objectives import make_objective, objective_names

    name = experiment.loss.name or objective_names(experiment.task)[0]
    try:
        options: dict[str, Any] = dict(experiment.loss.options)
        make_objective(name, experiment.task, **options)
    except ConfigError as error:
        known = name in objective_names(experiment.task)
        path = ("loss", "options", error.key or "") if known else ("loss", "name")
        raise ConfigError(
            error.message,
            file=document.file,
            line=document.line(path),
            key=dotted(path),
            value=error.value,
        ) from None
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"an option of the loss {name} cannot be used: {error}",
            file=document.file,
            line=document.line(("loss", "options")),
            key="loss.options",
        ) from error


def _changed(document: Document, change: str) -> Document:
    """The document with one key replaced by ``key=value`` of the command line."""
    key, equals, written = change.partition("=")
    if not equals or not key:
        message = "write key=value, e.g. --set optimiser.lr=0.01"
        raise ConfigError(message, file=_COMMAND_LINE, value=change, key=key or None)
    inner = parse(f"{{value: {written}}}", file=f"{_COMMAND_LINE} {change}")
    if inner.problems:
        raise as_error(inner.problems, inner.file)
    path = tuple(key.split("."))
    data = _with(document.data, path, inner.at(("value",)))
    # A line of the file would point at what was replaced.
    lines = {at: line for at, line in document.lines.items() if at[: len(path)] != path}
    lines = {at: line for at, line in lines.items() if len(at) >= len(path) or at != path}
    return replace(document, data=data, lines=lines)


def _with(data: object, path: tuple[str, ...], value: object) -> object:
    if not path:
        return value
    section = dict(data) if isinstance(data, dict) else {}
    return {**section, path[0]: _with(section.get(path[0]), path[1:], value)}


def _resolved(experiment: Experiment, folder: Path) -> Experiment:
    data, weights = experiment.data, experiment.backbone.weights
    places = {
        key: folder / path.expanduser() if path is not None else None
        for key, path in (("folder", data.folder), ("cache", data.cache))
    }
    if weights not in _WEIGHTS_WORDS:
        weights = str(folder / Path(weights).expanduser())
    start = experiment.start
    if start is not None and not is_shipped(start):
        start = str(folder / Path(start).expanduser())
    board = experiment.logging.tensorboard
    return experiment.model_copy(
        update={
            "data": data.model_copy(update=places),
            "start": start,
            "backbone": experiment.backbone.model_copy(update={"weights": weights}),
            "logging": experiment.logging.model_copy(
                update={"tensorboard": folder / board.expanduser() if board else None}
            ),
        }
    )
