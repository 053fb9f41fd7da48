"""Shows the daemon's tracker single pictures and clips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from edge.track.landmarker import Landmarker
from edge.track.tiles import sweep
from edge.track.tracker import Tracker
from pain.clock import Moment
from pain.values import Face, Frame, NoFace
from train.data.pictures import Picture
from train.track.settings import TrackerSettings

_START: Final = datetime(2000, 1, 1, tzinfo=UTC)


class TileClock:
    """Goes on by one second whenever it is asked.

    The tracker asks once before the search and once after every tile in vain, so a budget in its
    seconds is a number of tiles: the same on a slow machine and on a fast one.
    """

    def __init__(self) -> None:
        self._asked = 0

    def now(self) -> Moment:
        """Return the next second."""
        self._asked += 1
        return Moment(monotonic_s=float(self._asked), wall=_START)


def look_at_picture(
    picture: Picture, *, landmarker: Landmarker, settings: TrackerSettings
) -> Face | NoFace:
    """Find the face in one picture, searching until one answers or the whole picture was swept.

    One look is enough: showing the same picture on gave the very same landmarks, since the
    follow square holds still (50 of 50 renders, 5 looks each).

    Args:
        picture: uint8 (H, W, 3) RGB.
        landmarker: the model.
        settings: of the tracker.
    """
    return next(follow_clip([(0.0, picture)], landmarker=landmarker, settings=settings))


def follow_clip(
    frames: Iterable[tuple[float, Picture]],
    *,
    landmarker: Landmarker,
    settings: TrackerSettings,
) -> Iterator[Face | NoFace]:
    """Follow the face through a clip, as the daemon does.

    Unlike the daemon, which spreads a search over several frames, every frame may be swept to the
    end, so that no frame is lost because this machine is slow.

    Args:
        frames: time in seconds and uint8 (H, W, 3) RGB, in order.
        landmarker: the model.
        settings: of the tracker.

    Yields:
        The face of every frame, or the reason for none.
    """
    tracker: Tracker | None = None
    for sequence, (time_s, picture) in enumerate(frames):
        if tracker is None:
            tracker = _tracker(picture, landmarker, settings)
        yield tracker.track(
            Frame(
                image=picture,
                captured_s=time_s,
                wall_time=_START + timedelta(seconds=time_s),
                sequence=sequence,
            )
        )


def _tracker(picture: Picture, landmarker: Landmarker, settings: TrackerSettings) -> Tracker:
    height, width = picture.shape[:2]
    tiles = sum(1 for _ in sweep(width=width, height=height, sides=settings.tracking.tile_sizes_px))
    return Tracker(
        landmarker=landmarker,
        tracking=settings.tracking.model_copy(update={"acquire_budget_ms": tiles * 1000.0}),
        quality=settings.quality,
        zone=None,
        masks=(),
        want_crop=settings.crops,
        clock=TileClock(),
    )
