"""The daemon's own tracker in the training loop: models train on what the daemon will see."""

from train.track.run import TrackSummary, track_dataset
from train.track.settings import TrackerSettings
from train.track.tracked import UNITS, Crops, TrackedSet, load_tracked

__all__ = [
    "UNITS",
    "Crops",
    "TrackSummary",
    "TrackedSet",
    "TrackerSettings",
    "load_tracked",
    "track_dataset",
]
