"""The tracker on single pictures: each is one frame, and there is time to look everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.config.quality import QualityConfig
from edge.config.room import Polygon
from edge.config.tracking import TrackingConfig
from edge.track.acquire import look
from edge.track.landmarker import Landmarker
from edge.track.tiles import Place, Tile, sweep
from edge.track.tracker import Tracker
from pain.align import ALIGNMENT_TEMPLATE, CROP_SIZE, EYES_AND_MOUTH
from pain.clock import Moment
from pain.values import Face, Frame, NoFace, Reason

Image = npt.NDArray[np.uint8]

ALIGNED_WITHIN_PX: Final = 24.0
"""A picture of a crop's size is one of our crops when eyes and mouth lie this near to where we put
them. Looked at again, 105 of them lay 3 px off in the median and 21 px at most."""

ANY_QUALITY: Final = QualityConfig(
    min_face_height_px=20, max_yaw_deg=90, max_pitch_deg=90, min_brightness=0, min_sharpness=0
)
"""A crop has passed the gate when it was cut; its size and blur say nothing of the camera's."""

_APART: Final = 0.6
"""Two places nearer than this share of the larger face's height are the same face."""

_START: Final = datetime(2000, 1, 1, tzinfo=UTC)


class _Ticks:
    """A clock of tiles: each look at it costs one, so that a budget is a number of tiles.

    What is found in a picture then depends on its pixels alone, not on how busy the machine is.
    """

    def __init__(self) -> None:
        self._ticks: Iterator[int] = count()

    def now(self) -> Moment:
        ticks = next(self._ticks)
        return Moment(monotonic_s=float(ticks), wall=_START + timedelta(seconds=ticks))


class Stills:
    """Finds faces in pictures that have nothing to do with one another, as the daemon would.

    Args:
        landmarker: the model; stays the caller's to close.
        tracking: how to search.
        quality: when a face may be scored.
        want_crop: whether a model wants ``Face.crop``.
    """

    def __init__(
        self,
        *,
        landmarker: Landmarker,
        tracking: TrackingConfig | None = None,
        quality: QualityConfig | None = None,
        want_crop: bool = True,
    ) -> None:
        self._landmarker = landmarker
        self._tracking = tracking or TrackingConfig()
        self._quality = quality or QualityConfig()
        self._want_crop = want_crop

    def face(self, image: Image, *, zone: Polygon | None = None) -> Face | NoFace:
        """Find the one face that the daemon would take for the resident's.

        Args:
            image: uint8 (H, W, 3) RGB; is not changed.
            zone: polygon in shares of width and height in which its centre must lie.

        Returns:
            The face, or why there is none that may be scored: ``several_faces`` where another is
            about as large.
        """
        return self._track(image, self._quality, zone)

    def faces(self, image: Image) -> list[Face | NoFace]:
        """Find every face, largest first; each passes the quality gate or says why not.

        Args:
            image: uint8 (H, W, 3) RGB; is not changed.
        """
        height, width = image.shape[:2]
        known: list[Place] = []
        for tile in self._tiles(image):
            seen = look(self._landmarker, image, tile, hidden=known)
            known += [place for place in seen if not any(_same(place, one) for one in known)]
        known.sort(key=lambda place: place.height_px, reverse=True)
        found = [self.face(image, zone=_around(place, width, height)) for place in known]
        # A place that does not answer to a second look is a pattern, not a face.
        return [one for one in found if isinstance(one, Face) or one.reason is not Reason.NO_FACE]

    def crop(self, image: Image) -> Face | NoFace | None:
        """Take a picture for one of our own aligned crops.

        Its pixels are the crop as they are: to cut them out again would sample them twice.
        Landmarks and blendshapes are measured on it, for models that want them, and the quality
        gate is left out.

        Args:
            image: uint8 (H, W, 3) RGB.

        Returns:
            The face; why there is none; None when the picture is no aligned crop.
        """
        if image.shape != (CROP_SIZE, CROP_SIZE, 3):
            return None
        seen = self._track(image, ANY_QUALITY, None)
        if isinstance(seen, NoFace):
            return seen
        anchors = np.array([seen.landmarks[list(pair), :2].mean(axis=0) for pair in EYES_AND_MOUTH])
        if np.abs(anchors - ALIGNMENT_TEMPLATE).max() > ALIGNED_WITHIN_PX:
            return None
        return replace(seen, crop=image)

    def _track(self, image: Image, quality: QualityConfig, zone: Polygon | None) -> Face | NoFace:
        tiles = sum(1 for _ in self._tiles(image))
        tracker = Tracker(
            landmarker=self._landmarker,
            # One tick before the first tile, one after each: exactly one sweep, never a second.
            # And no picture moves: faces are told apart by size alone.
            tracking=self._tracking.model_copy(
                update={"acquire_budget_ms": 1000.0 * tiles, "lifeless_after_s": None}
            ),
            quality=quality,
            zone=zone,
            masks=(),
            want_crop=self._want_crop,
            clock=_Ticks(),
        )
        return tracker.track(Frame(image=image, captured_s=0.0, wall_time=_START, sequence=0))

    def _tiles(self, image: Image) -> Iterator[Tile]:
        height, width = image.shape[:2]
        return sweep(width=width, height=height, sides=self._tracking.tile_sizes_px)


def _same(one: Place, other: Place) -> bool:
    apart = float(np.hypot(one.x - other.x, one.y - other.y))
    return apart < _APART * max(one.height_px, other.height_px)


def _around(place: Place, width: int, height: int) -> Polygon:
    """A square about a face's centre in which no other face has its centre."""
    half = _APART / 2 * place.height_px
    left, right = (min(max((place.x + side) / width, 0.0), 1.0) for side in (-half, half))
    top, bottom = (min(max((place.y + side) / height, 0.0), 1.0) for side in (-half, half))
    return (left, top), (right, top), (right, bottom), (left, bottom)
