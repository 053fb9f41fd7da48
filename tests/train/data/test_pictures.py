from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pain.errors import DataError
from tests.train.data.trees import clip, picture, write
from train.data.pictures import content_hash, read_picture, video_frames

HALVES = Path(__file__).with_name("halves.heic")
"""Dark above, bright below: 24 x 16 px, drawn for this test."""


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "CMYK"])
def test_every_kind_of_picture_becomes_rgb(tmp_path: Path, mode: str):
    file = tmp_path / ("p.tif" if mode == "CMYK" else "p.png")
    Image.new(mode, (5, 3)).save(file)
    pixels = read_picture(file)
    assert (pixels.shape, pixels.dtype) == ((3, 5, 3), np.uint8)


def test_a_picture_is_turned_upright(tmp_path: Path):
    file = tmp_path / "p.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (5, 3)).save(file, exif=exif)
    assert read_picture(file).shape == (5, 3, 3)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.array([[0, 32768, 65535]], np.uint16), "p.png"),
        (np.array([[0, 32768, 65535]], np.uint16), "p.tif"),
        (np.array([[0, 32768, 65535]], np.int32), "p.tif"),
        (np.array([[0.0, 0.5, 1.0]], np.float32), "p.tif"),
        (np.array([[0.0, 128.0, 255.0]], np.float32), "p.tif"),
    ],
)
def test_grey_of_many_bits_keeps_its_tones(tmp_path: Path, values: np.ndarray, name: str):
    Image.fromarray(values).save(tmp_path / name)
    pixels = read_picture(tmp_path / name)
    assert pixels[0, :, 0].tolist() == [0, 128, 255]
    assert (pixels == pixels[:, :, :1]).all()


@pytest.mark.parametrize(
    "values",
    [
        np.array([[0, 4095]], np.uint16),
        np.array([[0, 70000]], np.int32),
        np.array([[-1.0, 1.0]], np.float32),
        np.array([[0.0, 4095.0]], np.float32),
        np.array([[0.0, np.nan]], np.float32),
    ],
)
def test_grey_whose_white_cannot_be_told_is_refused(tmp_path: Path, values: np.ndarray):
    Image.fromarray(values).save(tmp_path / "p.tif")
    with pytest.raises(DataError, match=r"cannot be told. Convert it to 8 bits"):
        read_picture(tmp_path / "p.tif")


def test_heic_and_avif_are_read(tmp_path: Path):
    file = tmp_path / "p.avif"
    Image.fromarray(read_picture(HALVES)).save(file, quality=90)
    for pixels in (read_picture(HALVES), read_picture(file)):
        assert pixels.shape == (16, 24, 3)
        assert pixels[:6].mean() < 30
        assert abs(pixels[10:].mean() - 200) < 30


def test_a_picture_of_an_unknown_kind_says_what_to_convert_to(tmp_path: Path):
    with pytest.raises(DataError, match="Convert it to PNG or JPEG"):
        read_picture(write(tmp_path / "p.cr2", "raw"))


def test_what_is_no_picture_is_refused(tmp_path: Path):
    truncated = picture(tmp_path / "t.png", seed=1, size=(64, 64))
    truncated.write_bytes(truncated.read_bytes()[:400])
    cut = tmp_path / "cut.heic"
    cut.write_bytes(HALVES.read_bytes()[:-60])
    for file in (truncated, cut, write(tmp_path / "n.png", "text"), tmp_path / "gone.png"):
        with pytest.raises(DataError, match="not a readable picture"):
            read_picture(file)


def test_every_frame_of_a_video_is_read(tmp_path: Path):
    clip(tmp_path, frames=5)
    frames = list(video_frames(tmp_path / "resident.mp4"))
    assert [frame.shape for frame in frames] == [(32, 32, 3)] * 5


def test_what_is_no_video_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="not a readable video"):
        list(video_frames(write(tmp_path / "v.mp4", "text")))


def test_the_hash_is_of_the_content_alone(tmp_path: Path):
    one, copy = picture(tmp_path / "1.png", seed=1), picture(tmp_path / "2.png", seed=1)
    other = picture(tmp_path / "3.png", seed=3)
    assert content_hash(one) == content_hash(copy) != content_hash(other)
    with pytest.raises(DataError, match="cannot be read"):
        content_hash(tmp_path / "gone.png")
