"""The room of a scene: the demo's room as it is, or repainted, walled and lit, with an armchair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from train.residents.care_room import Light, Place
from train.residents.dress import plain
from train.residents.identity import Rgb
from train.residents.parts import Material, Part
from train.residents.room import furnished_room
from train.residents.scene import Scene
from train.residents.solids import box, cushion, tube

_BED: Final = frozenset({"sheet"})
_WALL_NEAR_Z: Final = -0.6
_HEADBOARD_Z: Final = -0.3
_HEADBOARD_X_M: Final = 0.7
_CUT_M: Final = 0.02

_GLOW: Final[dict[Light, tuple[float, float]]] = {
    Light.WINDOW: (1.0, 0.6),
    Light.CEILING: (0.4, 0.6),
    Light.NIGHT_LAMP: (0.02, 9.0),
    Light.INFRARED: (0.05, 0.3),
}
"""Factors on the brightness of the window's pane and of the lamp's shade."""

_WALL_SHARE: Final[dict[Light, float]] = {Light.NIGHT_LAMP: 0.45, Light.INFRARED: 0.6}
"""What is left of a small lamp's light at the walls; the renderer's lamps do not fade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Meshes around a person.

    Attributes:
        walls: floor, walls and what hangs on them.
        furniture: what is behind or beside the person.
        bedding: what can cover the person.
    """

    walls: tuple[Part, ...]
    furniture: tuple[Part, ...]
    bedding: tuple[Part, ...]


def scene_room(scene: Scene) -> Surroundings:
    """What is around the person in a scene; the demo's has no walls apart from its furniture."""
    rng = np.random.default_rng(list(scene.seed))
    room = furnished_room(rng)
    if scene.film is None:
        return Surroundings(walls=(), furniture=room.furniture, bedding=room.bedding)
    furniture, bedding = list(room.furniture), list(room.bedding)
    materials = {_name(part): part.material for part in furniture}
    if scene.place is Place.CHAIR:
        furniture = [part for part in furniture if not _of_bed(part)]
        furniture += _armchair(materials["curtain"], rng)
        bedding = bedding[:1]
    walls = [part for part in furniture if _at_wall(part)]
    walls += _shell(materials["wall"], materials["wood"])
    return Surroundings(
        walls=tuple(_finished(part, scene, _WALL_SHARE.get(scene.light, 1.0)) for part in walls),
        furniture=tuple(_finished(part, scene) for part in furniture if not _at_wall(part)),
        bedding=tuple(_finished(part, scene) for part in bedding),
    )


def _name(part: Part) -> str:
    return part.material.key.removeprefix("room/")


def _at_wall(part: Part) -> bool:
    return float(part.positions[:, 2].mean()) < _WALL_NEAR_Z


def _of_bed(part: Part) -> bool:
    """Mattress, pillows, headboard: what stands around the person in bed."""
    middle = part.positions.mean(axis=0)
    near = abs(float(middle[0])) < _HEADBOARD_X_M and float(middle[2]) < _HEADBOARD_Z
    return _name(part) in _BED or (_name(part) == "wood" and near and float(middle[1]) < 1.0)


def _armchair(cloth: Material, rng: np.random.Generator) -> list[Part]:
    """A high back with wings beside the head, arms and a seat."""
    cover = replace(cloth, key="room/chair")
    parts = [
        cushion((0.0, 0.38, -0.235), (0.36, 0.56, 0.13), cover, power=5.0, crumple=0.004, rng=rng),
        cushion((0.0, -0.12, 0.10), (0.42, 0.16, 0.40), cover, power=5.0, crumple=0.004, rng=rng),
    ]
    for side in (-1.0, 1.0):
        parts += [
            cushion((side * 0.37, 0.62, -0.14), (0.055, 0.26, 0.16), cover, power=3.5),
            cushion((side * 0.46, 0.14, 0.14), (0.09, 0.12, 0.42), cover, power=4.0),
        ]
    return parts


def _shell(wall: Material, wood: Material) -> list[Part]:
    """Floor and side walls, which only cameras from above or aside see."""
    return [
        box((0.0, -1.0, 2.0), (3.0, 0.05, 2.8), wood),
        box((-3.0, 0.6, 2.0), (0.05, 1.6, 2.8), wall),
        box((3.0, 0.6, 2.0), (0.05, 1.6, 2.8), wall),
    ]


def _finished(part: Part, scene: Scene, lit: float = 1.0) -> Part:
    """Painted, lit by a share, and the pane and the shade as bright as the light has them."""
    name = _name(part)
    tint: Rgb = scene.paint.get(name, (1.0, 1.0, 1.0))
    pane, shade = _GLOW[scene.light]
    glow = {"daylight": pane, "shade": shade}.get(name, lit)
    red, green, blue = (glow * own * new for own, new in zip(part.material.tint, tint, strict=True))
    return replace(part, material=replace(part.material, tint=(red, green, blue)))


def sleeves(trunk: Part) -> list[Part]:
    """Upper arms that go on from where the trunk's mesh is cut, down under the bedding.

    Args:
        trunk: the person at rest, in place; arms end at a cut through the upper arms.
    """
    points = trunk.positions[np.unique(trunk.faces)]
    cloth = plain(trunk.material.garment, roughness=0.9, specular=0.0)
    parts = []
    for side in (-1.0, 1.0):
        reach = side * points[:, 0]
        end = float(reach.max())
        ring = points[reach > end - _CUT_M]
        inner = points[(reach > end - 3.0 * _CUT_M) & (reach < end - 2.0 * _CUT_M)]
        cut, root = ring.mean(axis=0), inner.mean(axis=0)
        radius = 1.04 * float(np.linalg.norm(ring - cut, axis=1).mean())
        elbow = cut + np.array([side * 0.02, -0.16, 0.05])
        hand = elbow + np.array([-side * 0.10, -0.20, 0.16])
        path = np.stack([root, 0.5 * (root + cut), cut, 0.5 * (cut + elbow), elbow, hand])
        parts.append(
            tube(path, radius * np.array([0.7, 0.95, 1.0, 1.0, 0.9, 0.7]), cloth, sides=24)
        )
    return parts
