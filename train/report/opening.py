"""What must be known before any figure of a report is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from train.metrics import DataOrigin
from train.report.beside import COLUMNS, Published
from train.report.runs import Run

_FIRST: Final = """\
# Pain models: report

A research aid, not a medical device. Every face was predicted by the fold that did not train on it.
"""
_SYNTHETIC: Final = """\
**Synthetic faces.** Figures on rendered residents say how the models compare and that the pipeline
works; they are no evidence of how well real people's pain is read.
"""
_FLATTERS: Final = """\
**Image-wise splits are in this report.** They let one person be in training and in the test and
flatter; they are marked wherever they appear.
"""
_PLUMBING: Final = """\
**Plumbing-only runs are in this report.** Their backbones have random weights that never learned;
their figures say nothing about the backbone.
"""
_NOTHING_BESIDE: Final = f"""\
No published figures were given to stand beside ours (`--beside FILE.csv` with the columns
{", ".join(COLUMNS)}), so none are shown.
"""


def opening(runs: Sequence[Run], published: Sequence[Published]) -> str:
    """The first paragraphs, Markdown."""
    paragraphs = [_FIRST]
    if any(run.predictions.origin is not DataOrigin.REAL for run in runs):
        paragraphs.append(_SYNTHETIC)
    if any(run.flatters for run in runs):
        paragraphs.append(_FLATTERS)
    if any(run.plumbing_only for run in runs):
        paragraphs.append(_PLUMBING)
    if published:
        sources = "; ".join(dict.fromkeys(one.source for one in published))
        paragraphs.append(
            f"Figures *as published* stand in italics beside ours, from: {sources}. They were "
            "measured on other data, so a difference is not the models' alone.\n"
        )
    else:
        paragraphs.append(_NOTHING_BESIDE)
    return "\n".join(paragraphs)
