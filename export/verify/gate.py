"""Lets through what computes what was trained, and nothing else."""

from __future__ import annotations

from export.verify.bars import BARS
from export.verify.compare import Comparison
from pain.bundle import Precision
from pain.errors import ExportError


def require(comparison: Comparison, *, precision: Precision, of: str) -> None:
    """Refuse a graph that misses the bar of its precision.

    Args:
        comparison: with the checkpoint, or with the graph that it was made from.
        precision: of the graph.
        of: name of the graph, for the message.

    Raises:
        ExportError: the bar is missed; the message says by how much.
    """
    missed = BARS[precision].missed(comparison)
    if missed:
        raise ExportError(
            f"{of} ({precision}) misses its bar on {comparison.faces} tracked faces: "
            f"{'; '.join(missed)}; nothing was written"
        )
