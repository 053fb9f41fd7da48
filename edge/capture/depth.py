"""Grey pictures of 16-bit words that hold fewer bits, as infrared and industrial cameras send."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np
import numpy.typing as npt

WORDS: Final = ("gray16le", "gray16be")
"""FFmpeg's pixel formats whose words may hold less than they could. Formats that say 10, 12 or 14
bits in their name are scaled by FFmpeg."""

WORD_BITS: Final = 16
SENSOR_BITS: Final = (10, 12, 14, WORD_BITS)
"""Depths of sensors that are sent as words."""

LEAST_SPREAD: Final = 0.02
LEAST_LIKENESS: Final = 0.8
"""Of a picture that shows something: standard deviation as a share of the whole range, and the
correlation of neighbouring pixels along and across. Three views of faces and rooms read 0.048 and
0.97 at least with a quarter of the light; drawn noise of a covered lens, with and without stripes,
at most 0.08 and 0.01 in its worse direction."""

_log = logging.getLogger(__name__)


class GreyDepth:
    """How many bits of its words one opening of a camera uses.

    A format of 16 bits cannot say that a sensor fills ten of them, and then a bright room reads as
    black. Ten bits are taken for the whole range where no pixel ever exceeded them *and* the
    picture shows something; faint noise under a cover stays black.

    Args:
        bits: what the words hold, 8 to 16, where it is known; None to see for itself.
        label: the camera for people.
    """

    def __init__(self, *, bits: int | None, label: str) -> None:
        self._known = bits
        self._bits = bits
        self._label = label

    def to_bytes(self, words: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
        """Scale words (H, W) to 0 to 255 of the range that the stream uses."""
        if self._known is None:
            self._look(words)
        shift = (self._bits or WORD_BITS) - 8
        scaled: npt.NDArray[np.uint16] = np.minimum(words >> shift, 255)
        return scaled.astype(np.uint8)

    def _look(self, words: npt.NDArray[np.uint16]) -> None:
        if self._bits == WORD_BITS:
            return
        used = int(words.max()).bit_length()
        needed = next(bits for bits in SENSOR_BITS if bits >= used)
        if needed <= (self._bits or 0) or (needed < WORD_BITS and not shows(words, bits=needed)):
            return
        self._bits = needed
        if needed < WORD_BITS:
            _log.warning(
                "%s sends 16-bit grey words and uses %d bits of them; set camera.grey_bits if "
                "that is wrong",
                *(self._label, needed),
            )


def shows(words: npt.NDArray[np.uint16], *, bits: int) -> bool:
    """Whether a picture (H, W) shows something, if its words hold so many bits."""
    seen = words.astype(np.float32)
    if float(seen.std()) < LEAST_SPREAD * 2**bits:
        return False
    return all(
        _likeness(one, next_to_it) >= LEAST_LIKENESS
        for one, next_to_it in ((seen[:, :-1], seen[:, 1:]), (seen[:-1], seen[1:]))
    )


def _likeness(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one * one).mean() * (other * other).mean()))
    return float((one * other).mean()) / scale if scale else 0.0
