"""Whether the pictures of a camera still show the room: frozen and black ones do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.values import Frame

STEP_PX: Final = 8
"""Every eighth pixel of every eighth row: 30,000 of a 1080p picture; noise changes thousands."""

BLACK_MEAN: Final = 4.0
BLACK_PEAK: Final = 24
"""Of 255. A covered lens gives 0 to 2 with a little noise; a room with a night lamp has brighter
spots, and a dark room seen by a noisy sensor a higher mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """Why pictures that arrive show nothing of the room.

    Attributes:
        detail: a sentence for people.
        since_s: monotonic time of the first such picture, seconds.
    """

    detail: str
    since_s: float


class PictureWatch:
    """Looks at every frame of one opening of a camera.

    A live sensor has noise: two of its pictures are never equal. A stream that stands still is
    decoded into equal pictures for ever. A thrifty encoder may repeat a picture of a still scene
    too, up to its next key frame, so equal pictures count only after a while.

    Args:
        frozen_after_s: equal pictures for this long are a fault, seconds; None: never.
        black_after_s: black pictures for this long are a fault, seconds; None: never.
    """

    def __init__(self, *, frozen_after_s: float | None, black_after_s: float | None) -> None:
        self._frozen_after_s = frozen_after_s
        self._black_after_s = black_after_s
        self._last: npt.NDArray[np.uint8] | None = None
        self._same_since_s = 0.0
        self._black_since_s: float | None = None

    def judge(self, frame: Frame) -> Blindness | None:
        """Look at the next frame; what is wrong, if anything."""
        sample = np.ascontiguousarray(frame.image[::STEP_PX, ::STEP_PX])
        if self._last is None or not np.array_equal(sample, self._last):
            self._last, self._same_since_s = sample, frame.captured_s
        if float(sample.mean()) > BLACK_MEAN or int(sample.max()) > BLACK_PEAK:
            self._black_since_s = None
        elif self._black_since_s is None:
            self._black_since_s = frame.captured_s
        return self._black(frame.captured_s) or self._frozen(frame.captured_s)

    def _black(self, now_s: float) -> Blindness | None:
        since_s, limit_s = self._black_since_s, self._black_after_s
        if since_s is None or limit_s is None or now_s - since_s < limit_s:
            return None
        return Blindness(
            detail="the picture is black: the lens is covered, or there is no light",
            since_s=since_s,
        )

    def _frozen(self, now_s: float) -> Blindness | None:
        limit_s = self._frozen_after_s
        if limit_s is None or now_s - self._same_since_s < limit_s:
            return None
        return Blindness(
            detail="the picture is frozen: the camera repeats the same one",
            since_s=self._same_since_s,
        )
