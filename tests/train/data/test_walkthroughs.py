"""The walks of docs/datasets.md, from pictures to a bundle, on rendered faces."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from painwatch.cli import app
from tests.train.data.trees import write

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "datasets.md"
SHEET = REPOSITORY / "docs" / "residents" / "portraits-1.jpg"
PEOPLE = 6
SHOWN = ("neutral", "moderate", "severe")
_TILE_PX, _TITLE_PX, _FACE_PX = 112, 14, 224


def faces() -> Iterator[tuple[int, int, Image.Image]]:
    """Person, expression 0 to 2 and picture, cut out of a sheet of synthetic residents."""
    with Image.open(SHEET) as sheet:
        for person in range(PEOPLE):
            for shown in range(len(SHOWN)):
                left, top = shown * _TILE_PX, _TITLE_PX + person * _TILE_PX
                tile = sheet.crop((left, top, left + _TILE_PX, top + _TILE_PX))
                yield person, shown, tile.resize((_FACE_PX, _FACE_PX))


def save(tile: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tile.save(path, quality=95)


def unbc(root: Path) -> None:
    for person, shown, tile in faces():
        place, stem = f"{person:03d}-aa{person:03d}/clip", f"frame{shown:03d}"
        save(tile, root / "unbc" / "Images" / place / f"{stem}.png")
        label = root / "unbc" / "Frame_Labels" / "PSPI" / place / f"{stem}_facs.txt"
        write(label, f"  {shown * 5}.0000000e+00\n")


def delaware(root: Path) -> None:
    rows = ["Stimulus;Intensity;Mean Pain"]
    for person, shown, tile in faces():
        name = f"{SHOWN[shown]}{shown}_WF{person:02d}".replace("moderate", "pain")
        name = name.replace("severe", "pain").replace("neutral0", "neutral")
        save(tile, root / "delaware" / "stimuli" / f"{name}.JPG")
        rows.append(f"{name};3;{1 + 2 * shown + person / 10 + (shown == 2)}".replace(".", ","))
    write(root / "delaware" / "norms.csv", "\n".join(rows))


def mine(root: Path) -> None:
    rows = ["image;subject;level;origin"]
    for person, shown, tile in faces():
        save(tile, root / "mine" / f"p{person}" / f"{shown}.jpg")
        level = f"{shown * 2.5:.1f}".replace(".", ",")
        rows.append(f"p{person}\\{shown}.JPG;{person:03d};{level};synthetic")
    write(root / "mine" / "labels.csv", "\r\n".join(rows))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "tree"),
    [
        ("I have UNBC-McMaster", unbc),
        ("I have the Delaware Pain Database", delaware),
        ("I have my own pictures in a table", mine),
    ],
)
def test_every_walk_ends_in_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, tree: Callable[[Path], None]
):
    tree(tmp_path)
    (tmp_path / "configs").symlink_to(REPOSITORY / "configs")
    monkeypatch.chdir(tmp_path)
    for line in commands(title):
        result = CliRunner().invoke(app, shlex.split(line)[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}\n{result.exception!r}"
    described = json.loads((tmp_path / "bundle" / "bundle.json").read_text(encoding="utf-8"))
    assert "model.onnx" in json.dumps(described)
    run = json.loads((tmp_path / "runs" / "fl-ordinal" / "run.json").read_text(encoding="utf-8"))
    assert PEOPLE * len(SHOWN) in run.values() or str(PEOPLE) in json.dumps(run)


def commands(title: str) -> list[str]:
    """What the page tells to type under a heading."""
    section = PAGE.read_text(encoding="utf-8").split(f"### {title}\n")[1].split("\n#")[0]
    block = re.search(r"```\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block[1].strip().splitlines()
