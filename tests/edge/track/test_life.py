"""Signs of life, on real faces in pictures that a real encoder has had."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge.bench.calm import Watched
from edge.bench.scenes import Cutout, Image, find_face, paste
from edge.capture import EndOfStream, open_source
from edge.config import CameraConfig, ScoringConfig, TrackingConfig
from edge.score import Scorer
from edge.track import Landmarker, Tracker
from edge.track.life import KNOWN_AFTER_S, Life, LifeSigns
from edge.track.lives import Lives
from edge.track.tiles import Place
from pain.clock import SystemClock
from pain.values import Face, Frame, NoFace, Reason, Unavailable
from tests.edge.track.conftest import CLIP

FPS = 10
PORTRAIT_PX = 200

MakeTracker = Callable[..., Tracker]
Noise = Callable[[Image], Image]


def encoded(pictures: Iterator[Image], path: Path, *, crf: int = 26) -> Path:
    """Write H.264 as a camera does, with noise of the sensor."""
    rng = np.random.default_rng(5)
    noise = rng.normal(0.0, 3.0, (900, 1500, 1)).astype(np.float32)
    first = next(pictures)
    height, width = first.shape[:2]
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "g": "50"}
        for picture in chain([first], pictures):
            y, x = rng.integers(0, 180), rng.integers(0, 220)
            grainy = np.clip(picture + noise[y : y + height, x : x + width], 0, 255)
            frame = av.VideoFrame.from_ndarray(grainy.astype(np.uint8), "rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def frames_of(path: Path) -> Iterator[Frame]:
    """The pictures of a clip, as the daemon captures them."""
    source = open_source(CameraConfig(uri=str(path)), fast=True, clock=SystemClock())
    try:
        while True:
            yield source.read()
    except EndOfStream:
        return
    finally:
        source.close()


def clip_pictures(*, start_s: float, seconds: float) -> Iterator[Image]:
    """The resident of the demonstration, ten pictures a second."""
    with av.open(str(CLIP)) as container:
        first, last = round(start_s * 25), round((start_s + seconds) * 25)
        for index, picture in enumerate(islice(container.decode(video=0), last)):
            if index >= first and index % 5 in (0, 2):
                yield np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)


def shifted(picture: Image, x: float, y: float) -> Image:
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(
        cv2.warpAffine(picture, move, size, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def breath(room: Image, face: Cutout, share: float, at_s: float) -> Image:
    """A head that rises and sinks by a share of its height, 15 times a minute."""
    rise = share * face.face.height_px * math.sin(2 * math.pi * at_s / 4)
    picture = room[:480, :480].copy()
    large = shifted(np.pad(face.rgb, ((4, 4), (4, 4), (0, 0)), "edge"), 0, rise)
    alpha = np.pad(face.alpha, 4)
    top, left = 120, 150
    rows, columns = alpha.shape
    behind = picture[top : top + rows, left : left + columns]
    behind[:] = large * alpha[..., None] + behind * (1 - alpha[..., None])
    return picture


@pytest.fixture(scope="module")
def portrait(resident: Cutout) -> Cutout:
    """The picture on the wall."""
    return resident.at_height(PORTRAIT_PX)


def walls(room: Image, face: Cutout, seconds: float) -> Iterator[tuple[float, Image]]:
    picture = room[:480, :480].copy()
    paste(picture, face, x=250, y=230)
    for index in range(round(seconds * FPS)):
        yield index / FPS, picture


def quiet(at_s: float, picture: Image) -> Image:
    return picture


def trembling(at_s: float, picture: Image) -> Image:
    return shifted(picture, math.sin(37 * at_s), math.sin(23 * at_s))


def lamplit(at_s: float, picture: Image) -> Image:
    return np.asarray(np.clip(picture * (1 + 0.1 * math.sin(at_s)), 0, 255), np.uint8)


@pytest.mark.parametrize("height_px", [50, 130])
@pytest.mark.parametrize("seen", [quiet, trembling, lamplit])
def test_a_portrait_shows_no_life_whatever_camera_lamp_and_encoder_do(
    *,
    seen: Callable[[float, Image], Image],
    height_px: int,
    empty_room: Image,
    portrait: Cutout,
    tmp_path: Path,
) -> None:
    face = portrait.at_height(height_px)
    pictures = (seen(at_s, picture) for at_s, picture in walls(empty_room, face, 9.0))
    place = Place(x=250, y=230, height_px=height_px)
    signs = LifeSigns(place=place, at_s=0.0, lifeless_after_s=120.0)
    for index, frame in enumerate(frames_of(encoded(pictures, tmp_path / "wall.mp4"))):
        signs.see(frame.image, place, at_s=index / FPS)
    assert signs.life(8.9) is Life.STILL


@pytest.mark.parametrize(("height_px", "share"), [(60, 0.006), (130, 0.004)])
def test_a_head_that_only_breathes_is_alive(
    height_px: int, share: float, empty_room: Image, resident: Cutout, tmp_path: Path
) -> None:
    face = resident.at_height(height_px)
    pictures = (breath(empty_room, face, share, index / FPS) for index in range(9 * FPS))
    place = Place(x=154 + face.face.x, y=124 + face.face.y, height_px=height_px)
    signs = LifeSigns(place=place, at_s=0.0, lifeless_after_s=120.0)
    for index, frame in enumerate(frames_of(encoded(pictures, tmp_path / "sleep.mp4"))):
        signs.see(frame.image, place, at_s=index / FPS)
    assert signs.life(8.9) is Life.LIVELY


def test_a_chest_that_rises_keeps_a_resting_head_watched_and_wins_against_nobody(
    clip_frames: list[Image], landmarker: Landmarker, tmp_path: Path
) -> None:
    still = clip_frames[0]
    place = find_face(still, landmarker)
    assert place is not None
    chin = round(place.y + 0.75 * place.height_px)

    def sleeping() -> Iterator[Image]:
        for index in range(13 * FPS):
            picture = still.copy()
            rise = 1.5 * math.sin(2 * math.pi * index / FPS / 4)
            picture[chin:] = shifted(still, 0.0, rise)[chin:]
            yield picture

    signs = LifeSigns(place=place, at_s=0.0, lifeless_after_s=10.0)
    for index, frame in enumerate(frames_of(encoded(sleeping(), tmp_path / "sleep.mp4"))):
        signs.see(frame.image, place, at_s=index / FPS)
    assert not signs.is_lifeless(12.9)
    assert signs.life(12.9) is Life.STILL


def test_a_blink_is_life_at_once(empty_room: Image) -> None:
    place = Place(x=700, y=350, height_px=100)
    signs = LifeSigns(place=place, at_s=0.0, lifeless_after_s=20.0)
    for index in range(300):
        signs.see(empty_room, place, at_s=index / FPS, lids=0.1)
    assert signs.is_lifeless(29.9)
    signs.see(empty_room, place, at_s=30.0, lids=0.6)
    assert signs.life(30.0) is Life.LIVELY


def test_what_is_out_of_sight_does_not_become_lifeless_meanwhile(empty_room: Image) -> None:
    place = Place(x=700, y=350, height_px=100)
    lives = Lives(lifeless_after_s=20.0)
    for index, lids in enumerate((0.1, 0.6)):
        lives.at(place, index / FPS).see(empty_room, place, at_s=index / FPS, lids=lids)
    lives.at(place, 1.0).unseen()
    lives.at(place, 300.0).see(empty_room, place, at_s=300.0, lids=0.1)
    assert lives.at(place, 300.0).life(300.0) is Life.LIVELY


def test_a_face_elsewhere_is_another_one(empty_room: Image) -> None:
    lives = Lives(lifeless_after_s=20.0)
    place, other = (Place(x=x, y=350, height_px=100) for x in (300, 700))
    for index, lids in enumerate((0.1, 0.6)):
        lives.at(place, index / FPS).see(empty_room, place, at_s=index / FPS, lids=lids)
    assert lives.at(place, 1.0).life(1.0) is Life.LIVELY
    assert lives.at(other, 1.0).life(1.0) is Life.UNKNOWN


@pytest.fixture(scope="module")
def beside_a_portrait(
    portrait: Cutout, rooms: dict[tuple[int, int], Image], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The demonstration's resident, small, into severe pain, and a portrait twice as large."""

    def pictures() -> Iterator[Image]:
        for picture in clip_pictures(start_s=8.0, seconds=12.5):
            seen = rooms[1280, 720][:540, :960].copy()
            seen[60:492, 0:768] = cv2.resize(picture, (768, 432), interpolation=cv2.INTER_AREA)
            paste(seen, portrait, x=840, y=330)
            yield seen

    return encoded(pictures(), tmp_path_factory.mktemp("clips") / "beside.mp4")


