"""Contact sheets: people down, expressions across, to be judged by eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pain.action_units import ActionUnit
from train.residents.expression import Expression, Kind
from train.residents.film import draw_film
from train.residents.repertoire import HARD_NEGATIVES, draw_named
from train.residents.studio import Shot, Studio, draw_shot, exposure_share, portrait_camera

AU = ActionUnit

_CAPTION_PX: Final = 14

MODERATE: Final = Expression(
    name="moderate",
    kind=Kind.PAIN,
    units={AU.AU4: 2.5, AU.AU6: 2.0, AU.AU7: 2.5, AU.AU9: 1.0, AU.AU10: 2.0, AU.AU25: 1.5},
)
SEVERE: Final = Expression(
    name="severe",
    kind=Kind.PAIN,
    units={
        AU.AU4: 5.0,
        AU.AU6: 4.5,
        AU.AU7: 4.5,
        AU.AU9: 4.0,
        AU.AU10: 4.5,
        AU.AU20: 2.5,
        AU.AU25: 3.5,
        AU.AU26: 2.0,
        AU.AU43: 5.0,
    },
)
COLUMNS: Final = ("neutral", "moderate", "severe", *sorted(HARD_NEGATIVES))


def contact_sheet(
    studio: Studio,
    *,
    people: Sequence[int],
    seed: int,
    columns: Sequence[str] = COLUMNS,
    cell_px: int = 160,
    frontal: bool = False,
) -> npt.NDArray[np.uint8]:
    """One row a person, one column an expression, with captions.

    Args:
        studio: an open studio.
        people: indices of persons of data set ``seed``.
        seed: seed of the data set.
        columns: ``neutral``, ``pain``, ``moderate``, ``severe`` or a hard negative.
        cell_px: size of one picture.
        frontal: all from straight ahead instead of random views.

    Returns:
        uint8 (H, W, 3).
    """
    rows = [_caption(columns, cell_px)]
    for index in people:
        figure = studio.figure(studio.resident(seed=seed, index=index))
        cells = []
        for number, name in enumerate(columns):
            rng = np.random.default_rng([seed, index, 4, number])
            shot = draw_shot(figure, _named(name, rng), rng)
            if frontal:
                light = np.random.default_rng([seed, index, 5])
                still = draw_shot(figure, shot.expression, light)
                shot = Shot(
                    expression=shot.expression,
                    pose=still.pose,
                    camera=portrait_camera(figure),
                    lights=still.lights,
                    film=draw_film(exposure_share(figure.resident), light),
                    lag=shot.lag,
                )
            cells.append(studio.take(figure, shot, size=(cell_px, cell_px), rng=rng))
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)


def _named(name: str, rng: np.random.Generator) -> Expression:
    fixed = {expression.name: expression for expression in (MODERATE, SEVERE)}
    return fixed[name] if name in fixed else draw_named(name, rng)


def _caption(columns: Sequence[str], cell_px: int) -> npt.NDArray[np.uint8]:
    strip = Image.new("RGB", (cell_px * len(columns), _CAPTION_PX), "white")
    draw = ImageDraw.Draw(strip)
    for number, name in enumerate(columns):
        draw.text((cell_px * number + 4, 1), name, fill="black")
    return np.array(strip, dtype=np.uint8)
