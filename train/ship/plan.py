"""Reads what is to be shipped: an experiment, or a distillation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pain.errors import UsageError
from pain.settings.read import read_document
from train.distil.load import load_distillation
from train.experiment import load_experiment
from train.ship.steps import Plan


def plan_of(
    config: Path,
    *,
    data: Sequence[Path],
    tests: Sequence[Path],
    out: Path,
    cache: Path | None,
    name: str | None,
    version: str,
) -> Plan:
    """Check the file and the options before anything is done.

    Raises:
        ConfigError: the file is wrong.
        UsageError: it cannot be shipped.
    """
    document = read_document(config, example="one of configs/train/ or configs/distil/")
    distils = isinstance(document.data, dict) and "student" in document.data
    if distils:
        named = load_distillation(config).name
    else:
        experiment = load_experiment(config)
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
    )
