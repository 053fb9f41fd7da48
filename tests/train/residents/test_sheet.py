from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pain.errors import AssetError
from train.cli import app
from train.residents.everyday import EVERYDAY_NEGATIVES
from train.residents.sheet import FULL_COLUMNS, check_names, contact_sheet
from train.residents.sitting import Style
from train.residents.studio import Studio


def test_a_sheet_shows_every_hard_negative_unless_told_otherwise() -> None:
    assert set(FULL_COLUMNS) == {"neutral", "moderate", "severe", "pain-talk", *EVERYDAY_NEGATIVES}
    check_names([*FULL_COLUMNS, "pain", "alone-AU4"])


def test_an_unknown_expression_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    result = CliRunner().invoke(app, ["residents", "sheet", "--show", "grin", "--out", str(out)])
    assert isinstance(result.exception, AssetError)
    assert "grin" in str(result.exception)
    assert "smile" in str(result.exception)
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("style", [style for style in Style if style is not Style.SCANNED])
def test_people_stand_below_each_other_and_expressions_side_by_side(
    studio: Studio, style: Style
) -> None:
    done: list[int] = []
    columns = ["neutral", "severe", "yawn"]
    sheet = contact_sheet(
        studio, people=[0, 1], seed=2, columns=columns, cell_px=64, style=style,
        frontal=style is Style.FULL, on_person=done.append,
    )  # fmt: skip
    assert done == [1, 2]
    caption = sheet.shape[0] - 2 * 64
    assert 0 < caption < 32
    assert sheet.shape[1:] == (3 * 64, 3)
    cells = sheet[caption:].reshape(2, 64, 3, 64, 3).swapaxes(1, 2)
    assert len({cell.tobytes() for cell in cells.reshape(6, -1)}) == 6
    assert all(cell.std() > 10 for cell in cells.reshape(6, -1).astype(np.float64))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("assets_obtained")
def test_the_command_writes_a_picture(tmp_path: Path) -> None:
    out = tmp_path / "sheet.jpg"
    command = ["residents", "sheet", "--people", "1", "--cell", "64", "--show", "smile"]
    result = CliRunner().invoke(app, [*command, "--out", str(out)])
    assert result.exit_code == 0, result.output
    with Image.open(out) as picture:
        assert picture.size[0] == 64
