"""Pictures and video frames from disk, upright and in RGB."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from pain.errors import DataError
from train.data.sample import Half

Picture = npt.NDArray[np.uint8]

pi_heif.register_heif_opener()

_DEEP: Final = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
"""Modes of Pillow with more than 8 bits of grey, which ``convert`` would cut off at 255."""
_DEEP_WHITE: Final = 65535
_BYTE_WHITE: Final = 255.0
_UNREADABLE: Final = (
    *(OSError, ValueError, SyntaxError, RuntimeError, EOFError),
    Image.DecompressionBombError,
)


def read_picture(path: Path, half: Half | None = None) -> Picture:
    """Read a picture as a camera would deliver it.

    Args:
        path: the file.
        half: part to keep.

    Returns:
        uint8 (H, W, 3) RGB, turned upright by its EXIF orientation; transparency is dropped. Grey
        of 16 bits runs from 0 to 65535, of floating point from 0 to 1 or from 0 to 255.

    Raises:
        DataError: absent, damaged, not a picture, or grey of a range that cannot be told.
    """
    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            pixels = _bytes(upright) if upright.mode in _DEEP else np.array(upright.convert("RGB"))
    except _UNREADABLE as error:
        advice = ". Convert it to PNG or JPEG" if isinstance(error, UnidentifiedImageError) else ""
        raise DataError(f"{path} is not a readable picture: {error}{advice}") from error
    if half is None:
        return pixels
    middle = pixels.shape[1] // 2
    kept = pixels[:, :middle] if half is Half.LEFT else pixels[:, -middle:]
    return np.ascontiguousarray(kept)


def _bytes(grey: Image.Image) -> Picture:
    """Grey of many bits as RGB, scaled by the range that its kind has.

    Raises:
        ValueError: the range cannot be told: cameras of 10 to 14 bits write 16 and leave the upper
            ones empty, and which of them made a dark picture nobody can see.
    """
    values = np.asarray(grey, np.float64)
    darkest, brightest = float(values.min()), float(values.max())
    white = float(_DEEP_WHITE)
    if grey.mode == "F":
        white = 1.0 if brightest <= 1.0 else _BYTE_WHITE
    told = np.isfinite(values).all() and darkest >= 0.0 and brightest <= white
    if not told or (white == _DEEP_WHITE and 0.0 < brightest < _DEEP_WHITE / 4):
        raise ValueError(
            f"its grey runs from {darkest:g} to {brightest:g}, and which value is white cannot be "
            "told. Convert it to 8 bits"
        )
    scaled = np.rint(values * (_BYTE_WHITE / white)).astype(np.uint8)
    return np.repeat(scaled[:, :, None], 3, axis=2)


def video_frames(path: Path) -> Iterator[Picture]:
    """Decode every frame of a video's first picture stream, in order.

    Yields:
        uint8 (H, W, 3) RGB.

    Raises:
        DataError: absent, damaged, or without a picture stream.
    """
    import av

    try:
        with av.open(str(path)) as container:
            for frame in container.decode(container.streams.video[0]):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (OSError, IndexError, ValueError, av.error.FFmpegError) as error:
        raise DataError(f"{path} is not a readable video: {error}") from error


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, lower-case hex.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
