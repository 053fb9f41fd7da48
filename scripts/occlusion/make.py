"""Teach the judge of covered faces and write ``edge/occlusion/model.onnx``.

``python scripts/occlusion/make.py OUT.onnx FOLDER...``: folders of ``train residents``.
Covers are drawn over residents by their landmarks, the landmarker looks again, and a small network
learns from two stages of MediaPipe's face mesh, averaged to 8x8, how much of brows, eyes and mouth
is hidden. Real faces are not among them: they only judge. One fifth of the people is kept for the
figures that are printed. docs/covers.md has what came of it. A new file needs its SHA-256 in
edge/score/occlusion.py.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import covers
import cv2
import numpy as np
import numpy.typing as npt
import torch
from regions import REGIONS, hidden_shares, label
from torch import nn

from edge.track.landmarker import Landmarker
from edge.track.model_file import locate_landmarker
from pain.crop import aligned_crop
from train.backbones.mesh_file import read_mesh_state
from train.backbones.mesh_network import FaceMeshNetwork, pooled
from train.backbones.names import MeshTap

SIDE = 384
FACES_WIDE = 2.2
GRID = 8
TAPS = (MeshTap.S89, MeshTap.S121)
SHARE_COVERED = 0.55
LOOKS = 3

Picture = npt.NDArray[np.uint8]


class Leaky(nn.Module):
    """PReLU as ONNX Runtime is quick at it: the same numbers."""

    def __init__(self, slope: torch.Tensor) -> None:
        super().__init__()
        self.slope = nn.Parameter(slope.reshape(1, -1, 1, 1).clone())

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same."""
        return torch.relu(maps) - self.slope * torch.relu(-maps)


class Judge(nn.Module):
    """uint8 (N, 256, 256, 3) to the probability that each region is hidden, (N, 3)."""

    def __init__(self, trunk: FaceMeshNetwork, mean: torch.Tensor, spread: torch.Tensor) -> None:
        super().__init__()
        self.trunk = trunk
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)
        self.head = nn.Sequential(
            nn.Dropout(0.5), nn.Linear(len(mean), 64), nn.ReLU(), nn.Dropout(0.3),
            nn.Linear(64, len(REGIONS)),
        )  # fmt: skip

    def logits(self, numbers: torch.Tensor) -> torch.Tensor:
        """From features (N, width)."""
        return self.head(torch.clamp((numbers - self.mean) / self.spread, -5, 5))

    def forward(self, face: torch.Tensor) -> torch.Tensor:
        """From crops."""
        return torch.sigmoid(self.logits(features(self.trunk, face)))


def features(trunk: FaceMeshNetwork, face: torch.Tensor) -> torch.Tensor:
    """The stages that are read, each averaged to a grid."""
    maps = trunk.tapped(face.float().permute(0, 3, 1, 2) / 255, TAPS)
    return torch.cat([pooled(each, GRID) for each in maps], 1)


def quicken(module: nn.Module) -> None:
    """Replace every PReLU."""
    for name, child in module.named_children():
        if isinstance(child, nn.PReLU):
            setattr(module, name, Leaky(child.weight.data))
        else:
            quicken(child)


