"""What the benchmarks of tracking share: a lenient tracker, and whether it found the right face."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from edge.bench.scenes import Image
from edge.config import QualityConfig, TrackingConfig
from edge.track import Landmarker, Tracker
from edge.track.quality import refusal
from edge.track.tiles import Place
from pain.clock import SystemClock
from pain.values import Face, Frame

NEAR: Final = 0.3
"""A found face counts when its centre is this near to the true one, in true face heights."""

ANY_QUALITY: Final = QualityConfig(
    min_face_height_px=20, max_yaw_deg=90, max_pitch_deg=90, min_brightness=0, min_sharpness=0
)
"""Finding is measured apart from the quality gate."""


def any_quality_tracker(landmarker: Landmarker) -> Tracker:
    """Tracker with default settings that reports every face it finds."""
    return Tracker(
        landmarker=landmarker,
        tracking=TrackingConfig(),
        quality=ANY_QUALITY,
        zone=None,
        masks=(),
        want_crop=False,
        clock=SystemClock(),
    )


def frame_of(image: Image, *, captured_s: float, sequence: int) -> Frame:
    """Make a frame of a picture."""
    return Frame(image=image, captured_s=captured_s, wall_time=datetime.now(UTC), sequence=sequence)


def place_of_face(face: Face) -> Place:
    """Where a reported face is."""
    x, y = face.box.centre
    return Place(x=x, y=y, height_px=face.height_px)


def hits(found: Place, truth: Place, *, near: float = NEAR) -> bool:
    """Whether a found face is the true one."""
    return math.hypot(found.x - truth.x, found.y - truth.y) < near * truth.height_px


def is_scorable(face: Face) -> bool:
    """Whether the default quality gate lets a face through."""
    reason = refusal(
        height_px=face.height_px,
        pose=face.pose,
        sharpness=face.sharpness,
        brightness=face.brightness,
        upright=True,
        limits=QualityConfig(),
    )
    return reason is None
