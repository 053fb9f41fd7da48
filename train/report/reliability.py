"""Reliability diagram: is it right as often as it says?"""

from __future__ import annotations

import math
from pathlib import Path

from train.metrics import Figure, reliability
from train.report.canvas import BLUE, GREY, VERMILION, axes_grid, new_figure, save_png
from train.report.runs import Run


def draw_reliability(run: Run, path: Path) -> None:
    """Accuracy against confidence with the expected calibration error, and where the faces lie."""
    found = reliability(run.predictions)
    ece = run.evaluation.figure("ece")
    caption = (
        f"{run.caption}\nFaces are put in 15 bins by the probability of the class that they were "
        "called: the rounded level, as in the confusion matrix. Below the diagonal the network is "
        "too sure, above it too timid. ECE: mean distance from the diagonal, weighted by faces "
        "(Guo et al. 2017)."
    )
    figure = new_figure(5.6, 5.2, title="Is it right as often as it says?", caption=caption)
    (above,), (below,) = axes_grid(figure, 2, 1, height_ratios=[3.2, 1.0], sharex=True)
    above.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfect")
    above.vlines(
        found.confidence, found.confidence, found.accuracy, color=VERMILION, linewidth=2, alpha=0.6
    )
    above.plot(found.confidence, found.accuracy, color=BLUE, marker="o", label="this run")
    above.text(
        0.03,
        0.97,
        _words(ece),
        va="top",
        transform=above.transAxes,
        fontsize=11,
    )
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that was right")
    above.legend(loc="lower right")
    below.bar(found.confidence, found.samples, width=0.05, color=BLUE)
    below.set(xlabel="probability of the class called", ylabel="faces")
    save_png(figure, path)


def _words(ece: Figure) -> str:
    known = math.isfinite(ece.low)
    return f"ECE {ece.value:.3f}" + (f"\n[{ece.low:.3f}, {ece.high:.3f}]" if known else "")