def close_up(path: Path, landmarker: Landmarker) -> tuple[Picture, npt.NDArray[np.float32]] | None:
    """A square around the face and its landmarks there."""
    picture = np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])
    faces = landmarker.detect(picture)
    if not faces:
        return None
    (x, y), zoom = faces[0].box.centre, SIDE / (FACES_WIDE * faces[0].height_px)
    view = np.array([[zoom, 0, SIDE / 2 - zoom * x], [0, zoom, SIDE / 2 - zoom * y]])
    square = cv2.warpAffine(
        picture, view, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    points = faces[0].landmarks[:, :2] * zoom + view[:, 2]
    return np.asarray(square, np.uint8), points.astype(np.float32)


def photographed(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture as a camera across the room gives it: small, dim, noisy, compressed."""
    side = max(int(rng.uniform(40, 174) / 174 * SIDE), 60)
    small = cv2.resize(picture.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    small = small * rng.uniform(0.6, 1.2) + rng.uniform(-10, 15)
    small += rng.normal(0, rng.uniform(1, 5), small.shape)
    if rng.random() < 0.2:  # noqa: PLR2004
        small[:] = small.mean(2, keepdims=True)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(45, 95))]
    _, file = cv2.imencode(".jpg", np.clip(small, 0, 255).astype(np.uint8), quality)
    back = cv2.resize(cv2.imdecode(file, 1), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(back, np.uint8)


def draw(
    square: Picture, points: npt.NDArray[np.float32], landmarker: Landmarker,
    rng: np.random.Generator,
) -> tuple[Picture, list[float]] | None:  # fmt: skip
    """One crop with or without a cover, and how much of each region is hidden."""
    canvas = covers.Canvas(
        picture=square.copy(), points=points, hidden=np.zeros((SIDE, SIDE), np.float32), rng=rng
    )
    count = int(rng.choice(3, p=[0.3, 0.45, 0.25]))
    for name in rng.choice(list(covers.NO_COVERS), count, replace=False):
        covers.NO_COVERS[str(name)](canvas)
    if rng.random() < SHARE_COVERED:
        covers.COVERS[str(rng.choice(list(covers.COVERS)))](canvas)
    shares = hidden_shares(points, canvas.hidden)
    seen = photographed(canvas.picture, rng)
    for face in landmarker.detect(seen):
        x, y = face.box.centre
        if np.hypot(x - SIDE / 2, y - SIDE / 2) < SIDE / 5:
            return aligned_crop(seen, face.landmarks), [shares[region] for region in REGIONS]
    return None


def fit(judge: Judge, numbers: torch.Tensor, labels: torch.Tensor, rounds: int = 20) -> None:
    """Teach the head; labels that are not numbers teach nothing."""
    optimiser = torch.optim.AdamW(judge.head.parameters(), 1e-3, weight_decay=0.05)
    judge.head.train()
    for _ in range(rounds):
        for chosen in torch.randperm(len(numbers)).split(64):
            said, wanted = judge.logits(numbers[chosen]), labels[chosen]
            known = ~wanted.isnan()
            loss = nn.functional.binary_cross_entropy_with_logits(said[known], wanted[known])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    judge.eval()


def main() -> None:
    """Draw, teach, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--crops", type=int, default=2700)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    torch.manual_seed(given.seed)
    task = locate_landmarker(None)
    trunk = FaceMeshNetwork()
    trunk.load_state_dict(read_mesh_state(task))
    trunk.eval().requires_grad_(requires_grad=False)
    paths = sorted(path for folder in given.folders for path in folder.glob("images/*/*.jpg"))
    rng.shuffle(paths)  # type: ignore[arg-type]
    numbers, labels, people = [], [], []
    with Landmarker(model=task) as landmarker:
        for path in paths:
            if len(numbers) >= given.crops:
                break
            found = close_up(path, landmarker)
            for _ in range(LOOKS if found else 0):
                drawn = draw(*found, landmarker, rng)
                if drawn is not None:
                    numbers.append(features(trunk, torch.from_numpy(drawn[0][None])))
                    labels.append([label(share) for share in drawn[1]])
                    people.append(path.parent.name)
    all_numbers, all_labels = torch.cat(numbers), torch.tensor(labels)
    who = np.unique(people)
    kept = np.isin(people, rng.choice(who, len(who) // 5, replace=False))
    taught = torch.from_numpy(~kept)
    mean, spread = all_numbers[taught].mean(0), all_numbers[taught].std(0) + 1e-2
    judge = Judge(trunk, mean, spread)
    fit(judge, all_numbers[taught], all_labels[taught])
    with torch.no_grad():
        said = torch.sigmoid(judge.logits(all_numbers[~taught])).amax(1)
    truth = torch.nan_to_num(all_labels[~taught], nan=0.5)
    print("covered, found:", (said[truth.amax(1) == 1] > 0.8).float().mean().item())  # noqa: PLR2004, T201
    print("bare, refused:", (said[truth.amax(1) == 0] > 0.8).float().mean().item())  # noqa: PLR2004, T201
    quicken(judge)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            judge, (torch.zeros(1, 256, 256, 3, dtype=torch.uint8),), str(given.out),
            input_names=["face"], output_names=["hidden"], opset_version=17, dynamo=False,
            dynamic_axes={"face": {0: "N"}, "hidden": {0: "N"}},
        )  # fmt: skip


if __name__ == "__main__":
    main()
