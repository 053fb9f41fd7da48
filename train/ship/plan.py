"""Reads what is to be shipped: an experiment, or a distillation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pain.errors import UsageError
from pain.settings.read import read_document
from train.data.choices import Choices, choices_of
from train.distil.load import load_distillation
from train.experiment import load_experiment
from train.ship.steps import Plan
from train.shipped import is_shipped


def plan_of(
    config: Path,
    *,
    data: Sequence[Path],
    tests: Sequence[Path],
    out: Path,
    cache: Path | None,
    name: str | None,
    version: str,
    read: Sequence[str] = (),
    test_read: Sequence[str] = (),
    changes: Sequence[str] = (),
    weights: str | None = None,
    start: str | None = None,
) -> Plan:
    """Check the file and the options before anything is done.

    Args:
        config: experiment, or distillation.
        data: sets to learn from.
        tests: sets of other people.
        out: folder of everything that is made.
        cache: the tracker's answers; in ``out`` when None.
        name: of the bundle; the file's when None.
        version: of the bundle.
        read: KEY=VALUE of what ``data`` and ``tests`` do not say themselves; what an experiment
            says of its data counts where this says nothing.
        test_read: the same of ``tests``, where it differs.
        changes: KEY=VALUE of an experiment's keys.
        weights: official, random or a file, instead of an experiment's.
        start: checkpoint to go on from, or ``shipped:NAME``, instead of the file's.

    Raises:
        ConfigError: the file is wrong.
        UsageError: it cannot be shipped.
    """
    document = read_document(config, example="one of configs/train/ or configs/distil/")
    distils = isinstance(document.data, dict) and "student" in document.data
    if distils:
        if changes or weights is not None:
            raise UsageError(
                f"{config} is a distillation, whose keys are changed in its file; --set and "
                "--weights are for experiments"
            )
        named = load_distillation(config).name
        data_choices = choices_of(read)
    else:
        experiment = load_experiment(config, changes=changes)
        said = Choices(kind=experiment.data.kind, reading=experiment.data.reading)
        data_choices = said.changed(read)
        named = str(experiment.name)
        if len(data) > 1:
            raise UsageError(
                f"{config} is an experiment, which learns from one set; --data is given "
                f"{len(data)} times. A distillation (configs/distil/) takes several."
            )
        if experiment.temporal is not None:
            raise UsageError(f"{config}: a head over clips is no bundle yet; leave 'temporal' out")
    return Plan(
        config=config.absolute(),
        distils=distils,
        data=tuple(folder.absolute() for folder in data),
        tests=tuple(folder.absolute() for folder in tests),
        cache=(cache or out / "cache").absolute(),
        out=out.absolute(),
        name=name or re.sub(r"[^a-z0-9]+", "-", named.lower()).strip("-"),
        version=version,
        data_choices=data_choices,
        test_choices=data_choices.changed(test_read, option="--test-read"),
        options=_options(changes, weights, start),
    )


def _options(changes: Sequence[str], weights: str | None, start: str | None) -> tuple[str, ...]:
    """Words that the training gets as they were given here."""
    found = [word for change in changes for word in ("--set", change)]
    if weights is not None:
        known = weights in {"official", "random"}
        found += ["--weights", weights if known else str(Path(weights).absolute())]
    if start is not None:
        found += ["--start", start if is_shipped(start) else str(Path(start).absolute())]
    return tuple(found)
