import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pain.action_units import ActionUnit
from pain.errors import AssetError
from pain.scales import pspi
from train.cli import app
from train.residents.assets import CACHE_VARIABLE
from train.residents.dataset import (
    FULL_SCHEMA,
    INDEX_SCHEMA,
    Plan,
    make_dataset,
)
from train.residents.identity import DEMO_SEED
from train.residents.sitting import Style

PLAN = Plan(people=3, per_person=2, seed=5, size_px=96)
PLAIN = replace(PLAN, style=Style.V0)
UNSEEN = replace(PLAN, style=Style.UNSEEN)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_absent_assets_stop_before_a_folder_or_a_worker_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(AssetError, match="painwatch train residents assets"):
        make_dataset(PLAN, tmp_path / "out", workers=workers)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("assets_obtained")
def test_another_plan_s_folder_is_refused_before_anything_is_rendered(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text(json.dumps({"seed": 4}))
    with pytest.raises(AssetError, match="another plan"):
        make_dataset(PLAN, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["dataset.json"]


def test_the_demo_s_people_are_never_training_data(tmp_path: Path) -> None:
    plan = Plan(people=1, per_person=1, seed=DEMO_SEED, size_px=96)
    with pytest.raises(AssetError, match="kept for the demo's clip"):
        make_dataset(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [["--people", "0"], ["--size", "8"], ["--workers", "0"]])
def test_impossible_plans_are_refused(tmp_path: Path, options: list[str]) -> None:
    command = ["residents", "make", "--out", str(tmp_path / "out"), *options]
    assert CliRunner().invoke(app, command).exit_code == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("assets_obtained")
@pytest.mark.parametrize("plan", [PLAIN, PLAN, UNSEEN], ids=lambda plan: plan.style.value)
def test_same_bytes_with_one_worker_two_workers_and_after_an_interruption(
    tmp_path: Path, plan: Plan
) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    done: list[int] = []
    make_dataset(plan, alone, workers=1, on_person=done.append)
    assert done == [0, 1, 2, 3]
    make_dataset(plan, together, workers=2)
    first = files(alone)
    assert len(first) == 6 + 3 + 2
    assert files(together) == first

    (alone / "people" / "0005-00001.json").unlink()
    (alone / "index.parquet").unlink()
    done.clear()
    make_dataset(plan, alone, on_person=done.append)
    assert done == [2, 3]
    assert files(alone) == first

    table = pq.read_table(alone / "index.parquet")
    assert table.schema.equals(INDEX_SCHEMA if plan.style is Style.V0 else FULL_SCHEMA)
    rows = table.to_pylist()
    assert len({row["subject"] for row in rows}) == 3
    for row in rows:
        assert (alone / row["file"]).is_file()
        units = {unit: row[unit.value] for unit in ActionUnit}
        assert row["pspi"] == pytest.approx(pspi(units), abs=1e-3)
        assert row["kind"] == "pain" or row["level"] == 0.0
