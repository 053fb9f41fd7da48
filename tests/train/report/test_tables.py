from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.train.report.folders import predictions, write_run
from train.metrics import DataOrigin, Split, evaluate
from train.objectives.task import Task
from train.report.baseline import judged_without_looking, without_looking
from train.report.beside import Published
from train.report.groups import subgroup_table
from train.report.runs import Run, read_runs
from train.report.tables import Table, thesis_tables


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    root = tmp_path_factory.mktemp("runs")
    ordinal = Task.ORDINAL
    plain = partial(predictions, groups_known=False)
    image = plain(ordinal, run="leaky", noise=0.2, split=Split.IMAGE)
    random = plain(ordinal, run="random", noise=0.3)
    return read_runs(
        [
            write_run(root / "fl", predictions(ordinal, run="fl")),
            write_run(root / "ce", plain(ordinal, run="fl-ce", noise=1.0), loss="focal"),
            write_run(
                root / "net",
                plain(ordinal, run="net", noise=1.6),
                backbone="mobilenetv3_small",
            ),
            write_run(root / "dino", random, backbone="dinov2_s14", plumbing_only=True),
            write_run(root / "leaky", image),
            write_run(root / "number", plain(Task.REGRESSION, run="number")),
            write_run(root / "pain", plain(Task.BINARY, run="pain")),
        ]
    )


def table(tables: list[Table], number: str) -> Table:
    return next(found for found in tables if found.title.startswith(f"Table {number}"))


def row(found: Table, name: str) -> dict[str, str]:
    cells = next(cells for cells in found.rows if any(name in cell for cell in cells[:2]))
    return dict(zip(found.head, cells, strict=True))


def test_every_task_has_its_table_and_losses_are_compared(runs: list[Run]):
    tables = thesis_tables(runs, [])
    assert [found.title[:9] for found in tables] == [
        "Table 5.1", "Table 5.2", "Table 5.3", "Table 5.4",
    ]  # fmt: skip
    losses = [cells[0] for cells in table(tables, "5.4").rows]
    assert losses[:2] == ["`ordinal`", "`focal`"]  # the thesis's choice first
    assert not any("fl-ce" in cell for cells in table(tables, "5.1").rows for cell in cells)


def test_a_cell_is_the_figure_with_its_interval_by_subject(runs: list[Run]):
    number = next(run for run in runs if run.name == "number")
    mae = evaluate(number.predictions).figure("mae")
    cell = row(table(thesis_tables(runs, []), "5.2"), "number")["MAE"]
    assert cell == f"{mae.value:.3f}<br>[{mae.low:.3f}, {mae.high:.3f}]"


def test_every_row_names_split_and_origin_and_unfair_rows_are_marked_and_never_best(
    runs: list[Run],
):
    found = table(thesis_tables(runs, []), "5.1")
    for cells in found.rows:
        assert "split by " in cells[2]
        assert "synthetic" in cells[2]
    leaky, random = row(found, "leaky"), row(found, "random")
    assert "**IMAGE-WISE SPLIT, flatters**" in leaky["Backbone"]
    assert "**PLUMBING ONLY, random weights**" in random["Backbone"]
    # They would be the best by far; the best fair run is in bold instead.
    assert float(leaky["MAE"].split("<")[0]) < float(row(found, "fl<")["MAE"].strip("*")[:5])
    assert not leaky["MAE"].startswith("**")
    assert not random["MAE"].startswith("**")
    assert row(found, "fl<")["MAE"].startswith("**")
    assert not row(found, "net<")["MAE"].startswith("**")
    notes = " ".join(found.notes)
    assert "flatter" in notes
    assert "Plumbing only" in notes


def test_published_figures_stand_beside_ours_with_their_source(runs: list[Run]):
    given = [
        Published(table="5.2", row="landmarks", metric="mae", value="0.5", source="Somebody 2020"),
        Published(table="5.2", row="Other net", metric="pcc", value=".7", source="Nobody 2021"),
    ]
    found = table(thesis_tables(runs, given), "5.2")
    names = [cells[0] for cells in found.rows]
    ours = names.index("MediaPipe landmarks (FL)")
    assert names[ours + 1] == "*landmarks, as published*"
    beside = row(found, "Somebody 2020")
    assert (beside["MAE"], beside["MSE"]) == ("0.5", "n/a")
    assert row(found, "Nobody 2021")["PCC"] == ".7"


def test_without_published_figures_there_are_none(runs: list[Run]):
    assert not any(
        "published" in cell for found in thesis_tables(runs, []) for r in found.rows for cell in r
    )


def test_without_looking_never_sees_its_own_fold():
    found = predictions(Task.ORDINAL)
    changed = found.truth.copy()
    changed[found.fold == 0] = 6.0
    before, after = without_looking(found), without_looking(replace(found, truth=changed))
    mine = found.fold == 0
    np.testing.assert_array_equal(before.probabilities[mine], after.probabilities[mine])
    assert (before.probabilities[~mine] != after.probabilities[~mine]).any()


def test_without_looking_is_the_median_and_the_shares_of_the_others():
    blind = without_looking(predictions(Task.BINARY))
    np.testing.assert_allclose(blind.probabilities.sum(axis=1), 1.0)
    np.testing.assert_array_equal(blind.predicted, blind.probabilities[:, 1])
    assert evaluate(blind, resamples=2).figure("recall_1").value in (0.0, 1.0)


def test_without_looking_calls_the_commonest_level_and_errs_by_the_median():
    found = predictions(Task.ORDINAL)
    truth = np.tile([0.0, 0.0, 0.0, 2.0, 3.0, 3.0, 4.0, 5.0], len(found))[: len(found)]
    judged = judged_without_looking(replace(found, truth=truth))
    assert judged.figure("accuracy").value == pytest.approx((truth == 0.0).mean())
    blind = without_looking(replace(found, truth=truth))
    assert judged.figure("mae").value == pytest.approx(np.abs(blind.predicted - truth).mean())
    assert (blind.predicted > 0.5).all()


def test_the_worst_served_group_is_named(runs: list[Run]):
    found = subgroup_table(next(run for run in runs if run.name == "fl"))
    assert found is not None
    groups = {(cells[0], cells[1]): cells for cells in found.rows}
    assert ("all faces", "") in groups
    assert ("sex", "female") in groups
    assert ("height", "below 80 px") in groups
    worst = found.notes[0]
    assert worst.startswith("**Worst gap in MAE: ")
    assert "(worst)" in worst


def test_nothing_known_of_anybody_is_no_table(tmp_path: Path):
    nobody = predictions(Task.ORDINAL, groups_known=False, origin=DataOrigin.REAL)
    (run,) = read_runs([write_run(tmp_path / "r", nobody)])
    assert subgroup_table(run) is None
