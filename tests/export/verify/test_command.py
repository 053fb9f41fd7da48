"""The verifier's command: 0 when every bar holds, 1 when one is missed, 2 for bad input."""

from __future__ import annotations

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
def bundle(flat: Path, tracked: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "flat"
    asked = ["onnx", str(flat), "--out", str(out), "--name", "toy", *tracked.places]
    found = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert found.exit_code == 0
    assert "toy 1.0.0" in found.output
    half = CliRunner().invoke(app, ["fp16", str(out), *tracked.places], catch_exceptions=False)
    assert half.exit_code == 0
    return out


def test_every_graph_is_held_against_its_checkpoint(bundle: Path, flat: Path, tracked: Toy) -> None:
    asked = ["verify", str(bundle), str(flat), *tracked.places]
    found = CliRunner().invoke(app, asked, catch_exceptions=False, env={"COLUMNS": "250"})
    assert found.exit_code == 0
    assert "fp32" in found.output
    assert "fp16" in found.output
    assert "missed" not in found.output


def test_another_checkpoint_of_the_same_kind_misses_the_bar(
    bundle: Path, faces: Faces, tracked: Toy, tmp_path: Path
) -> None:
    half = faces.take(np.arange(8))
    save_random_student(tmp_path, BackboneName.LANDMARKS_BLENDSHAPES, half)
    asked = ["verify", str(bundle), str(tmp_path), *tracked.places]
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
