"""One person's sitting: which faces, dress, views and light are photographed in each style.

``v0`` is what the first models were trained on and stays as it is, picture by picture. ``full``
adds everything of ``everyday``, ``dress``, ``nearby`` and ``care_room``. ``unseen`` shows the same
repertoire in skins, lights and views that the others never use. ``scanned`` moves the faces as
scans do, in the patterns of ``patterns``, with furrows that can be seen and resting faces that may
look stern; every other picture is a clear portrait, the rest are those of ``full``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np

from train.residents.care_room import draw_circumstances
from train.residents.dress import Dress, draw_dress
from train.residents.everyday import Traits, as_shown, draw_everyday, draw_traits, rated_level
from train.residents.expression import Expression, facial_actions
from train.residents.figure import Figure
from train.residents.film import Picture
from train.residents.identity import Resident
from train.residents.nearby import Nearby, draw_nearby
from train.residents.patterns import draw_patterns
from train.residents.repertoire import draw_expressions
from train.residents.scanned import FURROWS, draw_rest, scanned_actions
from train.residents.skin import draw_lag
from train.residents.studio import Shot, Studio, draw_shot, exposure_share
from train.residents.unseen import draw_unseen, in_unseen_skin


class Style(StrEnum):
    """How much variety a set has; ``unseen`` is for tests alone, nothing may be trained on it."""

    V0 = "v0"
    FULL = "full"
    SCANNED = "scanned"
    UNSEEN = "unseen"


_PORTRAIT_SHARE: Final = 0.5
"""Of the pictures of style ``scanned``; the others are as room cameras see."""


_SUNKEN_MOUTH: Final = {
    "mouth-upperlip-volume-incr": -0.5,
    "mouth-lowerlip-volume-incr": -0.5,
    "mouth-trans-forward": -0.35,
    "chin-prominent-incr": 0.3,
}
"""Local changes that lips and chin take on without teeth behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """One picture with what it shows; ``details`` are further columns of the style's index."""

    shot: Shot
    picture: Picture
    details: dict[str, Any] = field(default_factory=dict)


def sit(
    studio: Studio,
    *,
    style: Style,
    seed: int,
    index: int,
    count: int,
    size_px: int,
    wrinkles: bool = True,
) -> Iterator[Photograph]:
    """All pictures of one person.

    Args:
        studio: an open studio.
        style: how much variety.
        seed: seed of the data set.
        index: position of the person in it.
        count: number of pictures.
        size_px: width and height of a picture.
        wrinkles: whether lines of age and expression are drawn.
    """
    resident = studio.resident(seed=seed, index=index)
    shots = np.random.default_rng([seed, index, 2])
    if style is Style.V0:
        figure = studio.figure(resident, wrinkles=wrinkles)
        for number, expression in enumerate(draw_expressions(count, shots)):
            rng = np.random.default_rng([seed, index, 3, number])
            shot = draw_shot(figure, expression, rng)
            yield Photograph(
                shot=shot, picture=studio.take(figure, shot, size=(size_px, size_px), rng=rng)
            )
        return
    person = np.random.default_rng([seed, index, 7])
    figure, traits = dressed_figure(studio, resident, person, style=style, wrinkles=wrinkles)
    draw = draw_patterns if style is Style.SCANNED else draw_everyday
    for number, expression in enumerate(draw(count, shots)):
        rng = np.random.default_rng([seed, index, 3, number])
        yield everyday_photograph(
            studio, figure, traits, expression, style=style, size_px=size_px, rng=rng
        )


def dressed_figure(
    studio: Studio,
    resident: Resident,
    rng: np.random.Generator,
    *,
    style: Style = Style.FULL,
    wrinkles: bool = True,
) -> tuple[Figure, Traits]:
    """A person with lasting traits, dress and the skin of the style."""
    traits, dress = draw_traits(rng), draw_dress(resident, rng)
    if style is Style.UNSEEN:
        resident = in_unseen_skin(resident)
    if style is not Style.SCANNED:
        return figure_with(studio, resident, traits, dress, wrinkles=wrinkles), traits
    figure = figure_with(
        studio,
        resident,
        traits,
        dress,
        wrinkles=wrinkles,
        furrows=FURROWS,
        actions=scanned_actions(draw_rest(rng)),
    )
    return figure, traits


def figure_with(
    studio: Studio,
    resident: Resident,
    traits: Traits,
    dress: Dress,
    *,
    wrinkles: bool = True,
    furrows: float = 1.0,
    actions: Callable[[Expression], dict[str, float]] = facial_actions,
) -> Figure:
    """A person with given traits and dress; the rest as in ``Figure``."""
    if traits.toothless:
        resident = replace(resident, local_changes={**resident.local_changes, **_SUNKEN_MOUTH})
    return studio.figure(
        resident,
        dress=dress,
        toothless=traits.toothless,
        wrinkles=wrinkles,
        furrows=furrows,
        actions=actions,
    )


def everyday_photograph(
    studio: Studio,
    figure: Figure,
    traits: Traits,
    expression: Expression,
    *,
    style: Style = Style.FULL,
    size_px: int,
    rng: np.random.Generator,
) -> Photograph:
    """A picture of any style but ``v0``.

    Args:
        studio: an open studio.
        figure: the person.
        traits: what lasts in the face.
        expression: what a healthy face would show.
        style: whose views and lights are drawn.
        size_px: width and height.
        rng: source of everything else.
    """
    nearby: Nearby | None = None
    shown = as_shown(expression, traits)
    if style is Style.SCANNED and rng.random() < _PORTRAIT_SHARE:
        shot = draw_shot(figure, shown, rng)
        place, light = "portrait", "lamps"
    else:
        draw = draw_unseen if style is Style.UNSEEN else draw_circumstances
        taken = draw(figure.bridge, exposure_share(figure.resident), size_px, rng)
        nearby = draw_nearby(rng)
        place, light = taken.place.value, taken.light.value
        shot = Shot(
            expression=shown,
            pose=taken.pose,
            camera=taken.camera,
            lights=taken.lights,
            film=taken.film,
            lag=draw_lag(rng),
            nearby=nearby,
        )
    details = {
        "level_rated": rated_level(shot.expression.level, rng),
        "palsy": traits.palsy,
        "masking": traits.masking,
        "toothless": traits.toothless,
        "worn": ",".join(figure.dress.names),
        "nearby": ",".join(nearby.names) if nearby else "",
        "place": place,
        "light": light,
        "distance_m": shot.camera.distance_m,
    }
    picture = studio.take(figure, shot, size=(size_px, size_px), rng=rng)
    return Photograph(shot=shot, picture=picture, details=details)
