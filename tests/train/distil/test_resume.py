"""A distillation that was killed goes on, and nothing tells that it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.train.distil.conftest import plan
from tests.train.protocol.toy import Toy
from train.distil.checkpoint import load_student
from train.distil.faces import load_faces
from train.distil.learn import Round
from train.distil.run import distil
from train.distil.watcher import Watcher


class Killed(BaseException):
    """What ends a process without a word."""


def made(toy_set: Toy, out: Path, watcher: Watcher, **changes: object) -> list[torch.Tensor]:
    distil(
        plan(
            **{
                "learning": {"epochs": 5, "batch_size": 32, "average": 0.9},
                "augment": {"mixup": 0.3},
                **changes,
            }
        ),
        load_faces([toy_set.data], cache=toy_set.cache, to_learn=True),
        [],
        out,
        cache=toy_set.cache,
        device=torch.device("cpu"),
        command="",
        watcher=watcher,
    )
    return list(load_student(out).network.state_dict().values())


def test_the_student_is_that_of_an_unbroken_run(
    landmark_set: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("train.loop.resume.EVERY_S", 0.0)

    def die(each: Round) -> None:
        if each.number == 3:
            raise Killed

    with pytest.raises(Killed):
        made(landmark_set, tmp_path / "broken", Watcher(on_round=die))
    # What one training left is nothing to another one.
    steps: list[int] = []
    other = Watcher(on_step=lambda done, _total: steps.append(done))
    made(landmark_set, tmp_path / "broken", other, seed=1)
    assert steps[0] == 1

    with pytest.raises(Killed):
        made(landmark_set, tmp_path / "broken", Watcher(on_round=die))
    steps.clear()
    after = made(landmark_set, tmp_path / "broken", other)
    whole = made(landmark_set, tmp_path / "whole", Watcher())
    per_round = len(steps) // 3
    assert steps == list(range(2 * per_round + 1, 5 * per_round + 1))
    assert all(torch.equal(a, b) for a, b in zip(after, whole, strict=True))
    assert (tmp_path / "broken" / "history.csv").read_bytes() == (
        tmp_path / "whole" / "history.csv"
    ).read_bytes()
    assert not (tmp_path / "broken" / "resume").exists()
