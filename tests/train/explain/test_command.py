from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from pain.errors import UsageError
from tests.train.explain.checkpoints import write_checkpoint
from tests.train.track import faces
from train.data import Origin, Reading, open_dataset
from train.data.pictures import read_picture
from train.explain.command import explain
from train.track import track_dataset

app = typer.Typer()
app.command()(explain)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_picture_model_is_occluded_and_pictures_without_a_face_are_named(
    mobilenet: Path, two_faces: list[Path], tmp_path: Path
):
    nobody = faces.noise(tmp_path / "nobody.png")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    out = tmp_path / "out"
    done = run(
        nobody, two_faces[0], broken, "--checkpoint", mobilenet, "--out", out, "--stride", 16
    )
    assert done.exit_code == 0, done.output
    assert "nobody.png: not explained, the daemon would not score it: no_face" in done.output
    assert "broken.png: not explained" in done.output
    assert names(out) == {"face0-occlusion.png", "face0-regions.png", "explanations.json"}
    record = json.loads((out / "explanations.json").read_text(encoding="utf-8"))
    assert set(record["face0"]["drop_by_region"]) == {"brows", "eyes", "nose", "mouth"}
    assert len(record["face0"]["probabilities"]) == 7
    with Image.open(out / "face0-occlusion.png") as drawn:
        assert drawn.width > 800


def test_nothing_to_explain_is_exit_code_2(mobilenet: Path, tmp_path: Path):
    nobody = faces.noise(tmp_path / "nobody.png")
    done = run(nobody, "--checkpoint", mobilenet, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "no_face" in done.output
    assert not (tmp_path / "out").exists()


def labelled(pictures: list[Path], root: Path) -> Path:
    """A data set of two people."""
    rows = ["image,subject,level"]
    for number, path in enumerate(pictures):
        shown = read_picture(path)
        faces.save(shown, root / f"{number}.png")
        faces.save(shown[:, ::-1], root / f"{number}m.png")
        rows += [f"{number}.png,p{number},{4 * number}", f"{number}m.png,p{number},{number}"]
    (root / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root


@pytest.mark.slow
@pytest.mark.usefixtures("shallow")
def test_a_transformer_shows_patches_and_attention_too(two_faces: list[Path], tmp_path: Path):
    folder = write_checkpoint(tmp_path / "vit", "dinov2_s14", task="binary", view="thesis")
    out = tmp_path / "out"
    done = run(two_faces[0], "--checkpoint", folder, "--out", out, "--stride", 16)
    assert done.exit_code == 0, done.output
    each = {f"face0-{what}.png" for what in ("occlusion", "regions", "attention")}
    assert names(out) == each | {"patches.png", "explanations.json"}


def test_a_landmark_model_is_explained_against_a_data_set(two_faces: list[Path], tmp_path: Path):
    root = labelled(two_faces, tmp_path / "set")
    dataset = open_dataset(root, options=Reading(origin=Origin.SYNTHETIC))
    track_dataset(dataset, cache=tmp_path / "cache", workers=1)
    folder = write_checkpoint(tmp_path / "fl", "landmarks_blendshapes", origin="synthetic")
    out = tmp_path / "out"
    done = run(
        two_faces[1], "--checkpoint", folder, "--out", out, "--data", root,
        "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert names(out) == {"importance.png", "face1-contributions.png", "explanations.json"}
    record = json.loads((out / "explanations.json").read_text(encoding="utf-8"))
    found = record["face1"]
    parts = [
        *found["contribution_by_region"].values(),
        *found["contribution_by_blendshape"].values(),
    ]
    assert set(record["importance"]) >= {"brows", "mouth", "all landmarks", "all blendshapes"}
    assert sum(parts) != 0.0


def test_a_landmark_model_without_a_data_set_says_what_it_needs(
    two_faces: list[Path], tmp_path: Path
):
    folder = write_checkpoint(tmp_path / "fl", "landmarks")
    with pytest.raises(UsageError, match="--data DIR and --cache CACHE"):
        run(two_faces[0], "--checkpoint", folder, "--out", tmp_path / "out")


def test_help_warns_that_faces_are_shown():
    words = " ".join(run("--help").output.replace("│", " ").split())
    assert "SHOW THE FACES" in words
