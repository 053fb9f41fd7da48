"""Predictions of unseen faces, and every figure of merit from them."""

from train.metrics.calibration import Reliability, reliability
from train.metrics.classes import confusion_matrix
from train.metrics.evaluate import SUBGROUP_METRICS, Evaluation, evaluate
from train.metrics.figure import Figure, Gap, write_figures
from train.metrics.predictions import DataOrigin, Predictions, Split
from train.metrics.subgroups import subgroups

__all__ = [
    "SUBGROUP_METRICS",
    "DataOrigin",
    "Evaluation",
    "Figure",
    "Gap",
    "Predictions",
    "Reliability",
    "Split",
    "confusion_matrix",
    "evaluate",
    "reliability",
    "subgroups",
    "write_figures",
]
