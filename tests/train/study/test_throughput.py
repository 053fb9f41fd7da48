from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.train.residents.conftest import assets_obtained  # noqa: F401  (a fixture)
from tests.train.study.test_command import rows
from train.residents.sitting import Style, sit
from train.residents.studio import Studio
from train.study.command import study_app
from train.study.throughput import TimedStudio, rate_per_hour, steady_rate_per_hour


def test_a_rate_is_things_by_time():
    assert rate_per_hour(50, 10.0) == 18_000.0


def test_the_steady_rate_leaves_the_start_out():
    """The first person waits for the workers to start; the others come every 2 s."""
    done_s = {0: 100.0, 1: 130.0, 2: 132.0, 3: 134.0}
    assert steady_rate_per_hour(done_s, per_person=10) == pytest.approx(3600 * 10 / 2)


@pytest.mark.parametrize("done_s", [{}, {0: 1.0}, {0: 1.0, 1: 5.0}])
def test_one_person_has_no_steady_rate(done_s: dict[int, float]):
    assert math.isnan(steady_rate_per_hour(done_s, per_person=10))


@pytest.mark.slow
@pytest.mark.usefixtures("assets_obtained")
def test_the_stopwatch_changes_no_pixel_and_accounts_for_the_time(monkeypatch: pytest.MonkeyPatch):
    def pictures(studio: Studio) -> list[np.ndarray]:
        sitting = sit(studio, style=Style.FULL, seed=5, index=0, count=1, size_px=96)
        return [photograph.picture for photograph in sitting]

    with TimedStudio() as studio:
        timed = pictures(studio)
        assert set(studio.spent_s) == {"mesh", "draw", "film"}
        assert min(studio.spent_s.values()) > 0.0
        monkeypatch.setattr(TimedStudio, "take", Studio.take)
        np.testing.assert_array_equal(timed, pictures(studio))


@pytest.mark.slow
@pytest.mark.usefixtures("assets_obtained")
def test_throughput_writes_a_row(tmp_path: Path):
    out = tmp_path / "rows.csv"
    result = CliRunner().invoke(
        study_app,
        ["throughput", "--out", str(out), "--people", "2", "--per-person", "1", "--size", "64",
         "--workers", "1"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (row,) = rows(out)
    assert row["renderer"]
    assert (row["pictures"], row["workers"], row["style"]) == ("2", "1", "full")
    assert float(row["pictures_per_hour"]) > 0.0
    steps = ("mesh", "draw", "film", "jpeg", "rest")
    assert all(float(row[f"{step}_s_per_picture"]) > 0.0 for step in steps)
    assert float(row["parent_peak_mb"]) > 100
    assert not list(tmp_path.glob("set"))
