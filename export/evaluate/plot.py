"""Pictures of what readers say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from export.evaluate import figures as names
from export.evaluate.table import Judged
from pain.scales import LEVEL_COUNT, LEVEL_MAX, MODERATE, SEVERE
from train.residents.expression import Kind

_LIMITS: Final = (MODERATE, SEVERE)


def plot_all(folder: Path, judged: Sequence[Judged]) -> list[Path]:
    """Draw level by true level, levels of hard negatives, and errors of groups, for each set.

    Args:
        folder: where to write; exists.
        judged: every reader on every set.

    Returns:
        The PNGs.
    """
    written = []
    for name in dict.fromkeys(one.faces.name for one in judged):
        readers = [one for one in judged if one.faces.name == name]
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower())
        for kind, draw in (("levels", _levels), ("negatives", _negatives), ("groups", _groups)):
            path = folder / f"{kind}-{slug}.png"
            if _drawn(path, readers, draw):
                written.append(path)
    return written


def _drawn(path: Path, readers: Sequence[Judged], draw: Any) -> bool:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure = draw(plt, readers)
    if figure is None:
        return False
    faces = readers[0].faces
    figure.suptitle(f"{faces.name}: {len(faces)} {faces.origin.value} faces, held out")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return True


def _levels(plt: Any, readers: Sequence[Judged]) -> Any:
    figure, axes = _row(plt, [one for one in readers if one.reading.ranks])
    truth = readers[0].faces.cohort.tracked.levels
    nearest = np.clip(np.floor(truth + 0.5), 0, LEVEL_MAX).astype(int)
    for axis, one in axes:
        present = [level for level in range(LEVEL_COUNT) if (nearest == level).any()]
        axis.violinplot(
            [one.reading.level[nearest == level] for level in present],
            positions=present,
            showmedians=True,
            showextrema=False,
        )
        axis.plot([0, LEVEL_MAX], [0, LEVEL_MAX], color="0.6", linewidth=0.8)
        axis.set(title=one.reading.reader, xlabel="true level, nearest", ylabel="level read")
    return figure


def _negatives(plt: Any, readers: Sequence[Judged]) -> Any:
    cohort = readers[0].faces.cohort
    other = cohort.of_kind(Kind.OTHER)
    expressions = np.unique(cohort.expression[other])
    if not len(expressions):
        return None
    figure, axes = _row(
        plt, [one for one in readers if one.reading.ranks], height=2 + 0.22 * len(expressions)
    )
    for axis, one in axes:
        chosen = [other & (cohort.expression == name) for name in expressions]
        axis.boxplot(
            [one.reading.level[members] for members in chosen],
            orientation="horizontal",
            whis=(5, 95),
            showfliers=False,
        )
        axis.set_yticks(range(1, len(expressions) + 1), expressions, fontsize="x-small")
        for limit in _LIMITS:
            axis.axvline(limit, color="tab:red", linewidth=0.8, linestyle="--")
        axis.set(title=one.reading.reader, xlabel="level read (true: 0)", xlim=(-0.1, LEVEL_MAX))
    return figure


def _groups(plt: Any, readers: Sequence[Judged]) -> Any:
    found = [
        {s.subset: s.estimate for s in one.figures if s.metric == names.GROUP_MAE}
        for one in readers
    ]
    subsets = list(dict.fromkeys(subset for one in found for subset in one))
    if not subsets:
        return None
    height = 2 + 0.16 * len(subsets) * len(readers)
    figure, axis = plt.subplots(figsize=(9, height))
    step = 0.8 / len(readers)
    for number, (one, estimates) in enumerate(zip(readers, found, strict=True)):
        places = [at + number * step for at, name in enumerate(subsets) if name in estimates]
        known = [estimates[name] for name in subsets if name in estimates]
        values = np.array([estimate.value for estimate in known])
        # A percentile interval need not contain the value.
        ends = np.array([(max(e.value - e.low, 0.0), max(e.high - e.value, 0.0)) for e in known]).T
        axis.barh(places, values, step, xerr=ends, label=one.reading.reader, error_kw={"lw": 0.6})
    axis.set_yticks(np.arange(len(subsets)) + 0.4 - step / 2, subsets, fontsize="x-small")
    axis.invert_yaxis()
    axis.set_xlabel("mean absolute error of the level, levels")
    axis.legend(fontsize="x-small")
    return figure


def _row(plt: Any, readers: Sequence[Judged], *, height: float = 4.0) -> tuple[Any, Any]:
    figure, axes = plt.subplots(
        1, len(readers), figsize=(4.2 * len(readers), height), sharey=True, squeeze=False
    )
    return figure, list(zip(axes[0], readers, strict=True))
