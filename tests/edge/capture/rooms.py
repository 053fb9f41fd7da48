"""A room with a resident, filmed through real encoders: alive, or one picture again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Image = npt.NDArray[np.uint8]


def resident_room(width: int, height: int) -> Grey:
    """The demonstration's resident in her room."""
    with av.open(str(files("edge.demo") / "resident.mp4")) as container:
        first = next(container.decode(video=0)).to_ndarray(format="gray")
    return np.asarray(cv2.resize(first, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def living(
    still: Grey, *, pictures: int, fps: float, noise: float, breath_px: float, seed: int = 0
) -> Iterator[Grey]:
    """A sensor's noise, and a chest that rises and falls once in four seconds, peak to peak."""
    rng = np.random.default_rng(seed)
    height, width = still.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    chest = np.exp(
        -(((columns - width / 2) / (width / 8)) ** 2 + ((rows - height * 0.6) / (height / 5)) ** 2)
    )
    for number in range(pictures):
        by_px = chest * np.float32(breath_px / 2 * np.sin(np.pi / 2 * number / fps))
        moved = cv2.remap(still.astype(np.float32), columns, rows + by_px, cv2.INTER_LINEAR)
        noisy = moved + rng.normal(0, noise, moved.shape)
        yield np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def with_clock(image: Image, second: int) -> Image:
    """A picture as a camera sends it: date and time above, the camera's name below."""
    drawn = np.ascontiguousarray(image)
    height, width = drawn.shape[:2]
    size = height / 720
    for text, at in (
        (f"30-11-2026 Mon 14:00:{second % 60:02d}", (round(0.03 * width), round(0.07 * height))),
        ("Camera 01", (round(0.75 * width), round(0.95 * height))),
    ):
        cv2.putText(drawn, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 2)
    return drawn


def encode(
    path: Path,
    pictures: Iterable[Grey],
    *,
    codec: str,
    fps: int,
    bit_rate: int | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Run a real encoder over grey pictures."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=fps, options=options or {})
        stream.thread_count = 1
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            height, width = picture.shape
            if not stream.codec_context.is_open:
                stream.width, stream.height = width, height
            colours = np.full((height // 2, width), 128, np.uint8)
            planes = np.concatenate([picture, colours])
            output.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        output.mux(stream.encode(None))
    return path
