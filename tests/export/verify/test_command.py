"""The verifier's command: 0 when every bar holds, 1 when one is missed, 2 for bad input."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from export.cli import app
from export.faces import Faces
from pain.errors import AssetError, BundleCorrupt
from tests.export.conftest import save_random_student
from tests.train.protocol.toy import Toy
from train.backbones import BackboneName


@pytest.fixture(scope="module")
def bundle(
    flat: Path,
    tracked: Toy,
    short_clip: Path,
    landmarker_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "flat"
    asked = ["onnx", str(flat), "--out", str(out), "--name", "toy", *tracked.places]
    found = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert found.exit_code == 0
    assert "toy 1.0.0" in found.output
    asked = ["fp16", str(out), *tracked.places, "--clip", str(short_clip)]
    half = CliRunner().invoke(app, asked, catch_exceptions=False, env={"COLUMNS": "250"})
    assert half.exit_code == 0
    assert "short.mp4" in half.output
    return out


def test_every_graph_is_held_against_its_checkpoint(
    bundle: Path, flat: Path, tracked: Toy, short_clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "parity.csv"
    asked = ["verify", str(bundle), str(flat), *tracked.places, "--clip", str(short_clip)]
    asked += ["--out", str(out)]
    found = CliRunner().invoke(app, asked, catch_exceptions=False, env={"COLUMNS": "250"})
    assert found.exit_code == 0
    assert "fp32" in found.output
    assert "fp16" in found.output
    assert "missed" not in found.output
    assert "no alarm, so none could be lost" in found.output
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["graph"], row["on"]) for row in rows} == {
        (graph, on) for graph in ("fp32", "fp16") for on in ("data", "short.mp4")
    }
    assert {row["what"] for row in rows} >= {"level", "pspi", "AU4", "AU43"}
    assert {row["bar"] for row in rows} == {"holds"}


def test_another_checkpoint_of_the_same_kind_misses_the_bar(
    bundle: Path, faces: Faces, tracked: Toy, short_clip: Path, tmp_path: Path
) -> None:
    half = faces.take(np.arange(8))
    save_random_student(tmp_path, BackboneName.LANDMARKS_BLENDSHAPES, half)
    asked = ["verify", str(bundle), str(tmp_path), *tracked.places, "--clip", str(short_clip)]
    found = CliRunner().invoke(app, asked, catch_exceptions=False, env={"COLUMNS": "250"})
    assert found.exit_code == 1
    assert "missed" in found.output


def test_a_checkpoint_of_another_kind_is_told(bundle: Path, mobile: Path, tracked: Toy) -> None:
    asked = ["verify", str(bundle), str(mobile), *tracked.places]
    with pytest.raises(BundleCorrupt, match="was not made from it"):
        CliRunner().invoke(app, asked, catch_exceptions=False)


def test_a_folder_without_a_checkpoint_is_told(bundle: Path, tracked: Toy, tmp_path: Path) -> None:
    asked = ["verify", str(bundle), str(tmp_path), *tracked.places]
    with pytest.raises(AssetError, match="holds no checkpoint"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
