"""The worker's loop: take the newest frame, make a reading, and keep the camera open."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Final, Protocol

from edge.capture import EndOfStream
from edge.capture.picture import Blindness, PictureWatch
from edge.config import CameraConfig
from edge.worker.backoff import Backoff
from edge.worker.courier import Courier
from edge.worker.messages import MOST_PLACES, Beat, Ended, Failed
from edge.worker.pipeline import Pipeline
from edge.worker.vitals import Vitals
from pain.clock import Clock, Moment
from pain.errors import SourceError
from pain.values import Box, Frame, Reason, Unavailable
from pain.wire import PicturePlace

POLL_S: Final = 0.25
"""How often a wait for a frame looks whether the worker is to stop."""

STALL_FRAMES: Final = 2
STALL_MIN_S: Final = 2.0
"""A stage is stalled after two frame intervals or two seconds, whichever is longer."""

RETRY_FIRST_S: Final = 1.0
RETRY_CAP_S: Final = 3.0
"""A camera that is back is watched within seconds; one attempt in three seconds harms nobody."""

EMPTY_TIMES: Final = 15
"""How many times as long a picture may stand still while no face is in it, before it is told."""

NOBODY: Final = Unavailable(reason=Reason.NO_FACE)

GIVE_UP_AFTER_S: Final = 20.0
"""A driver that hangs this long past every time-out is left with its process."""

RELEASE_TIMEOUT_S: Final = 1.0

_log = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """How the worker ends."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    RESTART_ME = 75
    """EX_TEMPFAIL of sysexits.h: a fresh process may succeed."""


class Feed(Protocol):
    """Frames of one opening of the source."""

    @property
    def dropped(self) -> int:
        """Frames that were skipped."""
        ...

    @property
    def started(self) -> Moment | None:
        """Moment of the first frame."""
        ...

    def get(self, timeout_s: float) -> Frame | None:
        """Wait for a frame."""
        ...

    def close(self, timeout_s: float) -> bool:
        """Release the source; whether that worked."""
        ...


class _CaptureHangs(Exception):
    """The thread that captures does not return from the driver."""


def stall_limit_s(camera: CameraConfig) -> float:
    """Time after which one stage of the pipeline counts as stalled, seconds."""
    return max(STALL_FRAMES / camera.fps_limit, STALL_MIN_S)


