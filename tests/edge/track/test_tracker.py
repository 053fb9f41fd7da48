from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from edge.bench.scenes import Cutout, Image, paste
from edge.config import QualityConfig, TrackingConfig
from edge.track import Phase, Tracker
from edge.track.tiles import Place
from pain.values import Face, Frame, NoFace, Reason

MakeTracker = Callable[..., Tracker]
MakeFrame = Callable[[Image, float], Frame]
FRAME_S = 0.04
SWEEP_FRAMES = 40
"""More frames than a sweep of 1080p takes at ten tiles a frame."""

BY_SIZE = TrackingConfig(lifeless_after_s=None)
"""Pasted faces do not live; here they are told apart by size and place."""


class Watch:
    """Shows pictures to a tracker, 25 a second."""

    def __init__(self, tracker: Tracker, frame: MakeFrame) -> None:
        self.tracker = tracker
        self._frame = frame
        self.at_s = 0.0

    def show(self, image: Image, *, seconds: float = 0.0) -> list[Face | NoFace]:
        """One frame, or as many as fill ``seconds``."""
        seen = []
        for _ in range(max(1, round(seconds / FRAME_S))):
            seen.append(self.tracker.track(self._frame(image.copy(), self.at_s)))
            self.at_s += FRAME_S
        return seen

    def until_followed(self, image: Image) -> Face | NoFace:
        for _ in range(SWEEP_FRAMES):
            (seen,) = self.show(image)
            if self.tracker.phase is Phase.FOLLOW:
                return seen
        raise AssertionError("the face was not found in a whole sweep")


@pytest.fixture
def watch(make_tracker: MakeTracker, frame: MakeFrame) -> Callable[..., Watch]:
    return lambda **settings: Watch(make_tracker(**settings), frame)


def is_at(seen: Face | NoFace, place: Place) -> bool:
    if not isinstance(seen, Face):
        return False
    x, y = seen.box.centre
    return math.hypot(x - place.x, y - place.y) < 0.3 * place.height_px


def reasons(seen: list[Face | NoFace]) -> set[Reason]:
    return {outcome.reason for outcome in seen if isinstance(outcome, NoFace)}


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("height_px", [48, 64, 120, 240])
def test_a_face_is_found_across_the_room(
    size: tuple[int, int],
    height_px: int,
    rooms: dict[tuple[int, int], Image],
    resident: Cutout,
    watch: Callable[..., Watch],
) -> None:
    picture = rooms[size].copy()
    place = paste(picture, resident.at_height(height_px), x=0.7 * size[0], y=0.45 * size[1])
    seen = watch().until_followed(picture)
    assert is_at(seen, place)
    assert isinstance(seen, Face)
    assert seen.height_px == pytest.approx(height_px, rel=0.1)
    assert seen.landmarks.shape == (478, 3)
    assert seen.blendshapes.shape == (52,)
    assert seen.crop is None


def test_a_face_that_fills_the_picture_is_found_in_the_first_frame(
    resident: Cutout, watch: Callable[..., Watch]
) -> None:
    (seen,) = watch().show(resident.rgb)
    assert isinstance(seen, Face)


def test_the_demonstration_is_found_soon_and_then_always(
    clip_frames: list[Image], watch: Callable[..., Watch]
) -> None:
    viewer = watch()
    seen = [viewer.show(picture)[0] for picture in clip_frames]
    assert all(isinstance(outcome, Face) for outcome in seen[10:])


def test_an_empty_room_has_no_face_and_is_swept_again_and_again(
    empty_room: Image, watch: Callable[..., Watch]
) -> None:
    viewer = watch()
    assert reasons(viewer.show(empty_room, seconds=3.0)) == {Reason.NO_FACE}
    assert viewer.tracker.phase is Phase.ACQUIRE


@pytest.mark.parametrize(("budget_ms", "tiles"), [(0.001, 1), (25.0, 3), (45.0, 5)])
def test_the_search_keeps_to_its_budget_but_looks_at_one_tile_at_least(
    *,
    budget_ms: float,
    tiles: int,
    empty_room: Image,
    watch: Callable[..., Watch],
    stepping_clock: Callable[[float], object],
    spy: object,
) -> None:
    viewer = watch(
        tracking=TrackingConfig(acquire_budget_ms=budget_ms), clock=stepping_clock(0.010)
    )
    viewer.show(empty_room)
    assert len(spy.shown) == tiles  # type: ignore[attr-defined]


