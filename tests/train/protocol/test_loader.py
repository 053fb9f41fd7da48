"""Which faces an epoch shows, and who fetches them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from train.features.inputs import PictureInputs
from train.protocol.loader import TrainingFaces
from train.protocol.sources import FeatureSource, InputSource, Source
from train.track.tracked import Crops

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Place:
    """One of several devices."""

    global_rank: int = 0
    world_size: int = 1
    device: torch.device = CPU


def numbers(count: int) -> FeatureSource:
    """Faces whose only feature is their number, negative in the mirror."""
    plain = torch.arange(1.0, count + 1)[:, None]
    return FeatureSource(plain=plain, mirrored=-plain, levels=plain[:, 0])


def shown(source: Source, number: int = 1, **asked: object) -> list[list[float]]:
    given = {"size": 8, "flip": 0.0, "seed": 0, "fabric": Place(), "workers": 0, **asked}
    with TrainingFaces(source, **given) as faces:
        return [inputs[0].flatten().tolist() for inputs, _ in faces.epoch(number)]


def test_every_face_is_shown_once_in_an_order_of_its_epoch():
    first, again, second = (shown(numbers(20), number) for number in (1, 1, 2))
    assert first == again != second
    for epoch in (first, second):
        assert sorted(chain(*epoch)) == [float(number) for number in range(1, 21)]
    assert [len(step) for step in first] == [8, 8, 4]


@pytest.mark.parametrize(
    ("count", "world", "steps"), [(17, 1, 2), (18, 1, 3), (19, 2, 2), (20, 2, 3), (1, 1, 1)]
)
def test_a_rest_that_no_device_could_normalise_is_left_out(count: int, world: int, steps: int):
    given = {"size": 8, "flip": 0.0, "seed": 0, "workers": 0}
    with TrainingFaces(numbers(count), fabric=Place(world_size=world), **given) as faces:
        assert len(faces) == len(list(faces.epoch(1))) == steps


def test_devices_share_each_step():
    whole = shown(numbers(16))
    halves = [shown(numbers(16), fabric=Place(rank, 2)) for rank in range(2)]
    for step, (one, other) in enumerate(zip(*halves, strict=True)):
        assert sorted(one + other) == sorted(whole[step])
        assert len(one) == len(other) == 4


def test_about_as_many_are_mirrored_as_asked_for():
    mirrored = sum(value < 0 for step in shown(numbers(400), flip=0.25) for value in step)
    assert 70 < mirrored < 130


def test_processes_that_read_ahead_show_the_same(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("crops") / "crops.npy"
    np.save(path, np.random.default_rng(0).integers(0, 255, (6, 256, 256, 3), np.uint8))
    rows = np.arange(6, dtype=np.intp)
    inputs = PictureInputs(pictures=Crops([(path, at) for at in range(6)]), chosen=rows)
    source = InputSource(inputs=inputs, rows=rows, levels=torch.arange(6.0))
    given = {"size": 4, "flip": 0.5, "seed": 0, "fabric": Place()}
    with (
        TrainingFaces(source, workers=1, **given) as ahead,
        TrainingFaces(source, workers=0, **given) as alone,
    ):
        for number in (1, 2):
            for one, other in zip(ahead.epoch(number), alone.epoch(number), strict=True):
                assert torch.equal(one[0][0], other[0][0])
                assert torch.equal(one[1], other[1])


def test_a_real_engine_has_what_is_asked_of_it(fabric: Fabric):
    assert shown(numbers(3), fabric=fabric)
