"""Every frame of a video file, as fast as they are asked for."""

from __future__ import annotations

from edge.capture.source import Source
from pain.clock import Moment
from pain.values import Frame


class EveryFrame:
    """Reads a file in the caller's own thread, with the face of ``LatestFrame``; drops nothing.

    Args:
        source: an open file; owned from here on.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def dropped(self) -> int:
        """Always 0."""
        return 0

    @property
    def started(self) -> Moment | None:
        """Moment of the first picture, None before it."""
        return self._source.started

    def get(self, timeout_s: float) -> Frame | None:  # noqa: ARG002  (a file is always ready)
        """Return the next picture; raises what ``Source.read`` raises."""
        return self._source.read()

    def close(self, timeout_s: float) -> bool:  # noqa: ARG002  (nothing to wait for)
        """Release the file."""
        self._source.close()
        return True
