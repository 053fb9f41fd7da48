from __future__ import annotations

from pathlib import Path

import pytest

from pain.errors import ConfigError, ConfigErrors
from pain.settings.sections import walk
from train.backbones import BackboneName
from train.experiment import Experiment, SplitBy, load_experiment
from train.experiment.load import dump_experiment, restore_experiment
from train.objectives import Task, objective_names

CONFIGS = Path(__file__).parents[3] / "configs" / "train"
ROWS = (
    *("fl", "fl-blendshapes", "mobilenetv3-small", "mobilenetv3-large"),
    *("facenet", "facenet-128", "dinov2-s", "dinov2-l"),
)
SMALLEST = "task: ordinal\nbackbone:\n  name: landmarks\n"


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_thesis_has_its_file(row: str, task: Task):
    experiment = load_experiment(CONFIGS / f"{row}-{task}.yaml")
    assert experiment.task is task
    assert experiment.name == f"{row}-{task}"
    assert experiment.split.by is SplitBy.SUBJECT
    assert experiment.loss.name == objective_names(task)[0]
    assert experiment.frozen
    assert not experiment.plumbing_only


def test_all_files_load_and_every_backbone_has_one():
    found = [load_experiment(path) for path in sorted(CONFIGS.glob("*.yaml"))]
    assert {experiment.backbone.name for experiment in found} == set(BackboneName)


def test_every_key_is_described():
    for place in walk(Experiment):
        for name, field in place.model.model_fields.items():
            assert field.description, name
            assert field.description[-1] == ".", name


def test_name_and_paths_come_from_the_file(tmp_path: Path):
    text = f"{SMALLEST}data:\n  folder: set\n  cache: /abs/cache\n"
    experiment = load_experiment(written(tmp_path, text))
    assert experiment.name == "mine"
    assert experiment.data.folder == tmp_path / "set"
    assert experiment.data.cache == Path("/abs/cache")
    assert experiment.backbone.weights == "official"


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("tusk: ordinal\nbackbone:\n  name: landmarks\n", 1, "tusk", "did you mean 'task'"),
        (f"{SMALLEST}optimiser:\n  learning_rate: 1\n", 5, "optimiser.learning_rate", "lr"),
        (f"{SMALLEST}epochs: 3\n", 4, "epochs", "belongs to optimiser"),
        (f"{SMALLEST}optimiser:\n  epochs: 101\n", 5, "optimiser.epochs", "100"),
        (f"{SMALLEST}optimiser:\n  lr: fast\n", 5, "optimiser.lr", "must be a number"),
        (f'{SMALLEST}optimiser:\n  lr: "0.1"\n', 5, "optimiser.lr", "must be a number"),
        ("task: ordinal\nbackbone:\n  name: mobilenet_v3_small\n", 3, "backbone.name", "mean 'mob"),
        ("backbone:\n  name: landmarks\n", 1, "task", "is missing: ordinal (7 levels)"),
        (f"{SMALLEST}head: 100\n", 4, "head", "hidden, dropout"),
        (f"{SMALLEST}head:\n  hidden: [64, 0]\n", 4, "head", "at least 1"),
        (f"{SMALLEST}head:\n  hidden: [64, big]\n", 5, "head.hidden[1]", "whole number"),
        (f"{SMALLEST}loss:\n  name: ordinl\n", 5, "loss.name", "did you mean ordinal"),
        (f"{SMALLEST}loss:\n  name: mae\n", 5, "loss.name", "no such loss"),
        (
            f"{SMALLEST}loss:\n  name: focal\n  options:\n    gama: 2\n",
            7,
            "loss.options.gama",
            "did you mean gamma",
        ),
        (
            f"{SMALLEST}loss:\n  name: focal\n  options:\n    gamma: much\n",
            6,
            "loss.options",
            "cannot be used",
        ),
        (f"{SMALLEST}flip: 2\n", 4, "flip", "1"),
        (f"{SMALLEST}engine:\n  devices: [0]\n", 5, "engine.devices", "How many devices"),
        (f"{SMALLEST}task: binary\n", 4, "task", "a second time"),
        (f"{SMALLEST}view: thesis\n", None, None, "landmarks come from the tracker"),
        ("task: [", 1, None, "not valid YAML"),
        ("", None, None, "the file is empty"),
    ],
)
def test_what_is_wrong_is_told_with_line_key_and_what_to_do(
    tmp_path: Path, text: str, line: int | None, key: str | None, says: str
):
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_experiment(path)
    error = caught.value
    assert error.file == str(path)
    if line is not None:
        assert error.line == line
    assert error.key == key
    assert says in str(error)
    assert error.exit_code == 2


def test_several_mistakes_are_told_at_once(tmp_path: Path):
    path = written(tmp_path, f"{SMALLEST}flipp: 1\nseed: -1\n")
    with pytest.raises(ConfigErrors) as caught:
        load_experiment(path)
    assert [error.key for error in caught.value.errors] == ["flipp", "seed"]
    assert "mine.yaml:4: flipp: unknown key; did you mean 'flip'" in str(caught.value)


def test_an_absent_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="no such file"):
        load_experiment(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("smote:\n  enabled: true\n", "smote"),
        ("", ""),
    ],
)
def test_smote_needs_features_that_do_not_move(tmp_path: Path, lines: str, says: str):
    text = f"task: ordinal\nbackbone:\n  name: facenet\n  train: all\n{lines}"
    path = written(tmp_path, text)
    if says:
        with pytest.raises(ConfigError, match=says):
            load_experiment(path)
    else:
        assert not load_experiment(path).frozen


def test_the_command_line_changes_a_key(tmp_path: Path):
    path = written(tmp_path, f"{SMALLEST}optimiser:\n  lr: 0.1\n  epochs: 7\n")
    changes = ["optimiser.lr=0.5", "head.hidden=[8, 4]", "name=other"]
    experiment = load_experiment(path, changes=changes)
    assert (experiment.optimiser.lr, experiment.optimiser.epochs) == (0.5, 7)
    assert experiment.head.hidden == (8, 4)
    assert experiment.name == "other"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("optimiser.lr", "key=value"),
        ("optimizer.lr=1", "did you mean 'optimiser'"),
        ("optimiser.lr=[", "not valid YAML"),
    ],
)
def test_a_wrong_change_is_refused(tmp_path: Path, change: str, says: str):
    with pytest.raises(ConfigError, match=says):
        load_experiment(written(tmp_path, SMALLEST), changes=[change])


def test_a_dumped_experiment_is_the_same(tmp_path: Path):
    first = load_experiment(CONFIGS / "dinov2-s-regression.yaml")
    again = load_experiment(written(tmp_path, dump_experiment(first)))
    assert again == first
    assert restore_experiment(first.model_dump(mode="json")) == first


def test_random_weights_that_rest_are_plumbing_only(tmp_path: Path):
    text = "task: ordinal\nbackbone:\n  name: facenet\n  weights: random\n"
    assert load_experiment(written(tmp_path, text)).plumbing_only
    assert not load_experiment(written(tmp_path, f"{text}  train: all\n")).plumbing_only
