"""The front door: one command that opens the rooms pain, train, export, edge and station."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.batch.scored import ScoredFace, Source

__all__ = ["__version__", "score"]

__version__ = version("painwatch")


def score(
    sources: Source | Iterable[Source],
    *,
    bundle: str | Path | None = None,
    every_s: float = 0.0,
    crops: bool | None = None,
) -> list[ScoredFace]:
    """Score the pain in faces of pictures and videos, as ``painwatch score`` does.

    What cannot be used is warned of (``UserWarning``), and the rest goes on. A research aid, not a
    medical device.

    Args:
        sources: paths of pictures, folders and videos, or pictures as uint8 (H, W, 3) RGB; one or
            several.
        bundle: folder of a model bundle; the built-in one when absent.
        every_s: least time between two frames of a video, seconds; 0 for every frame.
        crops: whether pictures are aligned crops of ours (256 px); None asks each of them.

    Returns:
        One a face of a picture or frame of a video, in order: ``level`` (None where there is
        none), ``reason``, ``outcome``, ``face``, and ``row()`` for a table.

    Raises:
        pain.errors.UsageError: the models are absent or cannot be used.
    """
    # Imported here: the command line must not load these libraries for --help.
    import numpy as np

    from edge.batch.scored import FaceScorer, score_sources

    several = [sources] if isinstance(sources, str | Path | np.ndarray) else list(sources)
    with FaceScorer(bundle_dir=None if bundle is None else Path(bundle), crops=crops) as scorer:
        return score_sources(
            several,
            scorer,
            every_s=every_s,
            on_problem=lambda problem: warnings.warn(str(problem), stacklevel=3),
        )