class Watch:
    """Watches one source until it ends, fails for good, or is told to stop.

    Args:
        open_feed: opens the source anew.
        live: whether a lost source is opened again (a camera) or final (a file).
        camera: time-outs and frame rate.
        pipeline: makes readings.
        vitals: told how capture fares.
        courier: carries readings and failures to the gateway.
        stop: set to end.
        clock: source of the present moment.
        lifeless: where faces without life are, in shares of the picture.
    """

    def __init__(
        self,
        *,
        open_feed: Callable[[], Feed],
        live: bool,
        camera: CameraConfig,
        pipeline: Pipeline,
        vitals: Vitals,
        courier: Courier,
        stop: threading.Event,
        clock: Clock,
        lifeless: Callable[[], Sequence[Box]] = tuple,
    ) -> None:
        self._open_feed = open_feed
        self._lifeless = lifeless
        self._live = live
        self._camera = camera
        self._pipeline = pipeline
        self._vitals = vitals
        self._courier = courier
        self._stop = stop
        self._clock = clock
        self._backoff = Backoff(first_s=RETRY_FIRST_S, cap_s=RETRY_CAP_S)
        self._feed: Feed | None = None
        self._dropped_before = 0
        self._told: str | None = None
        self._nobody = False

    def run(self) -> ExitCode:
        """Watch; returns when there is nothing more to do."""
        while not self._stop.is_set():
            try:
                self._watch_once()
            except EndOfStream:
                self._vitals.stopped("capture")
                self._courier.send(Ended())
                return ExitCode.OK
            except SourceError as error:
                if not self._live:
                    self._tell_lost(str(error), fatal=True)
                    return ExitCode.USAGE
                self._tell_lost(str(error), fatal=False)
                self._stop.wait(self._backoff.take_s())
            except _CaptureHangs:
                return ExitCode.RESTART_ME
        return ExitCode.OK

    def beat(self) -> Beat:
        """Health at this moment; may be called from another thread."""
        feed = self._feed
        started = feed.started if feed is not None else None
        return Beat(
            stages=self._vitals.statuses(),
            fps=self._vitals.fps(),
            dropped_frames=self._dropped_before + (feed.dropped if feed is not None else 0),
            stream_started_at=started.wall if started is not None else None,
            lifeless=tuple(
                PicturePlace(x=box.x, y=box.y, width=box.width, height=box.height)
                for box in self._lifeless()[:MOST_PLACES]
            ),
        )

    def _watch_once(self) -> None:
        """Follow one opening of the source to its end."""
        # Opening may take its time-out twice (connect, then learn the stream's format).
        self._vitals.began("capture", limit_s=self._first_frame_limit_s)
        feed = self._feed = self._open_feed()
        try:
            limit_s = self._first_frame_limit_s
            picture = self._picture_watch()
            while (frame := self._next_frame(feed, limit_s)) is not None:
                limit_s = stall_limit_s(self._camera)
                blindness = picture.judge(frame)
                if blindness is not None and not self._may_wait(blindness, frame):
                    self._tell_blind(blindness)
                    continue
                self._camera_works()
                message = self._pipeline.process(frame)
                self._courier.send(message)
                self._nobody = message.reading.outcome == NOBODY
                self._vitals.reading_made()
        finally:
            # When it cannot be released in time, its thread ends with the process or later; a
            # device that is still taken makes the next opening fail, which is retried.
            feed.close(RELEASE_TIMEOUT_S)
            self._feed = None
            self._dropped_before += feed.dropped

    def _may_wait(self, blindness: Blindness, frame: Frame) -> bool:
        """Nothing moves in an empty room, and nobody's level is at stake there."""
        limit_s = EMPTY_TIMES * (self._camera.still_after_s or 0.0)
        return (
            blindness.doubtful and self._nobody and frame.captured_s - blindness.since_s < limit_s
        )

    def _picture_watch(self) -> PictureWatch:
        """A recording may hold a still picture; a camera may not."""
        camera = self._camera
        return PictureWatch(
            frozen_after_s=camera.frozen_after_s if self._live else None,
            still_after_s=camera.still_after_s if self._live else None,
            black_after_s=camera.black_after_s if self._live else None,
        )

    @property
    def _first_frame_limit_s(self) -> float:
        return 2 * self._camera.open_timeout_s + self._camera.read_timeout_s

    def _next_frame(self, feed: Feed, limit_s: float) -> Frame | None:
        """Wait for a frame; None when the worker is to stop."""
        self._vitals.began("capture", limit_s=limit_s)
        began_s = self._clock.now().monotonic_s
        patience_s = max(limit_s, self._camera.read_timeout_s)
        while not self._stop.is_set():
            frame = feed.get(POLL_S)
            if frame is not None:
                return frame
            waited_s = self._clock.now().monotonic_s - began_s
            if self._live and waited_s > patience_s:
                self._tell_lost(
                    f"the camera's driver has given no picture for {patience_s:g} s", fatal=False
                )
                if waited_s > patience_s + GIVE_UP_AFTER_S:
                    raise _CaptureHangs
        return None

    def _camera_works(self) -> None:
        self._vitals.worked("capture")
        self._backoff.reset()
        self._told = None

    def _tell_blind(self, blindness: Blindness) -> None:
        """Pictures come and show nothing; that has lasted, so nobody waits any longer."""
        self._backoff.reset()
        self._tell_lost(blindness.detail, fatal=False, at_once=True)

    def _tell_lost(self, detail: str, *, fatal: bool, at_once: bool = False) -> None:
        """Tell each cause once, however often the attempt is repeated."""
        self._vitals.failed("capture", detail)
        if detail != self._told or fatal:
            self._told = detail
            _log.error("%s", detail)
            self._courier.send(
                Failed.because(Reason.CAMERA_LOST, detail, fatal=fatal, at_once=at_once)
            )
