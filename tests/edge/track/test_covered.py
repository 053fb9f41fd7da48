from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from edge.bench.scenes import Cutout, Image, paste
from edge.config import QualityConfig, TrackingConfig
from edge.score.occlusion import OcclusionJudge
from edge.track import Landmarker, Tracker
from edge.track.covered import JUDGE_EVERY_S, CoverWatch
from pain.clock import Clock
from pain.values import Face, Frame, Reason

Colour = tuple[int, int, int]

CROP = np.zeros((256, 256, 3), np.uint8)


def watch_of(*answers: tuple[float, float, float]) -> CoverWatch:
    given = iter(answers)
    return CoverWatch(hidden=lambda _crop: np.array(next(given)), above=0.8)


def test_one_doubtful_look_covers_no_face_that_was_seen() -> None:
    watch = watch_of((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0))
    found = [watch.covered(lambda: CROP, track=1, at_s=at_s) for at_s in (0.0, 0.5, 1.0)]
    assert found == [False, False, False]


def test_a_face_that_is_being_covered_is_so_from_the_second_look() -> None:
    watch = watch_of((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0))
    found = [watch.covered(lambda: CROP, track=1, at_s=at_s) for at_s in (0.0, 0.5, 1.0)]
    assert found == [False, False, True]


def test_another_face_is_judged_at_once_and_by_itself() -> None:
    watch = watch_of((0.0, 0.0, 0.9), (0.0, 0.0, 0.0))
    assert watch.covered(lambda: CROP, track=1, at_s=0.0)
    assert not watch.covered(lambda: CROP, track=2, at_s=0.04)


def test_between_two_judgements_nothing_is_asked_and_the_last_holds() -> None:
    watch = watch_of((0.9, 0.0, 0.0))
    times = np.arange(0, JUDGE_EVERY_S, 0.04)
    assert all(watch.covered(lambda: CROP, track=1, at_s=float(at_s)) for at_s in times)


def masked(picture: Image, *, colour: Colour, landmarker: Landmarker) -> None:
    """A surgical mask over the only face, drawn by its landmarks."""
    (face,) = landmarker.detect(picture[172:548, 452:828])
    points = face.landmarks[:, :2] + (452, 172)
    jaw = points[[234, 93, 132, 58, 172, 136, 150, 176, 152, 400, 379, 365, 397, 288, 361, 323]]
    corners = np.concatenate([jaw, points[[454, 280, 6, 50]]])
    cv2.fillPoly(picture, [np.rint(corners).astype(np.int32)], colour, cv2.LINE_AA)


def drawn_face(picture: Image, *, x: int, y: int) -> None:
    """A cartoon that MediaPipe lays its mesh on as if it were a face."""
    skin, ink, white, lips = (245, 205, 170), (45, 35, 30), (255, 255, 255), (180, 60, 60)

    def oval(at: tuple[int, int], axes: tuple[int, int], colour: Colour, **line: int) -> None:
        cv2.ellipse(
            picture,
            at,
            axes,
            0,
            line.get("first", 0),
            line.get("last", 360),
            colour,
            line.get("width", -1),
            cv2.LINE_AA,
        )

    oval((x, y - 40), (105, 100), ink, first=180)
    oval((x, y), (90, 110), skin)
    oval((x, y), (90, 110), ink, width=2)
    for side in (-38, 38):
        oval((x + side, y - 16), (15, 13), white)
        oval((x + side, y - 16), (15, 13), ink, width=1)
        oval((x + side, y - 16), (7, 7), ink)
        oval((x + side, y - 40), (19, 5), ink, first=180, width=4)
    oval((x, y + 22), (10, 13), ink, first=20, last=160, width=3)
    oval((x, y + 55), (36, 12), lips, last=180)


Reasons = Callable[[Image], set[Reason | None]]


@pytest.fixture
def reasons_in(
    spy: Landmarker,
    frame: Callable[[Image, float], Frame],
    stepping_clock: Callable[[float], Clock],
) -> Reasons:
    """Why there is no level in four seconds of a picture; None where there is one."""

    def watch(picture: Image) -> set[Reason | None]:
        tracker = Tracker(
            landmarker=spy,
            tracking=TrackingConfig(),
            quality=QualityConfig(),
            zone=None,
            masks=(),
            want_crop=False,
            clock=stepping_clock(0.0025),
            hidden=OcclusionJudge().hidden,
        )
        seen = [tracker.track(frame(picture.copy(), index * 0.2)) for index in range(20)]
        return {None if isinstance(each, Face) else each.reason for each in seen}

    return watch


@pytest.mark.parametrize(
    ("colour", "expected"),
    [(None, None), ((150, 190, 215), Reason.OCCLUDED), ((235, 235, 232), Reason.OCCLUDED),
     ((32, 30, 34), Reason.OCCLUDED)],
)  # fmt: skip
def test_a_masked_face_is_occluded_and_a_bare_one_is_scored(
    *,
    colour: Colour | None,
    expected: Reason | None,
    empty_room: Image,
    resident: Cutout,
    spy: Landmarker,
    reasons_in: Reasons,
) -> None:
    paste(empty_room, resident.at_height(150), x=640, y=360)
    if colour is not None:
        masked(empty_room, colour=colour, landmarker=spy)
    found = reasons_in(empty_room)
    assert expected in found
    assert found <= {expected, Reason.NO_FACE}


def test_a_cartoon_is_never_scored(empty_room: Image, reasons_in: Reasons) -> None:
    drawn_face(empty_room, x=640, y=360)
    found = reasons_in(empty_room)
    assert Reason.OCCLUDED in found
    assert found <= {Reason.OCCLUDED, Reason.NO_FACE}
