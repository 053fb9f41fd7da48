"""Pictures with what was read written on them. They show faces: made on request only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.batch.scored import ScoredFace
from pain.errors import UsageError

WARNING: Final = (
    "Annotated pictures show people's faces. Keep them where the originals may be kept, and delete "
    "them when they have served."
)

_COLOUR: Final = (255, 220, 0)


def annotate(image: npt.NDArray[np.uint8], faces: Sequence[ScoredFace], path: Path) -> None:
    """Write a PNG with a box and the level on every face.

    Args:
        image: uint8 (H, W, 3) RGB; is not changed.
        faces: of this picture.
        path: the file; its folder is made when absent.

    Raises:
        UsageError: it cannot be written.
    """
    drawn = image.copy()
    size = max(drawn.shape[1] / 1000, 0.4)
    width = max(round(2 * size), 1)
    for one in faces:
        if one.face is None:
            continue
        box = one.face.box
        left, top = round(box.x), round(box.y)
        corner = (round(box.x + box.width), round(box.y + box.height))
        cv2.rectangle(drawn, (left, top), corner, _COLOUR, width)
        words = f"none: {one.reason}" if one.level is None else f"{one.number}: {one.level:.1f}"
        place = (left, max(top - 4, round(22 * size)))
        cv2.putText(drawn, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, _COLOUR, width)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _, content = cv2.imencode(".png", drawn[:, :, ::-1])
        path.write_bytes(content.tobytes())
    except OSError as error:
        raise UsageError(f"--annotate {path}: cannot be written ({error.strerror})") from error
