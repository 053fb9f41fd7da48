from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from torchvision import transforms

from train.preprocess import Preprocess, thesis_picture


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("height", "width"),
    [(480, 640), (640, 480), (256, 256), (300, 301), (701, 333), (40, 90), (1, 1)],
)
def test_any_picture_becomes_256_px_square(height: int, width: int):
    out = thesis_picture(picture(height, width))

    assert out.shape == (256, 256, 3)
    assert out.dtype == np.uint8


def test_a_picture_of_the_right_size_stays_as_it_is():
    shown = picture(256, 256)

    assert np.array_equal(thesis_picture(shown), shown)


@pytest.mark.parametrize(("height", "width"), [(480, 640), (601, 333), (257, 259), (100, 131)])
def test_with_preprocess_it_is_torchvisions_usual_chain(height: int, width: int):
    shown = picture(height, width)
    chain = transforms.Compose(
        [
            transforms.Resize(256, transforms.InterpolationMode.BICUBIC),
            transforms.CenterCrop(224),
            transforms.PILToTensor(),
        ]
    )
    expected = chain(Image.fromarray(shown)).permute(1, 2, 0).numpy()

    assert np.array_equal(thesis_picture(shown)[16:240, 16:240], expected)


def test_fine_stripes_are_averaged_and_not_aliased():
    stripes = np.zeros((1024, 1024, 3), np.uint8)
    stripes[:, ::2] = 255

    inside = thesis_picture(stripes)[:, 8:-8].astype(float)

    assert np.abs(inside - 127.5).max() < 3


def test_the_mirrored_picture_is_prepared_to_the_mirrored_input():
    import torch

    shown = torch.from_numpy(thesis_picture(picture(300, 400)))[None]

    assert torch.equal(Preprocess()(shown.flip(2)), Preprocess()(shown).flip(3))


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_is_refused(bad: np.ndarray):
    with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\)"):
        thesis_picture(bad)
