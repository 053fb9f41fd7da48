"""Epoch after epoch, on a network of a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from pain.errors import ConfigError
from train.loop.epoch import Epoch, Training, TrainingInterrupted
from train.loop.kinds import Schedule
from train.loop.loop import Course, Lesson, epoch_seed, learn
from train.loop.resume import Resume
from train.loop.schedule import make_schedule

FACES = torch.randn(24, 5, generator=torch.Generator().manual_seed(0))
TRUTH = FACES @ torch.tensor([1.0, -1.0, 0.5, 0.0, 2.0])


class Killed(BaseException):
    """What ends a process without a word: nothing after it is tidied up."""


class Small(nn.Module):
    """Dropout and BatchNorm, so that chance and statistics have a say."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.layers = nn.Sequential(
                nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)
            )

    def forward(self, faces: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        return (self.layers(faces)[:, 0] - truth).square()


def trained(
    fabric: Fabric,
    course: Course,
    *,
    resume: Resume | None = None,
    dies_after: int | None = None,
    stop: type[BaseException] = Killed,
    losses: list[float] | None = None,
    truth: torch.Tensor = TRUTH,
) -> tuple[Small, Training, list[Epoch]]:
    """Train; with ``losses`` these are said to be the validation's."""
    small, seen = Small(), []
    adam = torch.optim.Adam(small.parameters(), lr=0.02, fused=True)

    def batches(number: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        chance = torch.Generator().manual_seed(epoch_seed(course.seed, number))
        for rows in torch.randperm(24, generator=chance).chunk(3):
            yield FACES[rows], truth[rows]

    def validate(judged: nn.Module) -> float:
        return losses[len(seen)] if losses else float(judged(FACES, TRUTH).mean())

    def on_epoch(epoch: Epoch) -> None:
        seen.append(epoch)
        if epoch.number == dies_after:
            # The state of this epoch is not written yet.
            raise stop

    lesson = Lesson(
        module=small,
        kept=small,
        optimiser=adam,
        schedule=make_schedule(
            adam, steps=3 * course.epochs, warm_up=3 * course.warm_up, schedule=Schedule.COSINE
        ),
        batches=batches,
        begin=lambda _number, _seed: None,
        validate=validate,
    )
    ended = learn(lesson, course, fabric=fabric, resume=resume, on_epoch=on_epoch)
    return small, ended, seen


def same(one: Small, other: Small) -> bool:
    return all(
        torch.equal(a, b)
        for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    )


COURSES = {
    "plain": Course(epochs=7, patience=10),
    "all": Course(epochs=7, patience=3, warm_up=2, at_least=5, clip=0.5, average=0.9, seed=3),
    "cycle": Course(epochs=7, patience=None, average=0.9),
}


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("dies_after", [1, 2, 4, 7])
def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been(
    fabric: Fabric, tmp_path: Path, name: str, dies_after: int
):
    course = COURSES[name]
    whole, ended, told = trained(fabric, course)

    def state() -> Resume:
        return Resume(folder=tmp_path, mark="m", every_s=0.0)

    with pytest.raises(Killed):
        trained(fabric, course, resume=state(), dies_after=dies_after)
    after, ended_after, told_after = trained(fabric, course, resume=state())
    assert same(whole, after)
    assert ended_after == ended
    assert told_after == told
    # Killed once more, after the last epoch and before anybody kept the result.
    again, ended_again, _ = trained(fabric, course, resume=state())
    assert same(whole, again)
    assert ended_again == ended


def test_ctrl_c_keeps_the_best_and_the_training_can_still_go_on(fabric: Fabric, tmp_path: Path):
    course = COURSES["plain"]
    state = Resume(folder=tmp_path, mark="m", every_s=0.0)
    with pytest.raises(TrainingInterrupted) as caught:
        trained(fabric, course, resume=state, dies_after=3, stop=KeyboardInterrupt)
    assert caught.value.training.epochs == 3
    assert same(trained(fabric, course, resume=state)[0], trained(fabric, course)[0])


def test_ctrl_c_before_the_first_epoch_keeps_nothing(
    fabric: Fabric, monkeypatch: pytest.MonkeyPatch
):
    def stopped(*_given: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr("train.loop.loop.Run._steps", stopped)
    with pytest.raises(KeyboardInterrupt) as caught:
        trained(fabric, COURSES["plain"])
    assert not isinstance(caught.value, TrainingInterrupted)


@pytest.mark.parametrize(
    ("course", "losses", "epochs", "best"),
    [
        (Course(epochs=9, patience=2), [3, 2, 1, 2, 2, 0, 0, 0, 0], 5, 3),
        (Course(epochs=4, patience=2), [4, 3, 2, 1], 4, 4),
        # The first epoch is the best for a while: patience alone would end it in the third.
        (Course(epochs=9, patience=2, warm_up=3), [1, 5, 5, 4, 0.5, 2, 2, 2, 2], 7, 5),
        (Course(epochs=9, patience=2, at_least=6), [1, 5, 5, 4, 3, 0.5, 2, 2, 2], 8, 6),
        (Course(epochs=3, patience=None), [1, 5, 9], 3, 3),
        (Course(epochs=9, patience=3), [1, 1, 1, 1, 1, 1, 1, 1, 1], 4, 1),
    ],
)
def test_when_it_ends_and_which_epoch_is_kept(
    fabric: Fabric, course: Course, losses: list[float], epochs: int, best: int
):
    _, ended, _ = trained(fabric, course, losses=losses)
    assert (ended.epochs, ended.best.number) == (epochs, best)


def test_the_average_is_what_is_validated_and_kept(fabric: Fabric):
    small, ended, _ = trained(fabric, COURSES["cycle"])
    plain, _, _ = trained(fabric, Course(epochs=7, patience=None))
    assert not same(small, plain)
    with torch.no_grad():
        loss = float(small(FACES, TRUTH).mean())
    assert loss == pytest.approx(ended.best.validation_loss, rel=1e-6)
    assert not small.training


def test_clipped_gradients_move_the_weights_otherwise(fabric: Fabric):
    free, _, _ = trained(fabric, Course(epochs=2, patience=9))
    held, _, _ = trained(fabric, Course(epochs=2, patience=9, clip=1e-6))
    assert not same(free, held)


def test_a_loss_that_is_no_number_is_told_with_its_key(fabric: Fabric):
    with pytest.raises(ConfigError, match="smaller learning rate") as caught:
        trained(fabric, Course(epochs=2, patience=9, rate_key="learning.lr"), truth=TRUTH * 1e30)
    assert caught.value.key == "learning.lr"
    assert caught.value.value == 0.02
