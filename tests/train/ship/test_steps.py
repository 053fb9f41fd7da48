"""Steps are done once, in order, and again when what went into them has changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pain.errors import DataError, UsageError
from tests.train.protocol.toy import toy
from train.data import open_dataset
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

    def digest() -> str:
        return digest_of(config, [open_dataset(made.data)])

    seen = {digest()}
    assert digest() in seen
    labels = made.data / "labels.csv"
    rows = labels.read_text().splitlines()
    cells = rows[1].split(",")
    cells[2] = "5.5"
    labels.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n")
    seen.add(digest())
    (made.data / "00001.png").write_bytes((made.data / "00002.png").read_bytes() + b"\0")
    seen.add(digest())
    config.write_text("task: regression\n")
    seen.add(digest())
    assert len(seen) == 4


def test_people_of_the_test_who_are_learnt_from_are_told_first(tmp_path: Path) -> None:
    first = open_dataset(toy(tmp_path / "a", people=6, per_person=2).data)
    others = toy(tmp_path / "b", people=6, per_person=2, town="other-").data
    with pytest.raises(DataError, match=r"are both called data, .*; rename one"):
        refuse_shared_people([first], [open_dataset(others)])
    renamed = open_dataset(others.rename(tmp_path / "others"))
    refuse_shared_people([first], [renamed])
    with pytest.raises(DataError, match=r"6 of 6 people are in .*Give other people with --test"):
        refuse_shared_people([first], [renamed, first])


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


@pytest.mark.parametrize("config", ["train/fl-ordinal.yaml", "distil/landmarks.yaml"])
def test_what_a_set_does_not_say_is_said_in_every_step_that_reads_it(
    config: str, tmp_path: Path
) -> None:
    distils = config.startswith("distil")
    plan = plan_of(
        Path("configs") / config,
        data=[tmp_path / "a"],
        tests=[tmp_path / "b"],
        out=tmp_path / "out",
        cache=None,
        name=None,
        version="1.0.0",
        read=["origin=real", "rating_scale=1-7", "one_picture_each=true"],
        test_read=["rating_scale=0-6", "one_picture_each="],
        changes=[] if distils else ["optimiser.lr=0.01"],
        weights=None if distils else "random",
        start="shipped:mobilenetv3s-v1",
    )
    said = [" ".join(step.words) for step in plan.steps()]
    assert said[0].endswith("--origin real --rating-scale 1-7 --one-picture-each")
    assert said[1].endswith("--origin real --rating-scale 0-6")
    assert "--start shipped:mobilenetv3s-v1" in said[2]
    if distils:
        assert "--read origin=real --read rating_scale=1-7 --read one_picture_each=true" in said[2]
        assert said[2].endswith("--test-read rating_scale=0-6 --test-read one_picture_each=")
    else:
        assert "--set optimiser.lr=0.01 --weights random" in said[2]
        assert said[2].endswith(
            "--set data.origin=real --set data.rating_scale=1-7 --set data.one_picture_each=true"
        )
    for judging in said[3:]:
        assert "--read origin=real --read rating_scale=0-6" in judging
        assert "one_picture_each" not in judging


def test_what_an_experiment_says_of_its_data_is_said_to_the_tracker_too(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text(
        "task: ordinal\nbackbone: {name: landmarks}\ndata: {rating_scale: 1-7, origin: real}\n"
    )
    plan = plan_of(
        config,
        data=[tmp_path / "a"],
        tests=[tmp_path / "b"],
        out=tmp_path / "out",
        cache=None,
        name=None,
        version="1.0.0",
        read=["origin=synthetic"],
    )
    assert plan.steps()[0].words[-4:] == ("--origin", "synthetic", "--rating-scale", "1-7")


def test_a_distillation_has_no_keys_on_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--set and --weights are for experiments"):
        plan_of(
            Path("configs/distil/landmarks.yaml"),
            data=[tmp_path],
            tests=[tmp_path],
            out=tmp_path,
            cache=None,
            name=None,
            version="1",
            changes=["seed=1"],
        )
