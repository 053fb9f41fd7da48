from __future__ import annotations

import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter

from edge.track import Landmarker
from pain.errors import AssetError
from train.backbones import BackboneName, MeshTap, WeightSource, make_backbone
from train.backbones.base import Trainable, set_trainable
from train.backbones.face_mesh import FaceMesh
from train.backbones.mesh_file import MEMBER, read_mesh_state
from train.backbones.mesh_network import pooled


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """Faces as the tracker cut them, uint8 (n, 256, 256, 3)."""
    golden = resources.files("edge") / "bundles" / "mobilenetv3s-v1" / "golden.npz"
    with golden.open("rb") as file, np.load(file) as archive:
        return archive["input.face"]


@pytest.fixture(scope="module")
def mesh(landmarker_path: Path) -> FaceMesh:
    made = make_backbone(BackboneName.FACE_MESH, weights=landmarker_path, taps=list(MeshTap))
    assert isinstance(made, FaceMesh)
    return made.eval()


def litert(path: Path, crops: np.ndarray) -> np.ndarray:
    """Points (n, 478, 3) as the vendor's own runtime computes them."""
    with zipfile.ZipFile(path) as archive:
        interpreter = Interpreter(model_content=archive.read(MEMBER), num_threads=1)
    interpreter.allocate_tensors()
    (taken,) = interpreter.get_input_details()
    points = next(o for o in interpreter.get_output_details() if o["shape"][-1] == 478 * 3)
    found = []
    for crop in crops:
        interpreter.set_tensor(taken["index"], crop[None].astype(np.float32) / 255)
        interpreter.invoke()
        found.append(interpreter.get_tensor(points["index"]).reshape(478, 3))
    return np.stack(found)


def test_the_points_are_those_of_the_vendors_runtime(
    mesh: FaceMesh, landmarker_path: Path, crops: np.ndarray
):
    with torch.inference_mode():
        found = mesh.body(mesh.preprocess(torch.from_numpy(crops))).numpy()

    assert np.abs(found - litert(landmarker_path, crops)).max() <= 1e-3


def test_the_points_lie_where_mediapipe_finds_the_face(
    mesh: FaceMesh, landmarker: Landmarker, crops: np.ndarray
):
    # MediaPipe turns and cuts the face anew before it looks, so some pixels of 256 are its own.
    compared = 0
    for crop in crops:
        padded = np.pad(crop, ((128, 128), (128, 128), (0, 0)), mode="edge")
        faces = landmarker.detect(padded)
        if not faces:
            continue
        with torch.inference_mode():
            found = mesh.body(mesh.preprocess(torch.from_numpy(crop[None])))[0].numpy()
        apart = np.linalg.norm(found[:, :2] - (faces[0].landmarks[:, :2] - 128), axis=1)
        assert np.median(apart) < 6.0
        compared += 1
    assert compared


def test_taps_are_in_the_networks_order_and_laid_out_channel_row_column(
    mesh: FaceMesh, landmarker_path: Path, crops: np.ndarray
):
    taps = (MeshTap.S183, MeshTap.S89)
    some = make_backbone(BackboneName.FACE_MESH, weights=landmarker_path, taps=taps).eval()
    shown = torch.from_numpy(crops[:2])
    with torch.inference_mode():
        features = some(shown)
        first, second = mesh.body.tapped(mesh.preprocess(shown), (MeshTap.S89, MeshTap.S183))

    assert first.shape == (2, 64, 32, 32)
    assert second.shape == (2, 128, 4, 4)
    assert features.shape == (2, MeshTap.S89.width + MeshTap.S183.width)
    torch.testing.assert_close(features[:, 1], first[:, 0, :8, 8:16].mean(dim=(1, 2)))
    torch.testing.assert_close(features[:, 1024:], second.flatten(1))


def test_what_was_tracked_follows_the_stages(mesh: FaceMesh, crops: np.ndarray):
    taps = (MeshTap.S214,)
    joined = FaceMesh(BackboneName.FACE_MESH_LANDMARKS, taps=taps)
    joined.load(mesh.body.state_dict(), path=Path("memory"))
    joined.eval()
    landmarks, blendshapes = torch.randn(2, 478, 3), torch.rand(2, 52)
    with torch.inference_mode():
        features = joined(torch.from_numpy(crops[:2]), landmarks, blendshapes)

    assert torch.equal(features[:, 512 : 512 + 1434], landmarks.flatten(1))
    assert torch.equal(features[:, -52:], blendshapes)


def test_averages_are_of_equal_squares():
    maps = torch.arange(16.0).reshape(1, 1, 4, 4)

    assert pooled(maps, 2).tolist() == [[2.5, 4.5, 10.5, 12.5]]
    assert torch.equal(pooled(maps, 4), maps.flatten(1))


def test_only_the_deepest_stage_is_the_last_block():
    backbone = FaceMesh(BackboneName.FACE_MESH, taps=(MeshTap.S121, MeshTap.S89))
    set_trainable(backbone, Trainable.LAST_BLOCK)

    learning = {name for name, p in backbone.body.named_parameters() if p.requires_grad}

    assert learning
    assert all(name.startswith("stages.3.") for name in learning)


@pytest.mark.parametrize(
    ("name", "taps"),
    [
        (BackboneName.FACE_MESH, ()),
        (BackboneName.FACE_MESH, (MeshTap.S89, MeshTap.S89)),
        (BackboneName.MOBILENETV3_SMALL, (MeshTap.S89,)),
    ],
)
def test_taps_that_make_no_sense_are_refused(name: BackboneName, taps: tuple[MeshTap, ...]):
    with pytest.raises(ValueError, match="taps: "):
        make_backbone(name, weights=WeightSource.RANDOM, taps=taps)


def archive_of(path: Path, member: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    return path


@pytest.mark.parametrize("member", ["face_blendshapes.tflite", MEMBER])
def test_another_file_is_told(tmp_path: Path, member: str):
    path = archive_of(tmp_path / "other.task", member, bytes(64))

    with pytest.raises(AssetError, match=r"other\.task: the face mesh network cannot be read"):
        read_mesh_state(path)


def test_another_network_is_told(tmp_path: Path, landmarker_path: Path):
    with zipfile.ZipFile(landmarker_path) as archive:
        other = archive.read("face_blendshapes.tflite")
    path = archive_of(tmp_path / "other.task", MEMBER, other)

    with pytest.raises(AssetError, match="painwatch models fetch"):
        make_backbone(BackboneName.FACE_MESH, weights=path)
