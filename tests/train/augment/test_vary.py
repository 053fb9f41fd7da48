"""Training faces varied."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from pain.action_units import BLENDSHAPES
from train.augment.pictures import jpeg
from train.augment.pixels import PixelRange
from train.augment.schema import Variation
from train.augment.vary import Augment
from train.backbones import BackboneName
from train.backbones.landmarks import Landmarks
from train.backbones.make import make_backbone
from train.backbones.weights import WeightSource

STILL = dict.fromkeys(Variation.model_fields, 0.0)
FACE = ("face",)
CPU = torch.device("cpu")


def still(**changes: float) -> Variation:
    return Variation.model_validate({**STILL, **changes})


def varied(
    picture: torch.Tensor, *, seed: int = 0, flip: float = 0.0, **changes: float
) -> torch.Tensor:
    return Augment(still(**changes), inputs=FACE, flip=flip, seed=seed)((picture,))[0]


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_nothing_asked_for_changes_nothing(pictures: torch.Tensor):
    assert varied(pictures) is pictures


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


SIZES = {
    "shift": 0.2,
    "rotate_deg": 10.0,
    "zoom": 0.2,
    "light": 0.2,
    "colour": 0.3,
    "blur": 0.05,
    "noise": 0.2,
    "jpeg": 1.0,
    "cut_out": 0.7,
}


@pytest.mark.parametrize("change", SIZES)
def test_every_variation_varies_and_differs_from_face_to_face(change: str):
    one = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    alike = one.expand(6, 3, 32, 32).contiguous()
    shown = varied(alike, **{change: SIZES[change]})
    assert not torch.allclose(shown[0], one[0], atol=1e-3)
    assert not torch.allclose(shown[0], shown[1], atol=1e-3)
    assert torch.isfinite(shown).all()
    assert torch.equal(alike, one.expand_as(alike))


def test_every_other_face_loses_detail():
    noisy = torch.rand(200, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    changed = (varied(noisy, low_resolution=0.8, seed=1) - noisy).abs().amax(dim=(1, 2, 3)) > 1e-4
    assert 0.3 < float(changed.float().mean()) < 0.7


@pytest.mark.parametrize("change", ["colour", "jpeg", "blur", "low_resolution", "cut_out"])
def test_what_is_even_and_without_colour_keeps_its_place_between_black_and_white(change: str):
    # In a network's own range black is not 0; a change of colour must not light it up.
    ends = PixelRange(black=torch.full((3, 1, 1), -2.0), white=torch.full((3, 1, 1), 2.5))
    augment = Augment(still(**{change: 0.05}), inputs=FACE, pixels=ends)
    black = torch.full((4, 3, 16, 16), -2.0)
    torch.testing.assert_close(augment((black,))[0], black, atol=2e-3, rtol=0)


@pytest.mark.parametrize("quality", [20, 50, 90])
@pytest.mark.parametrize("side", [64, 60])
def test_jpeg_looks_as_pillow_makes_it(quality: int, side: int):
    small = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    smooth = torch.nn.functional.interpolate(small, side, mode="bicubic").clamp(0.05, 0.95)
    pixels = (smooth * 255.0).round()
    file = io.BytesIO()
    raw = pixels[0].permute(1, 2, 0).byte().numpy()
    Image.fromarray(raw).save(file, "JPEG", quality=quality, subsampling=0)
    theirs = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float()
    ours = jpeg(pixels / 255.0, torch.tensor([float(quality)]))[0] * 255.0
    lost = float((theirs - pixels[0]).abs().mean())
    assert float((ours - theirs).abs().mean()) < 0.7 * lost


@pytest.mark.parametrize(
    ("name", "black", "white"),
    [
        (BackboneName.MOBILENETV3_SMALL, (0 - 0.485) / 0.229, (1 - 0.485) / 0.229),
        (BackboneName.FACE_MESH, 0.0, 1.0),
    ],
)
def test_black_and_white_are_those_of_the_network(name: BackboneName, black: float, white: float):
    found = PixelRange.of(make_backbone(name, weights=WeightSource.RANDOM))
    assert float(found.black[0]) == pytest.approx(black, abs=1e-5)
    assert float(found.white[0]) == pytest.approx(white, abs=1e-5)
    there = found.to_unit(torch.tensor([black, white]).expand(1, 3, 1, 2))
    torch.testing.assert_close(there[0, 0, 0], torch.tensor([0.0, 1.0]), atol=1e-5, rtol=0)


def test_a_backbone_without_pictures_has_no_range_to_ask_for():
    assert float(PixelRange.of(Landmarks()).white[0]) == 1.0


def test_a_shift_stays_below_what_was_asked():
    picture = torch.zeros(64, 3, 65, 65)
    picture[:, :, 32, 32] = 1.0
    shown = varied(picture, shift=0.1)[:, 0]
    down, right = (int(i) for i in (shown.amax(0) > 0.2).nonzero().sub(32).abs().amax(0))
    assert 3 <= max(down, right) <= 7


def test_the_seed_decides_and_a_new_beginning_forgets(pictures: torch.Tensor):
    first, again, other = (varied(pictures, noise=0.5, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    augment = Augment(still(noise=0.5, mixup=1.0), inputs=FACE, seed=4)
    augment((pictures,))
    augment.mix(6, CPU)
    augment.begin(3)
    assert torch.equal(augment((pictures,))[0], first)


def test_noise_is_as_strong_as_asked_and_no_two_faces_share_it():
    shown = varied(torch.zeros(40, 3, 32, 32), noise=0.5)
    deviation = shown.flatten(1).std(dim=1)
    assert float(deviation.max()) < 0.6
    assert float(deviation.max()) > 0.4
    together = torch.corrcoef(shown[:, 0].flatten(1))
    together.fill_diagonal_(0.0)
    assert float(together.abs().max()) < 0.5


def test_mixed_faces_cost_what_either_truth_costs_by_its_share():
    assert Augment(still(), inputs=FACE).mix(4, CPU) is None
    mix = Augment(still(mixup=1.0), inputs=FACE, seed=1).mix(4, CPU)
    assert mix is not None
    assert sorted(mix.order.tolist()) == [0, 1, 2, 3]
    truth = torch.tensor([0.0, 1.0, 2.0, 6.0])
    # Of a cost that is linear in the truth the mean truth must come out.
    torch.testing.assert_close(mix.cost(lambda rows: truth[rows]), mix.over(truth))
    faces = torch.rand(4, 3, 2, 2)
    expected = mix.share * faces[0] + (1 - mix.share) * faces[mix.order[0]]
    torch.testing.assert_close(mix.over(faces)[0], expected)


def test_mirrored_landmarks_exchange_sides_and_so_do_blendshapes():
    order = np.arange(478, dtype=np.intp)[::-1].copy()
    augment = Augment(still(), inputs=("landmarks", "blendshapes"), flip=1.0, mirror=order)
    points, scores = torch.randn(2, 478, 3), torch.rand(2, 52)
    shown_points, shown_scores = augment((points, scores))
    torch.testing.assert_close(shown_points[:, 0], points[:, 477] * torch.tensor([-1.0, 1, 1]))
    left, right = BLENDSHAPES.index("browDownLeft"), BLENDSHAPES.index("browDownRight")
    torch.testing.assert_close(shown_scores[:, left], scores[:, right])


def test_landmarks_without_counterparts_cannot_be_mirrored():
    augment = Augment(Variation(), inputs=("landmarks",), flip=0.5)
    with pytest.raises(ValueError, match="counterpart"):
        augment((torch.zeros(1, 478, 3),))
