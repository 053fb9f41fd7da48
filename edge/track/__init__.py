"""Tracking at room distance: acquire by a tile sweep, follow by a padded, upscaled square.

The tracker is imported on first use: the gateway looks for the model file through this package and
must not load a library that sees pictures.
"""

from typing import TYPE_CHECKING, Any

from edge.track.landmarker import Landmarker
from edge.track.model_file import fetch_landmarker, locate_landmarker

if TYPE_CHECKING:
    from edge.track.tracker import Phase, Tracker

__all__ = ["Landmarker", "Phase", "Tracker", "fetch_landmarker", "locate_landmarker"]


def __getattr__(name: str) -> Any:
    if name in ("Phase", "Tracker"):
        from edge.track import tracker

        return getattr(tracker, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
