"""Tracking at room distance: acquire by a tile sweep, follow by a padded, upscaled square."""

from edge.track.landmarker import Landmarker
from edge.track.model_file import fetch_landmarker, locate_landmarker
from edge.track.tracker import Phase, Tracker

__all__ = ["Landmarker", "Phase", "Tracker", "fetch_landmarker", "locate_landmarker"]
