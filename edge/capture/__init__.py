"""Pictures from cameras and video files, through FFmpeg."""

from edge.capture.every import EveryFrame
from edge.capture.latest import LatestFrame
from edge.capture.opening import open_source
from edge.capture.source import EndOfStream, Source, SourceClosed

__all__ = [
    "EndOfStream",
    "EveryFrame",
    "LatestFrame",
    "Source",
    "SourceClosed",
    "open_source",
]
