"""Pictures and video frames from disk, upright and in RGB."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from pain.errors import DataError
from train.data.sample import Half

Picture = npt.NDArray[np.uint8]


def read_picture(path: Path, half: Half | None = None) -> Picture:
    """Read a picture as a camera would deliver it.

    Args:
        path: the file.
        half: part to keep.

    Returns:
        uint8 (H, W, 3) RGB, turned upright by its EXIF orientation; transparency is dropped.

    Raises:
        DataError: absent, damaged, or not a picture.
    """
    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            pixels = np.array(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is not a readable picture: {error}") from error
    if half is None:
        return pixels
    middle = pixels.shape[1] // 2
    kept = pixels[:, :middle] if half is Half.LEFT else pixels[:, -middle:]
    return np.ascontiguousarray(kept)


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
