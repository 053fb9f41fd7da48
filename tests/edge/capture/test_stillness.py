"""One picture through real encoders is told from a room in which somebody breathes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from edge.capture.cells import COLUMNS, ROWS, clock
from edge.capture.picture import Blindness, PictureWatch
from pain.values import Frame
from tests.edge.capture.rooms import Grey, encode, living, resident_room, with_clock

WALL = datetime(2026, 1, 1, tzinfo=UTC)
FPS, LIVE_S, FROZEN_S, STILL_AFTER_S = 10, 4, 14, 8.0
WIDTH, HEIGHT = 320, 192

ENCODERS: dict[str, dict[str, Any]] = {
    "x264 at a constant rate": {
        "codec": "libx264",
        "bit_rate": 200_000,
        "options": {
            "preset": "veryfast",
            "maxrate": "200k",
            "bufsize": "200k",
            "g": "20",
            "bf": "0",
        },
    },
    "x264 without delay, long between key frames": {
        "codec": "libx264",
        "bit_rate": 150_000,
        "options": {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "maxrate": "150k",
            "bufsize": "75k",
            "g": "100",
        },
    },
    "x264 at a constant quality": {
        "codec": "libx264",
        "options": {"preset": "veryfast", "crf": "23", "g": "10", "bf": "0"},
    },
    "x264 coarse": {
        "codec": "libx264",
        "options": {"preset": "veryfast", "crf": "33", "g": "20", "bf": "0"},
    },
    "x265 at a constant rate": {
        "codec": "libx265",
        "bit_rate": 150_000,
        "options": {
            "preset": "ultrafast",
            "x265-params": "log-level=none:keyint=20:bframes=0:pools=1",
        },
    },
    "mpeg4": {"codec": "mpeg4", "bit_rate": 400_000, "options": {"g": "12"}},
}


@pytest.fixture(scope="module")
def alive() -> list[Grey]:
    """The resident breathes from the first picture to the last: the same pictures for each test."""
    still = resident_room(WIDTH, HEIGHT)
    pictures = (LIVE_S + FROZEN_S) * FPS
    return list(living(still, pictures=pictures, fps=FPS, noise=2.0, breath_px=1.5))


def judged(clip: Path) -> Iterator[tuple[float, Blindness | None]]:
    watch = PictureWatch(frozen_after_s=4.0, still_after_s=STILL_AFTER_S, black_after_s=4.0)
    with av.open(str(clip)) as container:
        for number, decoded in enumerate(container.decode(video=0)):
            frame = Frame(
                image=decoded.to_ndarray(format="rgb24"),
                captured_s=number / FPS,
                wall_time=WALL,
                sequence=number,
            )
            yield frame.captured_s, watch.judge(frame)


def clocked(pictures: Iterable[Grey]) -> Iterator[Grey]:
    for number, picture in enumerate(pictures):
        yield with_clock(picture.copy(), number // FPS)


@pytest.mark.parametrize(
    ("encoder", "burned_in"),
    [
        *((encoder, False) for encoder in ENCODERS),
        ("x264 at a constant rate", True),
        ("x264 coarse", True),
    ],
)
def test_one_picture_behind_a_running_encoder_is_a_lost_camera(
    tmp_path: Path,
    alive: list[Grey],
    encoder: str,
    burned_in: bool,
    record_property: Callable[[str, object], None],
):
    live = alive[: LIVE_S * FPS]
    pictures: Iterable[Grey] = chain(live, repeat(live[-1], FROZEN_S * FPS))
    if burned_in:
        pictures = clocked(pictures)
    clip = encode(tmp_path / "a.mkv", pictures, fps=FPS, **ENCODERS[encoder])
    said = list(judged(clip))
    assert not any(told for at_s, told in said if at_s <= LIVE_S + 3)
    assert said[-1][1] is not None
    found_s = next(at_s for at_s, told in said if told is not None) - LIVE_S
    record_property("found_s", round(found_s, 1))
    assert "the picture" in said[-1][1].detail


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_resident_who_breathes_is_never_taken_for_a_frozen_picture(
    tmp_path: Path, alive: list[Grey], encoder: str
):
    clip = encode(tmp_path / "a.mkv", clocked(alive), fps=FPS, **ENCODERS[encoder])
    assert not any(told for _, told in judged(clip))


@pytest.mark.parametrize(
    ("rows", "columns", "is_clock"),
    [
        (slice(1, 3), slice(3, 6), True),  # digits above
        (slice(33, 35), slice(50, 60), True),  # or below
        (slice(1, 3), slice(0, 60), False),  # as wide as the picture
        (slice(14, 16), slice(30, 33), False),  # a mouth in the middle
        (slice(0, 7), slice(30, 40), False),  # a head at the upper edge
    ],
)
def test_a_clock_is_as_high_as_text_and_lies_along_an_edge(
    rows: slice, columns: slice, *, is_clock: bool
):
    changed = np.zeros((ROWS, COLUMNS), bool)
    changed[rows, columns] = True
    assert (changed & ~clock(changed)).any() != is_clock
