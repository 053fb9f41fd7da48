"""A video file, in real time or as fast as it can be looked at."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from edge.capture.source import EndOfStream, Grab, SourceClosed
from edge.capture.timing import RateLimit, Timeline
from edge.capture.video import DecodedPicture, Video
from pain.clock import Clock, Moment
from pain.errors import SourceError, SourceLost
from pain.values import Frame

ALLOWED_SHORTFALL_S: Final = 1.0
ALLOWED_SHORTFALL_SHARE: Final = 0.1
"""A file that ends earlier than its index says by more than both was cut off."""


class VideoFile:
    """Pictures of a file, captured at the moment it was started plus their presentation time.

    Args:
        path: the file.
        fps_limit: pictures a second to look at.
        loop: start again at the end; time runs on.
        fast: give every picture at once instead of waiting for its time.
        grey_bits: bits that 16-bit grey words hold, None to see for itself.
        clock: source of the present moment.
        closing: set to end a wait; its own when absent.

    Raises:
        SourceError: the file is absent, a folder, empty, unreadable or no video.
    """

    def __init__(
        self,
        *,
        path: Path,
        fps_limit: float,
        loop: bool,
        fast: bool,
        grey_bits: int | None = None,
        clock: Clock,
        closing: threading.Event | None = None,
    ) -> None:
        _check_file(path)
        self._label = str(path)
        # The explicit protocol keeps a name like "concat:x" a name, and playlists from opening
        # other protocols.
        self._video = Video(
            location=f"file:{path.absolute()}",
            label=self._label,
            options={"protocol_whitelist": "file"},
            grey_bits=grey_bits,
            clock=clock,
        )
        self._pictures = self._video.pictures()
        self._timeline = Timeline(interval_s=self._video.interval_s)
        self._limit = RateLimit(fps=fps_limit)
        self._loop = loop
        self._fast = fast
        self._clock = clock
        self._closing = closing or threading.Event()
        self._started: Moment | None = None
        self._round_began_s = 0.0
        self._round_leapt_s = 0.0
        self._sequence = 0

    @property
    def started(self) -> Moment | None:
        """Moment of the first picture, None before it."""
        return self._started

    def grab(self) -> Grab:
        """Wait for the next picture's time; see ``Source.grab``."""
        picture, at_s = self._next_admitted()
        if self._started is None:
            self._started = self._clock.now()
        captured_s = self._started.monotonic_s + at_s
        if not self._fast:
            self._wait_until(captured_s)
        grab = Grab(
            picture=picture,
            captured_s=captured_s,
            wall_time=self._started.at(captured_s),
            sequence=self._sequence,
        )
        self._sequence += 1
        return grab

    def read(self) -> Frame:
        """Wait for the next picture's time and convert it."""
        return self.grab().to_frame()

    def interrupt(self) -> None:
        """Make a waiting ``grab`` give up."""
        self._closing.set()

    def close(self) -> None:
        """Release the file."""
        self._closing.set()
        self._video.close()

    def _next_admitted(self) -> tuple[DecodedPicture, float]:
        while not self._closing.is_set():
            picture = next(self._pictures, None)
            if picture is None:
                self._finish_round()
                continue
            at_s = self._timeline.place(picture.presented_s)
            if self._limit.admits(at_s):
                return picture, at_s
        raise SourceClosed

    def _finish_round(self) -> None:
        seen_s = self._timeline.end_s - self._round_began_s
        if not seen_s:
            raise SourceError(f"{self._label} holds no picture; use another video")
        declared_s = self._video.declared_length_s
        if declared_s is not None:
            # The index counts leaps of the recorder's clock as length; pictures do not.
            leapt_s = self._timeline.leapt_s - self._round_leapt_s
            missing_s = declared_s - leapt_s - seen_s
            if missing_s > max(ALLOWED_SHORTFALL_S, ALLOWED_SHORTFALL_SHARE * declared_s):
                raise SourceLost(
                    f"{self._label} breaks off after {seen_s:.1f} s of {declared_s:.1f} s; "
                    "the file is cut off or damaged, copy it again"
                )
        if not self._loop:
            raise EndOfStream
        self._round_began_s = self._timeline.end_s
        self._round_leapt_s = self._timeline.leapt_s
        self._video.rewind()
        self._pictures = self._video.pictures()

    def _wait_until(self, due_s: float) -> None:
        while (left_s := due_s - self._clock.now().monotonic_s) > 0:
            if self._closing.wait(left_s):
                raise SourceClosed


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder; name one video file in it")
        if not path.exists():
            raise SourceError(f"{path} does not exist; check the path of the video")
        if path.is_char_device():
            raise SourceError(f"{path} is a device; write v4l2://{path.absolute()} for a camera")
        if not path.is_file():
            raise SourceError(f"{path} is no regular file; use a video file")
        if path.stat().st_size == 0:
            raise SourceError(f"{path} is empty (0 bytes); copy the video again")
        with path.open("rb"):
            pass
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
