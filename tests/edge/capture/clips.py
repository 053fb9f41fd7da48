"""Tiny real videos, made with PyAV and libx264."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

FPS = 25


def picture(width: int, height: int, index: int) -> npt.NDArray[np.uint8]:
    """Upper half red, lower half dark; blue tells the frame number, 10 a frame."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, :, 0] = 255
    image[height // 2 :, :, 2] = 10 * (index % 25)
    return image


def make_clip(
    path: Path,
    *,
    sizes: tuple[tuple[int, int], ...] = ((64, 48),),
    frames: int = 10,
    fps: int = FPS,
    options: dict[str, str] | None = None,
    pixel_aspect: Fraction = Fraction(1),
) -> Path:
    """Write H.264; several sizes are recordings glued together (MPEG-TS or raw H.264 only)."""
    pieces = []
    for width, height in sizes:
        with av.open(str(path), "w", options=options or {}) as output:
            stream = output.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.sample_aspect_ratio = pixel_aspect
            output.start_encoding()
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(width, height, index), "rgb24")
                output.mux(stream.encode(frame))
            output.mux(stream.encode())
        pieces.append(path.read_bytes())
    path.write_bytes(b"".join(pieces))
    return path


def make_sound(path: Path) -> Path:
    """Write a file with sound only."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 8000), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def turn_clockwise(path: Path) -> Path:
    """Write a quarter turn into an MP4's track header, as a phone held upright does."""
    data = bytearray(path.read_bytes())
    # ISO/IEC 14496-12, version 0: type, 24 bytes of times and ids, 8 reserved, 8 of layer etc.
    matrix = data.index(b"tkhd") + 4 + 24 + 8 + 8
    one = 1 << 16
    data[matrix : matrix + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, 48 << 16, 0, one << 14)
    path.write_bytes(data)
    return path
