"""Learning curves, a panel for every fold."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from train.report.canvas import BLUE, ORANGE, VERMILION, axes_grid, new_figure, save_png
from train.report.runs import Run

_IN_A_ROW: Final = 5
_MOST: Final = 20
"""Folds that are shown; leaving one person out, there may be hundreds."""


def draw_curves(run: Run, path: Path) -> None:
    """Loss on the training part and on the validation part, epoch by epoch."""
    from matplotlib.ticker import MaxNLocator

    every = sorted({epoch.fold for epoch in run.history})
    folds = every[:_MOST]
    columns = min(len(folds), _IN_A_ROW)
    rows = -(-len(folds) // columns)
    caption = (
        f"{run.caption}\nThe loss that was minimised. The validation part comes from the training "
        "folds; training stops by it, and the ringed epoch was kept. The test part is never seen."
        + (f"\nThe first {_MOST} of {len(every)} folds." if len(every) > _MOST else "")
    )
    width_in = max(2.1 * columns, 5.0)
    figure = new_figure(width_in, 2.3 * rows + 0.5, title="How it learned", caption=caption)
    grid = axes_grid(figure, rows, columns, sharey=True)
    panels = [axes for row in grid for axes in row]
    for axes in panels[len(folds) :]:
        axes.set_axis_off()
    for axes, fold in zip(panels, folds, strict=False):
        mine = [epoch for epoch in run.history if epoch.fold == fold]
        at = [epoch.number for epoch in mine]
        axes.plot(at, [e.train_loss for e in mine], color=ORANGE, linestyle="--", label="training")
        axes.plot(at, [e.validation_loss for e in mine], color=BLUE, label="validation")
        best = min(mine, key=lambda epoch: epoch.validation_loss)
        axes.plot(
            best.number,
            best.validation_loss,
            marker="o",
            markersize=8,
            markerfacecolor="none",
            markeredgecolor=VERMILION,
            markeredgewidth=1.6,
            linestyle="none",
            label="kept",
        )
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set(title=f"fold {fold}", xlabel="epoch")
    for row in grid:
        row[0].set_ylabel("loss")
    panels[0].legend(fontsize=8)
    save_png(figure, path)
