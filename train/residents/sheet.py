"""Contact sheets: people down, expressions across, to be judged by eye."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pain.action_units import ActionUnit
from pain.errors import AssetError
from train.residents.everyday import (
    ALONE,
    EVERYDAY_NEGATIVES,
    Traits,
    as_shown,
)
from train.residents.expression import Expression, Kind
from train.residents.figure import FACING, Figure
from train.residents.patterns import PAIN_PATTERNS, PATTERN_NEGATIVES, draw_pattern
from train.residents.repertoire import HARD_NEGATIVES
from train.residents.sitting import Style, dressed_figure, everyday_photograph
from train.residents.skin import draw_lag
from train.residents.studio import Shot, Studio, draw_shot, portrait_camera

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
FULL_COLUMNS: Final = (
    "neutral", "moderate", "severe", "pain-talk", *sorted(EVERYDAY_NEGATIVES)
)  # fmt: skip

SCANNED_COLUMNS: Final = (
    "neutral", "moderate", "severe", *sorted(PAIN_PATTERNS), "pain-talk", *sorted(PATTERN_NEGATIVES)
)  # fmt: skip
_COLUMNS_OF: Final = {Style.V0: COLUMNS, Style.SCANNED: SCANNED_COLUMNS}


def contact_sheet(
    studio: Studio,
    *,
    people: Sequence[int],
    seed: int,
    columns: Sequence[str] | None = None,
    cell_px: int = 160,
    frontal: bool = False,
    style: Style = Style.FULL,
    on_person: Callable[[int], None] = lambda _done: None,
) -> npt.NDArray[np.uint8]:
    """One row a person, one column an expression, with captions.

    Args:
        studio: an open studio.
        people: indices of persons of data set ``seed``.
        seed: seed of the data set.
        columns: ``neutral``, ``pain``, ``moderate``, ``severe``, ``alone-AU4`` etc. or a hard
            negative; those of the style when None.
        cell_px: size of one picture.
        frontal: all from straight ahead instead of random views.
        style: how much variety.
        on_person: told how many persons are done.

    Returns:
        uint8 (H, W, 3).
    """
    columns = columns or _COLUMNS_OF.get(style, FULL_COLUMNS)
    rows = [_caption(columns, cell_px)]
    for done, index in enumerate(people, start=1):
        figure, traits = _person(studio, style, seed, index)
        cells = []
        for number, name in enumerate(columns):
            rng = np.random.default_rng([seed, index, 4, number])
            expression = _named(name, rng)
            if frontal:
                light = np.random.default_rng([seed, index, 5])
                shot = _portrait(figure, as_shown(expression, traits), light, rng)
            elif style is not Style.V0:
                taken = everyday_photograph(
                    studio, figure, traits, expression, style=style, size_px=cell_px, rng=rng
                )
                cells.append(taken.picture)
                continue
            else:
                shot = draw_shot(figure, expression, rng)
            cells.append(studio.take(figure, shot, size=(cell_px, cell_px), rng=rng))
        rows.append(np.concatenate(cells, axis=1))
        on_person(done)
    return np.concatenate(rows)


def check_names(names: Sequence[str]) -> None:
    """Refuse expressions that nobody can draw.

    Raises:
        AssetError: a name is unknown; the message lists those that are not.
    """
    known = {*SCANNED_COLUMNS, "pain", *(f"{ALONE}{unit.value}" for unit in ActionUnit)}
    for name in names:
        if name not in known:
            raise AssetError(
                f"there is no expression {name!r}; there are {', '.join(sorted(known))}"
            )


def _portrait(
    figure: Figure, expression: Expression, light: np.random.Generator, rng: np.random.Generator
) -> Shot:
    """A face straight ahead; all of a person's portraits share one light and one film."""
    shot = draw_shot(figure, expression, light)
    return replace(shot, pose=FACING, camera=portrait_camera(figure), lag=draw_lag(rng))


def _named(name: str, rng: np.random.Generator) -> Expression:
    fixed = {expression.name: expression for expression in (MODERATE, SEVERE)}
    return fixed[name] if name in fixed else draw_pattern(name, rng)


def _person(studio: Studio, style: Style, seed: int, index: int) -> tuple[Figure, Traits]:
    resident = studio.resident(seed=seed, index=index)
    if style is Style.V0:
        return studio.figure(resident), Traits()
    rng = np.random.default_rng([seed, index, 7])
    return dressed_figure(studio, resident, rng, style=style)


def _caption(columns: Sequence[str], cell_px: int) -> npt.NDArray[np.uint8]:
    strip = Image.new("RGB", (cell_px * len(columns), _CAPTION_PX), "white")
    draw = ImageDraw.Draw(strip)
    for number, name in enumerate(columns):
        draw.text((cell_px * number + 4, 1), name, fill="black")
    return np.array(strip, dtype=np.uint8)
