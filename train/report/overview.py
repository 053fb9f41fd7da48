"""All runs of one task in one picture: value and interval, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from train.objectives.task import Task
from train.report.canvas import BLUE, GREY, VERMILION, axes_grid, new_figure, save_png
from train.report.runs import Run

_SHOWN: Final = {
    Task.ORDINAL: {
        "mae": "MAE (lower is better)",
        "quadratic_kappa": "quadratic kappa",
        "auroc_any_pain_vs_hard_negatives": "AUROC vs hard negatives",
    },
    Task.REGRESSION: {
        "mae": "MAE (lower is better)",
        "icc_3_1": "ICC(3,1)",
        "auroc_any_pain_vs_hard_negatives": "AUROC vs hard negatives",
    },
    Task.BINARY: {
        "f1_1": "F1",
        "auroc_any_pain_vs_no_pain": "AUROC vs no pain",
        "auroc_any_pain_vs_hard_negatives": "AUROC vs hard negatives",
    },
}
_CONSTANT: Final = {"quadratic_kappa": 0.0, "icc_3_1": 0.0}
"""What agreement beyond chance is without looking; areas are 0.5."""


def draw_overview(runs: Sequence[Run], path: Path) -> None:
    """Three figures of merit of every run of one task, with intervals.

    Args:
        runs: of one task, at least one.
        path: PNG to write.
    """
    task = runs[0].task
    shown = _SHOWN[task]
    caption = (
        "Point and bar: value and 95 % interval, bootstrap over people. Dashed: without looking at "
        "a face. Hollow: not a fair figure (plumbing only, or an image-wise split, which "
        "flatters).\nFaces " + "; ".join(dict.fromkeys(run.data_words for run in runs)) + "."
    )
    figure = new_figure(
        10.0, 1.2 + 0.42 * len(runs), title=f"All runs of the {task} task", caption=caption
    )
    (panels,) = axes_grid(figure, 1, len(shown), sharey=True)
    for axes, (metric, words) in zip(panels, shown.items(), strict=True):
        for at, run in enumerate(runs):
            found = run.evaluation.figure(metric)
            if not found.is_defined:
                continue
            colour = GREY if run.warnings else BLUE
            axes.hlines(at, found.low, found.high, color=colour, linewidth=2)
            face = "white" if run.warnings else colour
            axes.plot(found.value, at, "o", color=colour, markerfacecolor=face, markersize=7)
            axes.annotate(
                f"{found.value:.2f}",
                (found.value, at),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
        axes.axvline(
            _without_looking(runs[0], metric), color=VERMILION, linestyle="--", linewidth=1
        )
        axes.set(title=words, ylim=(len(runs) - 0.4, -0.7))
        axes.tick_params(left=False)
        axes.grid(axis="x", color=GREY, alpha=0.2)
    panels[0].set_yticks(range(len(runs)), [_words(run) for run in runs])
    save_png(figure, path)


def _without_looking(run: Run, metric: str) -> float:
    if metric.startswith("auroc"):
        return 0.5
    if metric in _CONSTANT:
        return _CONSTANT[metric]
    return run.without_looking.figure(metric).value


def _words(run: Run) -> str:
    marks = "".join(f"\n{warning}" for warning in run.warnings)
    return f"{run.network_words}, {run.loss}{marks}"
