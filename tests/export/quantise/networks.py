"""Small networks that read a level from a crop, written as ONNX."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pain.bundle import Training, write_manifest

OUTPUTS = ("probabilities", "level")


class Reader(nn.Module):
    """A body and what turns its one number per face into probabilities and a level."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.register_buffer("levels", torch.arange(7, dtype=torch.float32))
        self.register_buffer("fitted", torch.tensor([0.0, 1.0]))

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        small = functional.avg_pool2d(face.float().permute(0, 3, 1, 2) / 255.0, 16)
        said = (self.body(small) - self.fitted[0]) * self.fitted[1]
        probabilities = torch.softmax(-2.0 * (said - self.levels).square(), dim=1)
        return probabilities, (probabilities * self.levels).sum(dim=1)

    def spread_over(self, crops: np.ndarray) -> None:
        """Let the levels of these crops run from 0 to 6."""
        with torch.inference_mode():
            small = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255.0
            raw = self.body(functional.avg_pool2d(small, 16))
        self.fitted = torch.stack([raw.min(), 6.0 / (raw.max() - raw.min())])


class Convolutions(nn.Sequential):
    """Three convolutions and a dense layer; where asked, the second one cannot be quantised.

    Its eighth input is always zero, so the weight on it changes nothing; but it is so large that a
    scale that has room for it has no step left for the seven others.
    """

    def __init__(self, *, ruined: bool) -> None:
        torch.manual_seed(5)
        super().__init__(
            nn.Conv2d(3, 8, 3),
            nn.ReLU(),
            nn.Conv2d(8, 8, 1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 1),
        )
        with torch.no_grad():
            for part in self:
                if isinstance(part, nn.Conv2d):
                    part.weight.abs_()
            self[0].weight[7], self[0].bias[7] = 0.0, 0.0
            if ruined:
                self[2].weight[:, 7] = 2000.0


class Block(nn.Module):
    """A transformer of one block: patches, attention, two linear layers, LayerNorm before each."""

    def __init__(self, width: int = 16) -> None:
        torch.manual_seed(5)
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, stride=4)
        self.before, self.between, self.after = (nn.LayerNorm(width) for _ in range(3))
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width))
        self.last = nn.Linear(width, 1)

    def forward(self, small: Tensor) -> Tensor:
        tokens = self.patches(small).flatten(2).transpose(1, 2)
        query, key, value = self.qkv(self.before(tokens)).chunk(3, dim=2)
        scores = torch.softmax(query @ key.transpose(1, 2) / 4.0, dim=2)
        tokens = tokens + self.proj(scores @ value)
        tokens = tokens + self.mlp(self.between(tokens))
        out: Tensor = self.last(self.after(tokens).mean(dim=1))
        return out


def write_graph(module: nn.Module, path: Path, outputs: tuple[str, ...] = OUTPUTS) -> Path:
    """Trace a network of crops; the first axis is free."""
    with warnings.catch_warnings():
        # The older exporter says that there is a newer one, which needs another package.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            module.eval(),
            (torch.zeros(2, 256, 256, 3, dtype=torch.uint8),),
            str(path),
            input_names=["face"],
            output_names=list(outputs),
            opset_version=17,
            dynamo=False,
            dynamic_axes={name: {0: "N"} for name in ("face", *outputs)},
        )
    return path


def write_bundle(module: nn.Module, crops: np.ndarray, folder: Path) -> Path:
    """A bundle of fp32 alone, with golden faces."""
    folder.mkdir()
    write_graph(module, folder / "model.onnx")
    with torch.inference_mode():
        said = module(torch.from_numpy(crops[:3]))
    arrays = {f"output.{name}": out.numpy() for name, out in zip(OUTPUTS, said, strict=True)}
    np.savez(folder / "golden.npz", tolerance=0.02, **{"input.face": crops[:3]}, **arrays)
    words = "made up for tests"
    write_manifest(
        folder,
        files={"model": ("model.onnx", "fp32"), "golden": ("golden.npz", None)},
        name="toy",
        version="0",
        created="2026-11-25T00:00:00+00:00",
        inputs=("face",),
        outputs=OUTPUTS,
        training=Training(
            data=words,
            data_licence=words,
            split_protocol=words,
            task=words,
            loss=words,
            backbone=words,
            command=words,
        ),
        metrics=(),
        parity={"inputs": 1, "max_level_difference": 0.0, "mean_level_difference": 0.0},
        intended_use=words,
        limits=words,
        library_versions={},
    )
    return folder
