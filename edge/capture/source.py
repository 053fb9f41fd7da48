"""What every source of pictures offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pain.clock import Moment
from pain.values import Frame


class EndOfStream(Exception):
    """A video file has been read to its end."""


class SourceClosed(Exception):
    """``close()`` was called while a picture was being waited for."""


class Picture(Protocol):
    """A decoded picture that has not been converted yet."""

    def to_rgb(self) -> npt.NDArray[np.uint8]:
        """Convert to uint8 (H, W, 3) RGB, upright."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Grab:
    """A picture as decoded, with its time; converting it is left to whoever looks at it.

    Attributes:
        picture: the decoded picture.
        captured_s: monotonic capture time, seconds.
        wall_time: the same moment, UTC.
        sequence: position among the pictures that passed the frame rate limit, from 0.
    """

    picture: Picture
    captured_s: float
    wall_time: datetime
    sequence: int

    def to_frame(self) -> Frame:
        """Convert to RGB."""
        return Frame(
            image=self.picture.to_rgb(),
            captured_s=self.captured_s,
            wall_time=self.wall_time,
            sequence=self.sequence,
        )


class Source(Protocol):
    """An open camera or video file."""

    @property
    def started(self) -> Moment | None:
        """Moment of the first picture, None before it."""
        ...

    def grab(self) -> Grab:
        """Wait for the next picture, decoded and not converted.

        Raises:
            EndOfStream: a video file has ended.
            SourceClosed: ``close()`` was called from another thread.
            SourceLost: the camera stopped answering, or the file is broken from here on.
            SourceError: there is no picture in the file at all.
        """
        ...

    def read(self) -> Frame:
        """Wait for the next picture and convert it; raises what ``grab`` raises."""
        ...

    def interrupt(self) -> None:
        """Make a waiting ``grab`` give up soon; may be called from another thread."""
        ...

    def close(self) -> None:
        """Release the camera or file; only from the thread that grabs."""
        ...
