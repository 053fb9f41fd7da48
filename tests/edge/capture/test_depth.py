from __future__ import annotations

from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from edge.capture import open_source
from edge.capture.depth import GreyDepth
from edge.config import CameraConfig
from tests.edge.capture.clocks import HandClock

Words = npt.NDArray[np.uint16]


@pytest.fixture(scope="module")
def room() -> npt.NDArray[np.uint8]:
    """A room with a resident, grey."""
    with av.open(str(files("edge.demo") / "resident.mp4")) as container:
        return next(container.decode(video=0)).to_ndarray(format="gray")[::2, ::2]


def filmed(path: Path, words: Words, *, pixel_format: str) -> Path:
    height, width = words.shape
    with av.open(str(path), "w") as output:
        stream = output.add_stream("rawvideo", rate=5)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        frame = av.VideoFrame(width, height, pixel_format)
        wide = np.zeros((height, frame.planes[0].line_size // 2), np.uint16)
        wide[:, :width] = words
        frame.planes[0].update(wide.astype(">u2" if "be" in pixel_format else "<u2").tobytes())
        frame.pts, frame.time_base = 0, Fraction(1, 5)
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("pixel_format", "bits"),
    [
        ("gray10le", 10),  # the format says so itself
        ("gray12le", 12),
        ("gray16le", 10),  # the words hold less than they could
        ("gray16be", 10),
        ("gray16le", 12),
        ("gray16le", 14),
        ("gray16le", 16),
    ],
)
def test_a_bright_room_is_bright_at_every_depth(
    tmp_path: Path, room: npt.NDArray[np.uint8], pixel_format: str, bits: int
):
    words = room.astype(np.uint16) << (bits - 8)
    clip = filmed(tmp_path / "room.nut", words, pixel_format=pixel_format)
    source = open_source(CameraConfig(uri=str(clip)), fast=True, clock=HandClock())
    image = source.read().image
    source.close()
    assert np.abs(image.astype(int) - room[:, :, None]).max() <= 2


@pytest.mark.parametrize("stripes", [0, 30])
def test_faint_noise_under_a_cover_stays_black(stripes: int):
    rng = np.random.default_rng(0)
    noise = rng.normal(200, 40, (120, 160)) + rng.normal(0, stripes, (1, 160))
    words = np.clip(noise, 0, 1023).astype(np.uint16)
    assert GreyDepth(bits=None, label="cam").to_bytes(words).max() <= 4


def test_a_depth_once_exceeded_is_given_up_for_a_larger_one(
    room: npt.NDArray[np.uint8], caplog: pytest.LogCaptureFixture
):
    depth = GreyDepth(bits=None, label="cam")
    dim, bright = room.astype(np.uint16) << 1, room.astype(np.uint16) << 4
    dim_read = depth.to_bytes(dim)
    np.testing.assert_array_equal(depth.to_bytes(bright), room)
    np.testing.assert_array_equal(dim_read, room >> 1)
    np.testing.assert_array_equal(depth.to_bytes(dim), room >> 3)
    assert "uses 10 bits" in caplog.text
    assert "uses 12 bits" in caplog.text


def test_a_depth_that_is_configured_holds_for_black_and_bright(room: npt.NDArray[np.uint8]):
    depth = GreyDepth(bits=10, label="cam")
    dark = np.full((8, 8), 40, np.uint16)
    assert depth.to_bytes(dark).max() == 10
    assert depth.to_bytes(room.astype(np.uint16) << 8).max() == 255
