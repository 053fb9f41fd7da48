"""Training faces varied."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pain.action_units import BLENDSHAPES
from train.distil.augment import Augment
from train.distil.schema import AugmentSection

STILL = {
    "flip": 0.0,
    "shift": 0.0,
    "rotate_deg": 0.0,
    "zoom": 0.0,
    "light": 0.0,
    "grey": 0.0,
    "noise": 0.0,
    "landmarks": 0.0,
}


def varied(picture: torch.Tensor, *, seed: int = 0, **changes: float) -> torch.Tensor:
    section = AugmentSection.model_validate({**STILL, **changes})
    return Augment(section, inputs=("face",), seed=seed)((picture,))[0]


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_nothing_asked_for_changes_nothing(pictures: torch.Tensor):
    torch.testing.assert_close(varied(pictures), pictures, atol=1e-5, rtol=0)


def test_a_mirror_image_is_exactly_that(pictures: torch.Tensor):
    torch.testing.assert_close(varied(pictures, flip=1.0), pictures.flip(3), atol=1e-5, rtol=0)


def test_half_of_the_faces_are_mirrored_by_chance():
    many = torch.arange(32.0).expand(400, 3, 32, 32)
    shown = varied(many, flip=0.5)
    share = float((shown[:, 0, 0, 0] > shown[:, 0, 0, 31]).float().mean())
    assert 0.4 < share < 0.6


def test_a_grey_picture_has_three_equal_channels(pictures: torch.Tensor):
    shown = varied(pictures, grey=1.0)
    torch.testing.assert_close(shown, pictures.mean(1, keepdim=True).expand_as(shown))


@pytest.mark.parametrize("change", ["shift", "rotate_deg", "zoom", "light", "noise"])
def test_every_variation_varies_and_differs_from_face_to_face(change: str):
    one = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    size = 10.0 if change == "rotate_deg" else 0.2
    shown = varied(one.expand(4, 3, 32, 32).contiguous(), **{change: size})
    assert not torch.allclose(shown[0], one[0], atol=1e-3)
    assert not torch.allclose(shown[0], shown[1], atol=1e-3)
    assert torch.isfinite(shown).all()


def test_a_shift_stays_below_what_was_asked():
    picture = torch.zeros(64, 3, 65, 65)
    picture[:, :, 32, 32] = 1.0
    shown = varied(picture, shift=0.1)[:, 0]
    down, right = (int(i) for i in (shown.amax(0) > 0.2).nonzero().sub(32).abs().amax(0))
    assert 3 <= max(down, right) <= 7


def test_the_seed_decides(pictures: torch.Tensor):
    first, again, other = (varied(pictures, noise=0.5, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_mirrored_landmarks_exchange_sides_and_so_do_blendshapes():
    section = AugmentSection.model_validate({**STILL, "flip": 1.0})
    order = np.arange(478, dtype=np.intp)[::-1].copy()
    augment = Augment(section, inputs=("landmarks", "blendshapes"), mirror=order)
    points, scores = torch.randn(2, 478, 3), torch.rand(2, 52)
    shown_points, shown_scores = augment((points, scores))
    torch.testing.assert_close(shown_points[:, 0], points[:, 477] * torch.tensor([-1.0, 1, 1]))
    left, right = BLENDSHAPES.index("browDownLeft"), BLENDSHAPES.index("browDownRight")
    torch.testing.assert_close(shown_scores[:, left], scores[:, right])


def test_landmarks_without_counterparts_cannot_be_mirrored():
    augment = Augment(AugmentSection(), inputs=("landmarks",))
    with pytest.raises(ValueError, match="counterpart"):
        augment((torch.zeros(1, 478, 3),))
