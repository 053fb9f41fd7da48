from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from torch import nn

from export.faces import Faces, load_faces
from export.model import Model, open_model
from pain.bundle import Calibration, Metric, Training
from tests.train.protocol.toy import Toy, toy
from train.backbones import AnyBackbone, BackboneName
from train.distil.checkpoint import Student, library_versions, save_student
from train.distil.network import Readable, StudentNet, build_student
from train.distil.schema import Distillation, StudentSection

TRAINING = Training(
    data="nothing: random weights",
    data_licence="none",
    split_protocol="none",
    task="none",
    loss="none",
    backbone="random",
    command="none",
)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Tiny matrices: threads would wait for each other."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """Faces in a cache as the tracker leaves it."""
    return toy(tmp_path_factory.mktemp("tracked"), people=6, per_person=4, crops=True)


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of the packaged clip, ten pictures of half its size: fewer tiles to search."""
    path = tmp_path_factory.mktemp("clip") / "short.mp4"
    with av.open(str(files("edge.demo") / "resident.mp4")) as source:
        picture = next(source.decode(video=0)).to_ndarray(format="rgb24")
    write_video(path, [picture[::2, ::2]] * 10)
    return path


def write_video(path: Path, pictures: list[np.ndarray], *, fps: int = 10) -> None:
    """H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(shown))
        container.mux(stream.encode())


@pytest.fixture(scope="session")
def faces(tracked: Toy) -> Faces:
    return load_faces(tracked.data, tracked.cache, limit=16)


@pytest.fixture(scope="session")
def mobile(tmp_path_factory: pytest.TempPathFactory, faces: Faces) -> Path:
    """Checkpoint of a picture student with random weights."""
    folder = tmp_path_factory.mktemp("mobile")
    save_random_student(folder, BackboneName.MOBILENETV3_SMALL, faces, input_px=64)
    return folder


@pytest.fixture(scope="session")
def flat(tmp_path_factory: pytest.TempPathFactory, faces: Faces) -> Path:
    """Checkpoint of a landmark student with random weights."""
    folder = tmp_path_factory.mktemp("flat")
    save_random_student(folder, BackboneName.LANDMARKS_BLENDSHAPES, faces)
    return folder


@pytest.fixture(scope="session")
def mobile_model(mobile: Path) -> Model:
    return open_model(mobile)


@pytest.fixture(scope="session")
def flat_model(flat: Path) -> Model:
    return open_model(flat)


def save_random_student(
    folder: Path, backbone: AnyBackbone, faces: Faces, *, input_px: int | None = None
) -> None:
    """Random weights whose outputs differ from face to face, so that parity says something."""
    section = StudentSection(backbone=backbone, weights="random", hidden=(16,), input_px=input_px)
    name = re.sub(r"[^a-z0-9]", "-", backbone.value)
    plan = Distillation(name=f"random-{name}", student=section)
    network = build_student(section)
    for name, weight in network.named_parameters():
        if name.endswith(".gamma"):
            # DINOv2 starts its layers at 1e-5 of their size, and every face would read alike.
            nn.init.ones_(weight)
    spread(network, faces)
    save_student(
        Student(
            name=plan.name,
            module=Readable(network, temperature=1.2).eval(),
            plan=plan,
            training=TRAINING,
            calibration=Calibration(temperature=1.2),
            metrics=(Metric(name="level_mae", value=1.5, on="nobody"),),
            libraries=library_versions(),
            finished=True,
        ),
        folder,
    )


@torch.inference_mode()
def spread(network: StudentNet, faces: Faces) -> None:
    """Stretch the last layer until every output varies, in the middle of its range."""
    network.eval()
    inputs = [torch.from_numpy(faces.inputs[name].copy()) for name in network.inputs]
    raw = network(*inputs)
    stretch = 1.0 / raw.std(dim=0).clamp(min=1e-9)
    # Random units barely vary; stretched to a whole grade, half precision would show in them.
    stretch[8:] *= 0.25
    middle = torch.tensor([0.0] * 7 + [1.5] + [2.5] * (raw.shape[1] - 8))
    last = network.head.last
    last.weight.mul_(stretch[:, None])
    last.bias.copy_((last.bias - raw.mean(dim=0)) * stretch + middle)