def moving(
    background: Image, face: Cutout, *, heights_per_s: float, seconds: float
) -> Iterator[tuple[Image, Place]]:
    height_px = face.face.height_px
    for index in range(round(seconds / FRAME_S)):
        picture = background.copy()
        angle = index * FRAME_S * heights_per_s * height_px / 150
        x, y = 640 + 150 * math.sin(angle), 360 + 150 * math.cos(angle)
        yield picture, paste(picture, face, x=x, y=y)


@pytest.mark.parametrize("heights_per_s", [0.5, 2.0])
def test_a_moving_face_is_kept_with_one_look_a_frame(
    heights_per_s: float,
    empty_room: Image,
    resident: Cutout,
    watch: Callable[..., Watch],
    spy: object,
) -> None:
    viewer = watch()
    frames = list(
        moving(empty_room, resident.at_height(64), heights_per_s=heights_per_s, seconds=4.0)
    )
    viewer.until_followed(frames[0][0])
    viewer.show(frames[0][0], seconds=1.0)
    spy.shown.clear()  # type: ignore[attr-defined]
    kept = [is_at(viewer.show(picture)[0], place) for picture, place in frames]
    assert np.mean(kept) >= 0.99
    looks_for_rivals = 4.0 / 0.5 + 1
    assert len(spy.shown) <= len(frames) + looks_for_rivals + 2  # type: ignore[attr-defined]


