from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.config import QualityConfig
from edge.track.quality import measure, refusal
from pain.values import Box, HeadPose, Reason

GOOD = {
    "height_px": 80.0,
    "yaw_deg": 5.0,
    "pitch_deg": -5.0,
    "sharpness": 0.5,
    "brightness": 120.0,
    "upright": True,
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"height_px": 40.0}, None),
        ({"height_px": 39.9}, Reason.TOO_SMALL),
        ({"yaw_deg": 50.0}, None),
        ({"yaw_deg": 50.1}, Reason.TURNED_AWAY),
        ({"yaw_deg": -50.1}, Reason.TURNED_AWAY),
        ({"pitch_deg": 40.1}, Reason.TURNED_AWAY),
        ({"pitch_deg": -40.1}, Reason.TURNED_AWAY),
        ({"brightness": 15.0}, None),
        ({"brightness": 14.9}, Reason.TOO_DARK),
        ({"sharpness": 0.22}, None),
        ({"sharpness": 0.21}, Reason.BLURRED),
        ({"sharpness": 0.0, "brightness": 0.0}, Reason.TOO_DARK),
        ({"sharpness": 0.0, "height_px": 30.0}, Reason.TOO_SMALL),
        ({"upright": False}, Reason.TURNED_AWAY),
    ],
)
def test_a_face_outside_a_limit_is_refused_with_the_reason(
    changed: dict[str, float], expected: Reason | None
) -> None:
    figures = {**GOOD, **changed}
    pose = HeadPose(yaw_deg=figures["yaw_deg"], pitch_deg=figures["pitch_deg"], roll_deg=0.0)
    reason = refusal(
        height_px=figures["height_px"],
        pose=pose,
        sharpness=figures["sharpness"],
        brightness=figures["brightness"],
        upright=bool(figures["upright"]),
        limits=QualityConfig(),
    )
    assert reason is expected


def texture(side: int) -> np.ndarray:
    """Rings and bars with detail at every scale of the picture, none finer than a 48th of it."""
    y, x = np.mgrid[:side, :side] / side
    waves = np.sin(2 * np.pi * 9 * x) * np.sin(2 * np.pi * 7 * y) + np.hypot(x - 0.5, y - 0.5)
    grey = np.clip(120 + 50 * waves, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def whole(side: int) -> Box:
    return Box(x=0, y=0, width=side, height=side)


@pytest.mark.parametrize("side", [96, 144, 240, 480])
def test_sharpness_does_not_depend_on_how_near_the_face_is(side: int) -> None:
    reference, _ = measure(texture(960), whole(960))
    assert measure(texture(side), whole(side))[0] == pytest.approx(reference, rel=0.1)


def test_sharpness_does_not_depend_on_contrast_but_falls_with_blur() -> None:
    picture = texture(240)
    sharp, _ = measure(picture, whole(240))
    faint, _ = measure((picture // 4).astype(np.uint8), whole(240))
    assert faint == pytest.approx(sharp, rel=0.1)
    blurs = [measure(cv2.GaussianBlur(picture, (0, 0), s), whole(240))[0] for s in (3, 6, 12)]
    assert sharp > blurs[0] > blurs[1] > blurs[2]


def test_brightness_is_the_mean_luma_of_the_face_alone() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[20:60, 30:70] = (90, 90, 90)
    _, brightness = measure(picture, Box(x=30, y=20, width=39, height=39))
    assert brightness == pytest.approx(90, abs=1)


@pytest.mark.parametrize(
    "box",
    [
        Box(x=-50, y=-50, width=20, height=20),
        Box(x=200, y=10, width=30, height=30),
        Box(x=10, y=150, width=30, height=30),
    ],
)
def test_a_box_outside_the_picture_measures_nothing(box: Box) -> None:
    assert measure(np.full((100, 100, 3), 90, np.uint8), box) == (0.0, 0.0)


def test_a_flat_face_has_no_sharpness() -> None:
    assert measure(np.full((100, 100, 3), 90, np.uint8), whole(100)) == (0.0, 90.0)
