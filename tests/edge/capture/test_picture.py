from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pytest

from edge.capture.picture import Blindness, PictureWatch
from pain.values import Frame
from tests.edge.capture.rooms import with_clock

WALL = datetime(2026, 1, 1, tzinfo=UTC)
SHAPE = (120, 160, 3)

Image = npt.NDArray[np.uint8]


def noisy(rng: np.random.Generator, *, mean: float, noise: float) -> Image:
    return np.clip(rng.normal(mean, noise, SHAPE), 0, 255).astype(np.uint8)


def judged(
    images: list[Image], *, frozen_after_s: float | None = 4.0, black_after_s: float | None = 4.0
) -> list[Blindness | None]:
    """What is said of pictures that come once a second."""
    watch = PictureWatch(
        frozen_after_s=frozen_after_s, still_after_s=None, black_after_s=black_after_s
    )
    return [
        watch.judge(Frame(image=image, captured_s=float(at), wall_time=WALL, sequence=at))
        for at, image in enumerate(images)
    ]


def test_a_still_scene_with_a_sensors_noise_is_not_frozen():
    rng = np.random.default_rng(0)
    assert not any(judged([noisy(rng, mean=90, noise=1.0) for _ in range(20)]))


def test_equal_pictures_are_frozen_after_a_while_and_a_new_one_ends_it():
    rng = np.random.default_rng(0)
    first, second = noisy(rng, mean=90, noise=5), noisy(rng, mean=90, noise=5)
    said = judged([first] * 7 + [second])
    assert [one is not None for one in said] == [False] * 4 + [True] * 3 + [False]
    assert said[4] is not None
    assert said[4].since_s == 0.0
    assert "frozen" in said[4].detail


def test_an_encoder_that_repeats_a_picture_for_a_key_frame_interval_is_not_frozen():
    rng = np.random.default_rng(0)
    pictures = [image for _ in range(6) for image in [noisy(rng, mean=90, noise=5)] * 4]
    assert not any(judged(pictures))


@pytest.mark.parametrize(
    ("mean", "noise", "black"),
    [
        (0.0, 0.0, True),  # a covered lens
        (1.0, 1.5, True),  # and a sensor's noise on it
        (14.0, 6.0, False),  # a dark room, noisily seen
        (60.0, 10.0, False),
    ],
)
def test_black_is_a_covered_lens_and_not_a_dark_room(mean: float, noise: float, black: bool):
    rng = np.random.default_rng(0)
    said = judged([noisy(rng, mean=mean, noise=noise) for _ in range(6)], frozen_after_s=None)
    assert [one is not None for one in said] == [False] * 4 + [black] * 2
    if said[5] is not None:
        assert "black" in said[5].detail


@pytest.mark.parametrize("top", [0, 40, 104])
def test_a_night_lamp_is_no_covered_lens(top: int):
    lamp = np.zeros(SHAPE, np.uint8)
    lamp[top : top + 16, 40:56] = 200
    assert not any(judged([lamp] * 8, frozen_after_s=None))


@pytest.mark.parametrize("size", [(360, 640), (720, 1280), (1080, 1920)], ids=str)
@pytest.mark.parametrize(
    ("colour", "said"), [((0, 0, 0), "black"), ((0, 0, 180), "plain colour")], ids=["black", "blue"]
)
def test_a_burned_in_clock_hides_neither_a_covered_lens_nor_a_lost_signal(
    size: tuple[int, int], colour: tuple[int, int, int], said: str
):
    covered = np.full((*size, 3), colour, np.uint8)
    told = judged([with_clock(covered.copy(), second) for second in range(7)])
    assert [one is not None for one in told] == [False] * 4 + [True] * 3
    assert told[6] is not None
    assert said in told[6].detail
    assert told[6].since_s == 0.0


@pytest.mark.parametrize("size", [(360, 640), (720, 1280), (1080, 1920)], ids=str)
def test_a_burned_in_clock_makes_no_frozen_picture_live(size: tuple[int, int]):
    rng = np.random.default_rng(0)
    still = np.clip(rng.normal(90, 12, (*size, 3)), 0, 255).astype(np.uint8)
    told = judged([with_clock(still.copy(), second) for second in range(7)])
    assert [one is not None for one in told] == [False] * 4 + [True] * 3
    assert told[6] is not None
    assert "frozen" in told[6].detail


def test_what_moves_below_a_clock_is_no_clock():
    rng = np.random.default_rng(0)
    pictures = []
    for second in range(8):
        image = np.full((720, 1280, 3), 90, np.uint8)
        image[300:420, 500:620] = rng.integers(0, 255, (120, 120, 1), np.uint8)
        pictures.append(with_clock(image, second))
    assert not any(judged(pictures))


def test_a_wall_in_front_of_the_lens_is_no_plain_colour():
    rng = np.random.default_rng(0)
    shades = np.linspace(110, 130, SHAPE[1])[None, :, None]
    walls = [np.clip(shades + rng.normal(0, 1, SHAPE), 0, 255).astype(np.uint8) for _ in range(8)]
    assert not any(judged(walls))


def test_each_can_be_switched_off():
    black = [np.zeros(SHAPE, np.uint8)] * 10
    assert not any(judged(black, frozen_after_s=None, black_after_s=None))