def test_a_portrait_larger_than_the_resident_hides_no_severe_pain(
    beside_a_portrait: Path, make_tracker: MakeTracker
) -> None:
    tracker = make_tracker(want_crop=True, tracking=TrackingConfig())
    watched = Watched(name="shipped", scorer=Scorer(bundle_dir=None, scoring=ScoringConfig()))
    faces: list[tuple[float, Face | NoFace]] = []
    for index, frame in enumerate(frames_of(beside_a_portrait)):
        seen = tracker.track(frame)
        faces.append((index / FPS, seen))
        given = seen if isinstance(seen, Face) else Unavailable(reason=seen.reason)
        watched.see(frame, given, 1 / FPS)
    of_the_portrait = [at_s for at_s, seen in faces if isinstance(seen, Face) and is_large(seen)]
    assert all(at_s < 1.0 for at_s in of_the_portrait), "before the other face was found"
    early = [seen for at_s, seen in faces if 1.0 < at_s < KNOWN_AFTER_S - 1]
    assert early
    assert {seen.reason for seen in early if isinstance(seen, NoFace)} == {Reason.SEVERAL_FACES}
    late = [seen for at_s, seen in faces if at_s > KNOWN_AFTER_S + 2]
    assert np.mean([isinstance(seen, Face) for seen in late]) > 0.95
    assert watched.began


def is_large(face: Face) -> bool:
    return face.height_px > 0.7 * PORTRAIT_PX


def test_a_portrait_alone_is_motionless_in_time_and_whoever_comes_is_watched(
    empty_room: Image,
    portrait: Cutout,
    clip_frames: list[Image],
    make_tracker: MakeTracker,
    frame: Callable[[Image, float], Frame],
) -> None:
    tracker = make_tracker(tracking=TrackingConfig(lifeless_after_s=12.0))
    paste(empty_room, portrait, x=1050, y=330)
    reasons = {}
    for index in range(14 * 5):
        seen = tracker.track(frame(empty_room.copy(), index / 5))
        reasons[index / 5] = seen.reason if isinstance(seen, NoFace) else None
    assert {reason for at_s, reason in reasons.items() if 1.0 < at_s < 12.0} == {None}
    assert {reason for at_s, reason in reasons.items() if at_s > 12.5} == {Reason.MOTIONLESS}
    (place,) = tracker.lifeless
    assert place.x < 1050 / 1280 < place.x + place.width
    assert place.y < 330 / 720 < place.y + place.height
    found = []
    for index, picture in enumerate(clip_frames[:70]):
        both = empty_room.copy()
        both[150:510, 20:660] = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA)
        found.append(tracker.track(frame(both, 14 + index * 0.08)))
    assert isinstance(found[-1], Face)
    assert not is_large(found[-1])
