"""Steps are done once, in order, and again when what went into them has changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pain.errors import DataError, UsageError
from tests.train.protocol.toy import toy
from train.ship.plan import plan_of
from train.ship.run import carry_out
from train.ship.steps import Step, digest_of, refuse_shared_people


class Machine:
    """Does what a step says, or fails at one."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = {step.words: step for step in steps}
        self.did: list[str] = []
        self.told: list[str] = []
        self.failing = ""

    def run(self, words: Sequence[str]) -> int:
        step = self.steps[tuple(words)]
        self.did.append(step.title)
        if step.title == self.failing:
            return 2
        step.makes.write_text("made")
        return 0

    def go(self, out: Path, *, inputs: str = "same") -> int:
        self.did.clear()
        steps = list(self.steps.values())
        return carry_out(steps, out, inputs=inputs, tell=self.told.append, run=self.run)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(
        [
            Step(title=title, words=("do", title), makes=tmp_path / title)
            for title in ("track", "train", "export")
        ]
    )


def test_what_is_done_is_not_done_again(machine: Machine, tmp_path: Path) -> None:
    assert machine.go(tmp_path / "out") == 0
    assert machine.did == ["track", "train", "export"]
    assert machine.told[0] == "1/3 track: painwatch do track"
    assert machine.go(tmp_path / "out") == 0
    assert machine.did == []
    assert "2/3 train: done before" in machine.told[-2]


def test_after_a_failure_it_goes_on_where_it_stopped(machine: Machine, tmp_path: Path) -> None:
    machine.failing = "train"
    assert machine.go(tmp_path / "out") == 2
    assert machine.did == ["track", "train"]
    assert "2/3 train: failed (exit code 2)" in machine.told[-1]
    machine.failing = ""
    assert machine.go(tmp_path / "out") == 0
    assert machine.did == ["train", "export"]


@pytest.mark.parametrize(
    ("lost", "again"), [("train", ["train", "export"]), ("export", ["export"])]
)
def test_what_was_lost_is_made_again_and_all_that_came_of_it(
    machine: Machine, tmp_path: Path, lost: str, again: list[str]
) -> None:
    machine.go(tmp_path / "out")
    (tmp_path / lost).unlink()
    machine.go(tmp_path / "out")
    assert machine.did == again


def test_other_inputs_mean_everything_again(machine: Machine, tmp_path: Path) -> None:
    machine.go(tmp_path / "out")
    machine.go(tmp_path / "out", inputs="other")
    assert machine.did == ["track", "train", "export"]


def test_inputs_are_other_when_a_file_or_a_label_is(tmp_path: Path) -> None:
    made = toy(tmp_path / "set", people=5, per_person=2)
    config = tmp_path / "fl.yaml"
    config.write_text("task: ordinal\n")
    seen = {digest_of(config, [made.data])}
    assert digest_of(config, [made.data]) in seen
    labels = made.data / "labels.csv"
    rows = labels.read_text().splitlines()
    cells = rows[1].split(",")
    cells[2] = "5.5"
    labels.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n")
    seen.add(digest_of(config, [made.data]))
    (made.data / "00001.png").write_bytes((made.data / "00002.png").read_bytes() + b"\0")
    seen.add(digest_of(config, [made.data]))
    config.write_text("task: regression\n")
    seen.add(digest_of(config, [made.data]))
    assert len(seen) == 4


def test_people_of_the_test_who_are_learnt_from_are_told_first(tmp_path: Path) -> None:
    first = toy(tmp_path / "a", people=6, per_person=2)
    others = toy(tmp_path / "b", people=6, per_person=2, town="other-")
    with pytest.raises(DataError, match=r"are both called data, .*; rename one"):
        refuse_shared_people([first.data], [others.data])
    renamed = others.data.rename(tmp_path / "others")
    refuse_shared_people([first.data], [renamed])
    with pytest.raises(DataError, match=r"6 of 6 people are in .*Give other people with --test"):
        refuse_shared_people([first.data], [renamed, first.data])


def test_an_experiment_learns_from_one_set_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="learns from one set; --data is given 2 times"):
        plan_of(
            Path("configs/train/fl-ordinal.yaml"),
            data=[tmp_path, tmp_path],
            tests=[tmp_path],
            out=tmp_path,
            cache=None,
            name=None,
            version="1",
        )


def test_a_distillation_is_taught_and_judged_on_the_sets_of_the_test(tmp_path: Path) -> None:
    plan = plan_of(
        Path("configs/distil/landmarks.yaml"),
        data=[tmp_path / "a", tmp_path / "b"],
        tests=[tmp_path / "c"],
        out=tmp_path / "out",
        cache=None,
        name=None,
        version="2.0.0",
    )
    titles = [step.title for step in plan.steps()]
    assert titles[:4] == ["track a", "track b", "track c", "train"]
    (train,) = (step.words for step in plan.steps() if step.title == "train")
    assert train[:2] == ("train", "distil")
    assert train.count("--data") == 2
    assert ("--test", str(tmp_path / "c")) == train[train.index("--test") :][:2]