def test_a_lost_face_is_missed_searched_for_and_found_at_its_old_place_at_once(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    present = empty_room.copy()
    place = paste(present, resident.at_height(64), x=900, y=300)
    viewer = watch(tracking=TrackingConfig(lost_after_s=0.5))
    viewer.until_followed(present)
    viewer.show(present, seconds=1.0)
    assert reasons(viewer.show(empty_room, seconds=0.4)) == {Reason.NO_FACE}
    assert viewer.tracker.phase is Phase.FOLLOW
    assert reasons(viewer.show(empty_room, seconds=2.0)) == {Reason.NO_FACE}
    assert viewer.tracker.phase is Phase.ACQUIRE
    back = viewer.show(present, seconds=2 * FRAME_S)
    assert is_at(back[-1], place)


def test_a_masked_face_does_not_exist(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    paste(empty_room, resident.at_height(100), x=900, y=300)
    mask = ((0.6, 0.2), (0.8, 0.2), (0.8, 0.65), (0.6, 0.65))
    assert reasons(watch(masks=(mask,)).show(empty_room, seconds=2.0)) == {Reason.NO_FACE}


def test_nothing_ever_sees_a_masked_pixel(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch], spy: object
) -> None:
    def secret(picture: Image) -> np.ndarray:
        red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
        return (red - green > 190) & (blue - green > 190)

    assert not secret(empty_room).any()
    face = paste(empty_room, resident.at_height(100), x=500, y=300)
    empty_room[200:400, 560:800] = (255, 0, 255)
    mask = tuple((x / 1280, y / 720) for x, y in ((560, 200), (800, 200), (800, 400), (560, 400)))
    viewer = watch(masks=(mask,), want_crop=True)
    found = viewer.until_followed(empty_room)
    viewer.show(empty_room, seconds=1.0)
    assert isinstance(found, Face)
    assert is_at(found, face)
    assert len(spy.shown) > 25  # type: ignore[attr-defined]
    for picture in [*spy.shown, found.crop]:  # type: ignore[attr-defined]
        assert not secret(picture).any()


def test_masks_black_the_frame_itself(
    empty_room: Image, make_tracker: MakeTracker, frame: MakeFrame
) -> None:
    mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    make_tracker(masks=(mask,)).track(frame(empty_room, 0.0))
    assert not empty_room[:, :640].any()
    assert empty_room[:, 650:].any()


def test_a_read_only_frame_is_masked_in_a_copy(
    empty_room: Image, resident: Cutout, make_tracker: MakeTracker, frame: MakeFrame
) -> None:
    paste(empty_room, resident.at_height(300), x=640, y=360)
    empty_room.flags.writeable = False
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    seen = make_tracker(masks=(everything,)).track(frame(empty_room, 0.0))
    assert seen == NoFace(reason=Reason.NO_FACE)
    assert empty_room.any()


LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def test_only_a_face_in_the_zone_is_the_residents(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    visitor_only = empty_room.copy()
    paste(visitor_only, resident.at_height(200), x=1000, y=350)
    viewer = watch(zone=LEFT_HALF)
    assert reasons(viewer.show(visitor_only, seconds=1.5)) == {Reason.NO_FACE}
    both = visitor_only.copy()
    place = paste(both, resident.at_height(70), x=300, y=300)
    assert is_at(viewer.until_followed(both), place)
    assert all(is_at(seen, place) for seen in viewer.show(both, seconds=2.0))


def test_a_face_that_leaves_the_zone_is_let_go(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    viewer = watch(zone=LEFT_HALF)
    face = resident.at_height(90)
    inside = empty_room.copy()
    paste(inside, face, x=560, y=350)
    viewer.until_followed(inside)
    for x in range(570, 750, 20):
        picture = empty_room.copy()
        paste(picture, face, x=x, y=350)
        (seen,) = viewer.show(picture)
        assert isinstance(seen, Face) is (x < 640)
    assert viewer.tracker.phase is Phase.ACQUIRE


def test_a_face_has_another_number_after_a_break_only(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    there = empty_room.copy()
    paste(there, resident.at_height(200), x=600, y=350)
    viewer = watch()
    viewer.until_followed(there)
    seen = [face for face in viewer.show(there, seconds=1.0) if isinstance(face, Face)]
    assert len({face.track for face in seen}) == 1
    assert all(face.alone for face in seen)
    viewer.show(empty_room, seconds=2.0)
    later = viewer.until_followed(there)
    assert isinstance(later, Face)
    assert later.track != seen[0].track


def test_a_face_beside_another_is_not_alone(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    paste(empty_room, resident.at_height(200), x=500, y=350)
    paste(empty_room, resident.at_height(100), x=720, y=350)
    viewer = watch(tracking=BY_SIZE)
    viewer.until_followed(empty_room)
    seen = [face for face in viewer.show(empty_room, seconds=1.0) if isinstance(face, Face)]
    assert seen
    assert not any(face.alone for face in seen)


def test_the_larger_of_two_faces_is_the_resident(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    paste(empty_room, resident.at_height(60), x=250, y=250)
    larger = paste(empty_room, resident.at_height(110), x=950, y=400)
    viewer = watch(tracking=BY_SIZE)
    viewer.until_followed(empty_room)
    seen = viewer.show(empty_room, seconds=4.0)
    assert all(is_at(outcome, larger) for outcome in seen[50:])


def test_two_like_faces_from_the_start_are_several_faces(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    paste(empty_room, resident.at_height(90), x=300, y=300)
    alone = empty_room.copy()
    other = paste(empty_room, resident.at_height(95), x=900, y=400)
    viewer = watch(tracking=BY_SIZE)
    viewer.until_followed(empty_room)
    seen = viewer.show(empty_room, seconds=2.0)
    assert reasons(seen) == {Reason.SEVERAL_FACES}
    assert all(isinstance(outcome, NoFace) for outcome in seen[25:])
    assert other.height_px == 95
    settled = viewer.show(alone, seconds=3.0)
    assert isinstance(settled[-1], Face)


def test_who_was_there_first_is_kept_when_a_like_face_comes(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    first = paste(empty_room, resident.at_height(90), x=300, y=300)
    viewer = watch(tracking=BY_SIZE)
    viewer.until_followed(empty_room)
    viewer.show(empty_room, seconds=2.0)
    paste(empty_room, resident.at_height(95), x=900, y=400)
    assert all(is_at(seen, first) for seen in viewer.show(empty_room, seconds=6.0))


def test_a_much_larger_face_takes_over_when_it_stays_but_not_when_it_passes(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    first = paste(empty_room, resident.at_height(80), x=300, y=300)
    viewer = watch(tracking=BY_SIZE)
    viewer.until_followed(empty_room)
    viewer.show(empty_room, seconds=2.0)
    both = empty_room.copy()
    larger = paste(both, resident.at_height(250), x=900, y=350)
    assert all(is_at(seen, first) for seen in viewer.show(both, seconds=0.8))
    assert all(is_at(seen, first) for seen in viewer.show(empty_room, seconds=3.0))
    assert is_at(viewer.show(both, seconds=6.0)[-1], larger)


def test_a_face_is_scored_only_when_a_second_look_agrees(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch], spy: object
) -> None:
    """A false alarm of the detector cannot be had on demand, so the second look is made blind."""
    paste(empty_room, resident.at_height(300), x=640, y=360)
    viewer = watch()
    real_detect = type(spy).detect

    def once_only(image: Image) -> list[object]:
        found = real_detect(spy, image)
        return found if image.shape == empty_room.shape else []

    spy.detect = once_only  # type: ignore[attr-defined]
    try:
        assert reasons(viewer.show(empty_room, seconds=0.2)) == {Reason.NO_FACE}
    finally:
        del spy.detect  # type: ignore[attr-defined]
    assert viewer.tracker.phase is Phase.ACQUIRE


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda image: (image * 0.07).astype(np.uint8), Reason.TOO_DARK),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 4.5), Reason.BLURRED),
        (
            lambda image: cv2.resize(image, (320, 180), interpolation=cv2.INTER_AREA),
            Reason.TOO_SMALL,
        ),
    ],
)
def test_a_poor_picture_has_its_reason(
    spoil: Callable[[Image], Image],
    expected: Reason,
    empty_room: Image,
    resident: Cutout,
    watch: Callable[..., Watch],
) -> None:
    paste(empty_room, resident.at_height(120), x=640, y=360)
    viewer = watch()
    assert isinstance(viewer.until_followed(empty_room), Face)
    seen = viewer.show(spoil(empty_room), seconds=1.0)
    assert seen[-1] == NoFace(reason=expected)


def test_the_crop_is_made_when_it_is_wanted(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    paste(empty_room, resident.at_height(120), x=640, y=360)
    seen = watch(want_crop=True).until_followed(empty_room)
    assert isinstance(seen, Face)
    assert seen.crop is not None
    assert seen.crop.shape == (256, 256, 3)
    assert seen.crop.dtype == np.uint8


def test_a_stream_may_change_its_size(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    viewer = watch()
    for width, height in ((1280, 720), (640, 480), (1280, 720), (320, 240)):
        picture = cv2.resize(empty_room, (width, height), interpolation=cv2.INTER_AREA)
        place = paste(picture, resident.at_height(70), x=0.4 * width, y=0.5 * height)
        assert is_at(viewer.until_followed(picture), place)


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (64, 48), (160, 120)])
def test_tiny_pictures_have_no_face_and_do_no_harm(
    size: tuple[int, int], watch: Callable[..., Watch]
) -> None:
    picture = np.full((size[1], size[0], 3), 90, np.uint8)
    assert reasons(watch().show(picture, seconds=0.2)) == {Reason.NO_FACE}


def test_a_grey_picture_works_as_well(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    place = paste(empty_room, resident.at_height(80), x=640, y=360)
    grey = cv2.cvtColor(cv2.cvtColor(empty_room, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert is_at(watch().until_followed(grey), place)


def test_a_face_at_the_edge_of_the_picture_is_followed(
    empty_room: Image, resident: Cutout, watch: Callable[..., Watch]
) -> None:
    place = paste(empty_room, resident.at_height(100), x=52, y=360)
    viewer = watch()
    viewer.until_followed(empty_room)
    assert all(is_at(seen, place) for seen in viewer.show(empty_room, seconds=0.5))


def test_after_a_reset_nothing_is_remembered(
    empty_room: Image, resident: Cutout, make_tracker: MakeTracker, frame: MakeFrame
) -> None:
    paste(empty_room, resident.at_height(300), x=640, y=360)
    tracker = make_tracker(quality=QualityConfig())
    assert isinstance(tracker.track(frame(empty_room, 0.0)), Face)
    tracker.reset()
    tracker.track(frame(np.zeros_like(empty_room), 0.04))
    assert tracker.phase is Phase.ACQUIRE
