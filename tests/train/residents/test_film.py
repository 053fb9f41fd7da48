from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from train.residents.film import Film, develop, h264
from train.residents.render import Layer

SIZE = 96
PLAIN = Film(exposure=0.25, blur_px=0.0, noise=0.0, jpeg_quality=90, saturation=1.0)


def scene(colour: tuple[float, float, float] = (0.4, 0.25, 0.2)) -> Layer:
    """A coloured square with fine stripes before nothing."""
    light = np.zeros((SIZE, SIZE, 3), np.float32)
    alpha = np.zeros((SIZE, SIZE), np.float32)
    light[16:80, 16:80] = colour
    light[16:80, 16:80:4] *= 0.3
    alpha[16:80, 16:80] = 1.0
    return Layer(colour=light, alpha=alpha)


def developed(film: Film, layer: Layer | None = None, seed: int = 0) -> npt.NDArray[np.float64]:
    wall = np.full((SIZE, SIZE, 3), 0.1, np.float32)
    picture = develop(layer or scene(), wall, film, np.random.default_rng(seed))
    assert picture.shape == (SIZE, SIZE, 3)
    assert picture.dtype == np.uint8
    return picture.astype(np.float64)


def sharpness(picture: npt.NDArray[np.float64]) -> float:
    return float(np.abs(np.diff(picture[20:76, 20:76].mean(axis=2), axis=1)).mean())


@pytest.mark.parametrize(
    "worse",
    [
        {"blur_px": 2.0},
        {"motion_px": (8.0, 0.0)},
        {"detail_px": 24},
        {"crf": 40},
    ],
)
def test_poor_cameras_lose_detail(worse: dict[str, object]) -> None:
    assert sharpness(developed(replace(PLAIN, **worse))) < 0.75 * sharpness(developed(PLAIN))


def test_motion_along_the_stripes_keeps_them() -> None:
    across, along = ({"motion_px": way} for way in ((8.0, 0.0), (0.0, 8.0)))
    assert sharpness(developed(replace(PLAIN, **along))) > 2 * sharpness(
        developed(replace(PLAIN, **across))
    )


def test_the_near_infrared_is_grey_and_sees_dark_skin_as_bright_as_light_skin() -> None:
    # Brightness of the figure before the camera meters it is what differs, so one scene has both.
    layer = scene((0.5, 0.35, 0.3))
    layer.colour[48:80] *= np.array([0.6, 0.35, 0.25], np.float32)
    night = developed(replace(PLAIN, near_infrared=True), layer)
    day = developed(PLAIN, layer)
    assert np.ptp(night, axis=2).max() <= 1.0
    assert np.ptp(day, axis=2).max() > 20.0

    def ratio(picture: npt.NDArray[np.float64]) -> float:
        return float(picture[50:78, 17:79].mean() / picture[18:46, 17:79].mean())

    assert ratio(night) > ratio(day) + 0.05


def test_noise_is_as_strong_as_stated_and_comes_from_the_rng() -> None:
    noisy = replace(PLAIN, noise=0.04)
    one, same, other = (developed(noisy, seed=seed) for seed in (1, 1, 2))
    assert (one == same).all()
    difference = (one - other)[:12] / 255.0
    assert difference.std() == pytest.approx(0.04 * np.sqrt(2.0), rel=0.15)


@pytest.mark.parametrize("size", [(96, 96), (97, 95)])
def test_a_stream_s_frame_keeps_its_size_and_most_of_the_picture(size: tuple[int, int]) -> None:
    height, width = size
    ramp = np.linspace(0, 255, width)[None, :, None] * np.ones((height, 1, 3))
    picture = ramp.astype(np.uint8)
    coded = h264(picture, 23)
    assert coded.shape == picture.shape
    assert np.abs(coded.astype(int) - picture).mean() < 6.0
    worse = np.abs(h264(picture, 45).astype(int) - picture).mean()
    assert worse > np.abs(coded.astype(int) - picture).mean()
