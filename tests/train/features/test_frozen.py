from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from train.backbones import BackboneName
from train.backbones.base import Backbone
from train.features.frozen import FOLDER_NAME, PORTION, Features, frozen_features, weights_digest

CPU = torch.device("cpu")


class Sums(Backbone):
    """Two sums over each picture; counts what it sees."""

    def __init__(self) -> None:
        super().__init__(name=BackboneName.FACENET, width=2)
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.seen = 0

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        self.seen += len(pictures)
        values = pictures.float() * self.weight
        return torch.stack([values.sum((1, 2, 3)), values[:, :, 0].sum((1, 2))], dim=1)


class Noise:
    """Pictures of noise in memory."""

    def __init__(self, count: int) -> None:
        rng = np.random.default_rng(0)
        self.pictures = torch.from_numpy(rng.integers(0, 256, (count, 4, 4, 3), np.uint8))

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, rows: np.ndarray) -> tuple[torch.Tensor, ...]:
        return (self.pictures[torch.from_numpy(rows)],)

    def flipped(
        self, batch: tuple[torch.Tensor, ...], which: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        return (torch.where(which[:, None, None, None], batch[0].flip(2), batch[0]),)

    @property
    def mirror(self) -> bytes:
        return b""


def keys(count: int) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(count)]


def compute(folder: Path, faces: Noise, backbone: Sums, *, mirrored: bool = True) -> Features:
    return frozen_features(
        faces,
        keys(len(faces)),
        backbone,
        cache_folder=folder,
        device=CPU,
        mirrored=mirrored,
    )


def test_features_are_computed_once(tmp_path: Path):
    faces, backbone = Noise(5), Sums()
    first = compute(tmp_path, faces, backbone)
    assert (first.computed, backbone.seen) == (10, 10)
    again = compute(tmp_path, faces, backbone)
    assert (again.computed, backbone.seen) == (0, 10)
    np.testing.assert_array_equal(first.plain, again.plain)
    expected = faces.pictures[3].float().sum()
    assert again.plain[3, 0] == expected
    assert again.mirrored is not None
    assert again.mirrored[3, 0] == expected
    assert again.mirrored[3, 1] == faces.pictures[3][:, -1].float().sum()


def test_new_faces_alone_are_computed(tmp_path: Path):
    backbone = Sums()
    compute(tmp_path, Noise(3), backbone, mirrored=False)
    assert compute(tmp_path, Noise(5), backbone, mirrored=False).computed == 2
    assert compute(tmp_path, Noise(5), backbone).computed == 5


def test_other_weights_have_features_of_their_own(tmp_path: Path):
    one, other = Sums(), Sums()
    with torch.no_grad():
        other.weight.fill_(2.0)
    assert weights_digest(one) != weights_digest(other)
    plain = compute(tmp_path, Noise(2), one).plain
    np.testing.assert_array_equal(compute(tmp_path, Noise(2), other).plain, 2 * plain)
    assert len(list((tmp_path / FOLDER_NAME).iterdir())) == 2


def test_an_interrupted_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    faces, backbone = Noise(PORTION + 10), Sums()
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done >= PORTION:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frozen_features(
            faces,
            keys(len(faces)),
            backbone,
            cache_folder=tmp_path,
            device=CPU,
            mirrored=False,
            on_done=stop,
        )
    assert told == [(0, PORTION + 10), (PORTION, PORTION + 10)]
    assert compute(tmp_path, faces, backbone, mirrored=False).computed == 10
