from __future__ import annotations

import io

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from train.preprocess import FACENET, IMAGENET, PixelScale, Preprocess


def pictures(count: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (count, 256, 256, 3), generator=generator, dtype=torch.uint8)


def test_the_centre_is_cut_out_and_scaled_to_imagenets_mean_and_deviation():
    shown = pictures()

    out = Preprocess()(shown)

    assert out.shape == (2, 3, 224, 224)
    assert out.dtype == torch.float32
    pixel = shown[1, 16 + 10, 16 + 200].double() / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    torch.testing.assert_close(out[1, :, 10, 200].double(), (pixel - mean) / std, atol=1e-6, rtol=0)


def test_the_border_of_16_px_is_not_seen():
    shown = pictures()
    framed = shown.clone()
    framed[:, :16] = framed[:, -16:] = 0
    framed[:, :, :16] = framed[:, :, -16:] = 255

    assert torch.equal(Preprocess()(shown), Preprocess()(framed))


def test_facenet_sees_minus_one_to_one_at_160_px():
    out = Preprocess(FACENET, size_px=160)
    black, white = torch.zeros(1, 256, 256, 3), torch.full((1, 256, 256, 3), 255)

    assert out(black.byte()).shape == (1, 3, 160, 160)
    torch.testing.assert_close(out(black.byte()), torch.full((1, 3, 160, 160), -127.5 / 128))
    torch.testing.assert_close(out(white.byte()), torch.full((1, 3, 160, 160), 127.5 / 128))


@pytest.mark.parametrize("size_px", [96, 160, 320])
@pytest.mark.parametrize("cubic", [False, True])
def test_resampling_is_pytorchs_antialiased_own(size_px: int, cubic: bool):
    shown = pictures()

    expected = functional.interpolate(
        Preprocess()(shown),
        size=(size_px, size_px),
        mode="bicubic" if cubic else "bilinear",
        antialias=True,
    )

    made = Preprocess(size_px=size_px, cubic=cubic)(shown)
    torch.testing.assert_close(made, expected, atol=1e-5, rtol=0)


def test_it_adds_nothing_to_a_checkpoint():
    assert Preprocess(size_px=160).state_dict() == {}


@pytest.mark.filterwarnings(
    # The newer exporter needs a package that nothing else of ours does.
    "ignore:You are using the legacy TorchScript-based ONNX export:DeprecationWarning",
    "ignore:The feature will be removed:DeprecationWarning",
)
@pytest.mark.parametrize(("scale", "size_px"), [(IMAGENET, 224), (FACENET, 160)])
def test_onnx_runtime_computes_the_same_for_any_number_of_pictures(scale: PixelScale, size_px: int):
    module = Preprocess(scale, size_px=size_px).eval()
    buffer = io.BytesIO()
    torch.onnx.export(
        module,
        (pictures(1),),
        buffer,
        input_names=["face"],
        dynamic_axes={"face": {0: "n"}},
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(buffer.getvalue(), providers=["CPUExecutionProvider"])

    shown = pictures(3)
    (found,) = session.run(None, {"face": shown.numpy()})

    assert np.abs(found - module(shown).numpy()).max() <= 1e-5
