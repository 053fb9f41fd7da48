# ruff: noqa: PLR2004
"""Covers drawn over faces: masks, blankets, hands, glasses, and things that cover nothing.

Each is an alpha and a colour over a square picture, placed by the face's own landmarks. What a
cover hides is not said by its name but measured afterwards, region by region (``regions``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]
Alpha = npt.NDArray[np.float32]

JAW: Final = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397,
              288, 361, 323, 454)  # fmt: skip
"""Contour from one ear by the chin to the other (MediaPipe Face Mesh indices)."""

BRIDGE: Final = 6
NOSE_TIP: Final = 4
UNDER_NOSE: Final = 2
CHIN: Final = 152
FOREHEAD: Final = 10
EYES: Final = ((33, 133, 159, 145), (263, 362, 386, 374))
MOUTH: Final = (61, 291, 13, 14)


@dataclass(slots=True)
class Canvas:
    """A picture being covered.

    Attributes:
        picture: uint8 (H, W, 3), drawn upon.
        points: float32 (478, 2), its face's landmarks.
        hidden: float32 (H, W), how much of each pixel's skin is hidden, 0..1.
        rng: draws.
    """

    picture: Picture
    points: Points
    hidden: Alpha
    rng: np.random.Generator

    @property
    def height_px(self) -> float:
        """Forehead to chin."""
        return float(np.linalg.norm(self.points[CHIN] - self.points[FOREHEAD]))

    @property
    def axes(self) -> tuple[Points, Points]:
        """Unit vectors of the face: to its right in the picture, and down."""
        down = self.points[CHIN] - self.points[FOREHEAD]
        down = down / max(float(np.linalg.norm(down)), 1e-6)
        return np.array((down[1], -down[0]), np.float32), down.astype(np.float32)

    def lay(self, alpha: Alpha, colour: npt.ArrayLike, *, hides: bool = True) -> None:
        """Lay a colour, or a picture of colours, over what is there."""
        over = np.broadcast_to(np.asarray(colour, np.float32), self.picture.shape)
        shown = self.picture * (1 - alpha[..., None]) + over * alpha[..., None]
        self.picture[:] = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
        if hides:
            self.hidden[:] = np.maximum(self.hidden, alpha)

    def filled(self, corners: npt.ArrayLike, *, soft_px: float = 1.0) -> Alpha:
        """Alpha of a polygon."""
        alpha = np.zeros(self.picture.shape[:2], np.float32)
        cv2.fillPoly(alpha, [np.rint(np.asarray(corners)).astype(np.int32)], 1.0)
        return np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(soft_px, 0.3)), np.float32)

    def stroked(self, corners: npt.ArrayLike, width_px: float, *, closed: bool = False) -> Alpha:
        """Alpha of a line."""
        alpha = np.zeros(self.picture.shape[:2], np.float32)
        path = np.rint(np.asarray(corners)).astype(np.int32)
        cv2.polylines(alpha, [path], closed, 1.0, max(round(width_px), 1), cv2.LINE_AA)
        return alpha

    def jittered(self, indices: tuple[int, ...] | list[int], share: float) -> Points:
        """Landmarks moved at random by a share of the face's height."""
        shift = self.rng.normal(0, share * self.height_px, (len(indices), 2))
        return (self.points[list(indices)] + shift).astype(np.float32)


def _colour(rng: np.random.Generator, *choices: tuple[int, int, int]) -> Points:
    base = np.array(choices[int(rng.integers(len(choices)))], np.float32)
    return np.clip(base + rng.normal(0, 12, 3), 0, 255).astype(np.float32)


def _cloth(canvas: Canvas, colour: Points) -> Points:
    """A cloth's colours: folds, light from a side, sometimes a pattern."""
    rng = canvas.rng
    rows, columns = canvas.picture.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32) / canvas.height_px
    angle = rng.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    light = 1 + rng.uniform(0.0, 0.25) * np.sin(along * rng.uniform(3, 14) + rng.uniform(0, 6))
    light += rng.uniform(-0.25, 0.25) * (x - x.mean())
    cloth = light[..., None] * colour
    kind = rng.random()
    if kind < 0.2:
        stripes = np.sin(along * rng.uniform(25, 80)) > rng.uniform(-0.5, 0.7)
        cloth[stripes] = cloth[stripes] * 0.3 + 0.7 * rng.uniform(0, 255, 3)
    elif kind < 0.4:
        freq = rng.uniform(18, 50)
        dots = np.sin(x * freq) * np.sin(y * freq) > rng.uniform(0.2, 0.7)
        cloth[dots] = cloth[dots] * 0.3 + 0.7 * rng.uniform(0, 255, 3)
    elif kind < 0.55:
        spots = cv2.GaussianBlur(
            rng.standard_normal((rows, columns)), (0, 0), canvas.height_px / 12
        )
        chosen = spots > spots.std() * rng.uniform(0, 1)
        cloth[chosen] = cloth[chosen] * 0.3 + 0.7 * rng.uniform(0, 255, 3)
    cloth += rng.normal(0, rng.uniform(0, 6), (rows, columns, 1))
    return np.asarray(cloth, np.float32)


MASKS: Final = ((150, 190, 215), (225, 230, 232), (120, 185, 165), (30, 30, 34), (225, 165, 185),
                (60, 90, 160), (180, 170, 150))  # fmt: skip


def surgical_mask(canvas: Canvas) -> None:
    """Pleated mask, over the nose or worn below it."""
    rng = canvas.rng
    _, down = canvas.axes
    top = canvas.points[[234, 454]] * 0.72 + canvas.points[BRIDGE] * 0.28
    apex = (UNDER_NOSE, 164) if rng.random() < 0.3 else (BRIDGE, 197, 195, 5)
    upper = canvas.points[apex[int(rng.integers(len(apex)))]]
    ears = canvas.points[[234, 454]] + down * canvas.height_px * rng.uniform(-0.02, 0.2)
    jaw = canvas.jittered(list(JAW[2:-2]), 0.01)
    jaw += down * canvas.height_px * rng.uniform(0.0, 0.08)
    sides = (0.5 * ears + 0.5 * top) if apex[0] != UNDER_NOSE else ears * 0.6 + upper * 0.4
    outline = np.concatenate([sides[:1], jaw, sides[1:], upper[None]])
    cloth = _cloth(canvas, _colour(rng, *MASKS))
    canvas.lay(canvas.filled(outline, soft_px=rng.uniform(0.5, 2)), cloth)
    for share in np.linspace(0.25, 0.8, int(rng.integers(0, 5))):
        pleat = sides * (1 - share) + canvas.points[[172, 397]] * share
        middle = upper * (1 - share) + canvas.points[CHIN] * share
        line = np.array([pleat[0], middle, pleat[1]])
        canvas.lay(canvas.stroked(line, 1 + canvas.height_px / 90) * 0.4, cloth.mean((0, 1)) * 0.55)
    for end, ear in zip(sides, canvas.points[[234, 454]], strict=True):
        canvas.lay(canvas.stroked([end, ear], 1 + canvas.height_px / 100), (235, 235, 235))


def ffp2(canvas: Canvas) -> None:
    """Cup or folded respirator, with a seam, perhaps a valve."""
    rng = canvas.rng
    outline = np.concatenate(
        [canvas.points[[123, 116]], canvas.points[[BRIDGE]], canvas.points[[345, 352]],
         canvas.jittered([397, 365, 379, 378, 400, 152, 176, 149, 150, 136, 172], 0.015)]
    )  # fmt: skip
    colour = _colour(rng, (235, 235, 233), (225, 228, 230), (40, 40, 45), (160, 195, 220))
    canvas.lay(canvas.filled(outline, soft_px=1), _cloth(canvas, colour))
    seam = canvas.points[[BRIDGE, NOSE_TIP, 13, CHIN]]
    canvas.lay(canvas.stroked(seam, 1 + canvas.height_px / 80) * 0.5, colour * 0.6)
    if rng.random() < 0.4:
        side = canvas.points[[205, 425][int(rng.integers(2))]]
        valve = np.zeros(canvas.picture.shape[:2], np.float32)
        centre = (round(float(side[0])), round(float(side[1])))
        cv2.circle(valve, centre, round(canvas.height_px * 0.08), 1.0, -1, cv2.LINE_AA)
        canvas.lay(valve * 0.9, colour * 0.75)


def oxygen_mask(canvas: Canvas) -> None:
    """Clear plastic over nose and mouth: seen through, greenish, with bright rims and a hose."""
    rng = canvas.rng
    outline = np.concatenate(
        [canvas.points[[BRIDGE, 195][int(rng.integers(2))]][None],
         canvas.jittered([355, 425, 432, 430, 431, 262, 152, 32, 211, 210, 212, 205, 126], 0.02)]
    )  # fmt: skip
    colour = _colour(rng, (205, 225, 215), (225, 232, 235), (190, 220, 190), (170, 205, 225))
    body = canvas.filled(outline, soft_px=2) * rng.uniform(0.35, 0.75)
    blurred = cv2.GaussianBlur(canvas.picture, (0, 0), canvas.height_px / rng.uniform(25, 60))
    inside = (canvas.filled(outline, soft_px=2) > 0.5)[..., None]
    canvas.picture[:] = np.where(inside, blurred, canvas.picture)
    canvas.lay(body, colour, hides=False)
    canvas.lay(canvas.stroked(outline, canvas.height_px / 45, closed=True) * 0.7, colour * 0.9)
    for _ in range(int(rng.integers(1, 4))):
        start = canvas.points[int(rng.choice([205, 425, 164, 17, 200]))]
        shift = rng.normal(0, 0.08 * canvas.height_px, (3, 2)).cumsum(0)
        canvas.lay(canvas.stroked(start + shift, canvas.height_px / 40) * 0.7, (250, 252, 252))
    hose = canvas.points[[14, 17, CHIN]].copy()
    hose[-1] += canvas.axes[1] * canvas.height_px * 0.4
    canvas.lay(canvas.stroked(hose, canvas.height_px / 9) * rng.uniform(0.5, 0.9), colour * 0.85)
    # What is seen through it cannot be read: the plastic counts as hiding.
    canvas.hidden[:] = np.maximum(canvas.hidden, canvas.filled(outline, soft_px=1))


def _blanket_to(canvas: Canvas, edge: Points, *, from_above: bool = False) -> None:
    rng = canvas.rng
    right, down = canvas.axes
    side = down * (-1 if from_above else 1)
    reach = 4 * canvas.height_px
    across = [edge + right * reach * t for t in np.linspace(-1, 1, 25)]
    waves = [point + side * canvas.height_px * rng.normal(0, 0.015) for point in across]
    tilt = rng.uniform(-0.2, 0.2)
    tilted = [point + side * tilt * float((point - edge) @ right) for point in waves]
    outline = np.array([*tilted, tilted[-1] + side * reach, tilted[0] + side * reach])
    colour = _colour(rng, (235, 235, 230), (200, 210, 225), (150, 110, 90), (110, 130, 150),
                     (170, 60, 60), (70, 110, 80), (220, 200, 170), (40, 44, 60))  # fmt: skip
    alpha = canvas.filled(outline, soft_px=rng.uniform(0.5, 2.5))
    shade = cv2.GaussianBlur(alpha, (0, 0), canvas.height_px / 25) * rng.uniform(0, 0.5)
    canvas.lay(shade * (1 - alpha), (20, 18, 18), hides=False)
    canvas.lay(alpha, _cloth(canvas, colour))


def blanket_to_nose(canvas: Canvas) -> None:
    """Blanket, sheet or scarf drawn up over the mouth, to the nose or the eyes."""
    ends = canvas.points[[0, UNDER_NOSE, NOSE_TIP, 195, BRIDGE, 27]]
    _blanket_to(canvas, ends[int(canvas.rng.integers(len(ends)))])


def blanket_to_chin(canvas: Canvas) -> None:
    """Blanket or scarf to the chin: nothing is hidden."""
    below = canvas.points[CHIN] + canvas.axes[1] * canvas.height_px * canvas.rng.uniform(0, 0.15)
    _blanket_to(canvas, below.astype(np.float32))


def cap_over_brows(canvas: Canvas) -> None:
    """Cap, cloth or bandage pulled down over the brows, perhaps the eyes."""
    ends = [canvas.points[168], canvas.points[BRIDGE], canvas.points[[159, 386]].mean(0)]
    _blanket_to(canvas, ends[int(canvas.rng.integers(len(ends)))], from_above=True)


def cap_on_forehead(canvas: Canvas) -> None:
    """Cap, headscarf or bandage above the brows: nothing is hidden."""
    brow = canvas.points[[105, 334]].mean(0)
    edge = brow + (canvas.points[FOREHEAD] - brow) * canvas.rng.uniform(0.35, 1.0)
    _blanket_to(canvas, edge.astype(np.float32), from_above=True)


def _skin(canvas: Canvas) -> Points:
    """The face's own skin, or another person's."""
    rng = canvas.rng
    spots = np.clip(canvas.points[[50, 280, 151]].astype(int), 0, canvas.picture.shape[0] - 1)
    own = canvas.picture[spots[:, 1], spots[:, 0]].mean(0)
    if rng.random() < 0.65:
        return np.clip(own * rng.uniform(0.8, 1.15), 0, 255).astype(np.float32)
    return _colour(rng, (225, 180, 155), (190, 140, 110), (120, 80, 60), (70, 48, 40))


def _hand(canvas: Canvas, centre: Points, *, width: float, length: float) -> None:
    """A hand of four fingers: capsules side by side with dark gaps, and a back of the hand."""
    rng = canvas.rng
    tone = _skin(canvas)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array((np.cos(angle), np.sin(angle)), np.float32)
    beside = np.array((-along[1], along[0]), np.float32)
    size = canvas.height_px
    thick = width * size / 4
    rows, columns = canvas.picture.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    for finger in range(4):
        offset = (finger - 1.5) * thick
        root = centre + beside * offset - along * length * size * 0.5
        tip = root + along * length * size * rng.uniform(0.85, 1.1) + beside * rng.normal(0, 2)
        alpha = canvas.stroked([root, tip], thick * rng.uniform(0.95, 1.05))
        distance = np.abs((x - root[0]) * beside[0] + (y - root[1]) * beside[1]) / (thick / 2)
        round_light = np.clip(1.06 - 0.3 * distance**3, 0.5, 1.1)
        canvas.lay(np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.8)), tone * round_light[..., None])
    back = centre - along * length * size * 0.75
    palm = np.zeros((rows, columns), np.float32)
    at = (round(float(back[0])), round(float(back[1])))
    half = (round(length * size * 0.45), round(2.2 * thick))
    cv2.ellipse(palm, at, half, float(np.degrees(angle)), 0, 360, 1.0, -1, cv2.LINE_AA)
    canvas.lay(np.asarray(cv2.GaussianBlur(palm, (0, 0), 1.2)), tone)


def hand_over_eyes(canvas: Canvas) -> None:
    """A hand over both eyes, or over brows and eyes."""
    centre = canvas.points[[33, 263, 105, 334]].mean(0)
    centre = centre + canvas.rng.normal(0, 0.04 * canvas.height_px, 2)
    _hand(canvas, centre.astype(np.float32), width=canvas.rng.uniform(0.5, 0.8), length=0.85)


def hand_over_mouth(canvas: Canvas) -> None:
    """A hand over the mouth."""
    centre = canvas.points[list(MOUTH)].mean(0)
    centre = centre + canvas.rng.normal(0, 0.04 * canvas.height_px, 2)
    _hand(canvas, centre.astype(np.float32), width=canvas.rng.uniform(0.4, 0.7), length=0.7)


def hand_at_cheek(canvas: Canvas) -> None:
    """A hand beside the face: at the cheek, the chin or the temple."""
    at = int(canvas.rng.choice([234, 454, 172, 397, 127, 356]))
    away = canvas.points[at] - canvas.points[NOSE_TIP]
    centre = canvas.points[at] + away * canvas.rng.uniform(0.1, 0.35)
    _hand(canvas, centre.astype(np.float32), width=0.4, length=0.5)


def _lenses(canvas: Canvas, size: float) -> list[Points]:
    right, down = canvas.axes
    shapes = []
    squareness = canvas.rng.uniform(2, 5)
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    span = float(np.linalg.norm(canvas.points[263] - canvas.points[33]))
    for outer, inner, _, _ in EYES:
        centre = canvas.points[[outer, inner]].mean(0) + down * span * 0.03
        across = np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** (2 / squareness)
        up = np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** (2 / squareness)
        half = (0.29 * span * size, 0.23 * span * size * canvas.rng.uniform(0.75, 1.15))
        shapes.append(
            (centre + across[:, None] * right * half[0] + up[:, None] * down * half[1]).astype(
                np.float32
            )
        )
    return shapes


def _frame(canvas: Canvas, lenses: list[Points], width_px: float, colour: Points) -> None:
    for lens in lenses:
        canvas.lay(canvas.stroked(lens, width_px, closed=True), colour, hides=False)
    bridge = [canvas.points[193], canvas.points[168], canvas.points[417]]
    canvas.lay(canvas.stroked(bridge, width_px), colour, hides=False)
    for (outer, *_), ear in zip(EYES, (127, 356), strict=True):
        temple = [canvas.points[outer] * 1.1 - canvas.points[BRIDGE] * 0.1, canvas.points[ear]]
        canvas.lay(canvas.stroked(temple, width_px), colour, hides=False)


def dark_glasses(canvas: Canvas) -> None:
    """Sunglasses: black, brown, green, mirrored, graded."""
    rng = canvas.rng
    lenses = _lenses(canvas, rng.uniform(1.0, 1.45))
    tint = _colour(rng, (12, 12, 14), (40, 25, 15), (20, 32, 24), (25, 30, 50), (70, 72, 78))
    for lens in lenses:
        alpha = canvas.filled(lens, soft_px=0.7)
        canvas.lay(alpha * rng.uniform(0.88, 1.0), tint)
        if rng.random() < 0.5:
            glint = lens.mean(0) + rng.normal(0, 4, 2)
            path = [glint, glint + rng.normal(0, canvas.height_px / 20, 2)]
            canvas.lay(canvas.stroked(path, 2) * alpha * 0.7, (220, 225, 235), hides=False)
    _frame(canvas, lenses, 1 + canvas.height_px / rng.uniform(30, 90), tint * 0.7)


def glasses(canvas: Canvas) -> None:
    """Ordinary glasses: any frame, a light tint, a reflection that leaves the eye to be seen."""
    rng = canvas.rng
    lenses = _lenses(canvas, rng.uniform(0.95, 1.4))
    for lens in lenses:
        alpha = canvas.filled(lens, soft_px=0.7)
        canvas.lay(alpha * rng.uniform(0, 0.18), _colour(rng, (210, 220, 230), (90, 70, 60)),
                   hides=False)  # fmt: skip
        if rng.random() < 0.4:
            corner = lens[int(rng.integers(len(lens)))]
            path = [corner, corner * 0.6 + lens.mean(0) * 0.4]
            canvas.lay(canvas.stroked(path, canvas.height_px / 30) * alpha * 0.6, (245, 248, 250),
                       hides=False)  # fmt: skip
    colour = _colour(rng, (20, 18, 18), (90, 60, 30), (150, 150, 155), (190, 160, 90), (60, 20, 30))
    _frame(canvas, lenses, 1 + canvas.height_px / rng.uniform(25, 110), colour)


def oxygen_tube(canvas: Canvas) -> None:
    """Nasal cannula: a clear tube over both cheeks into the nostrils."""
    rng = canvas.rng
    path = canvas.points[[234, 50, 98, UNDER_NOSE, 327, 280, 454]].copy()
    path[[0, -1]] += rng.normal(0, 4, (2, 2))
    width = 1 + canvas.height_px / rng.uniform(28, 60)
    colour = _colour(rng, (215, 230, 220), (235, 238, 240), (150, 205, 170))
    canvas.lay(canvas.stroked(path, width) * rng.uniform(0.4, 0.95), colour, hides=False)
    canvas.lay(canvas.stroked(path - 0.6, width / 3) * 0.6, (255, 255, 255), hides=False)


def beard(canvas: Canvas) -> None:
    """Beard and moustache, stubble to full, dark to white."""
    rng = canvas.rng
    ring = canvas.points[[61, 40, 37, 0, 267, 270, 291, 375, 405, 17, 181, 146]]
    jaw = canvas.jittered(list(JAW[2:-2]), 0.02)
    upper = canvas.points[[425, 327, UNDER_NOSE, 98, 205]]
    alpha = canvas.filled(np.concatenate([jaw, upper]), soft_px=canvas.height_px / 30)
    lips = canvas.filled(ring, soft_px=1.5)
    rows, columns = canvas.picture.shape[:2]
    hairs = cv2.GaussianBlur(rng.standard_normal((rows, columns)), (0, 0), 0.9)
    hairs = np.clip(0.5 + hairs / (3 * hairs.std()) + rng.uniform(-0.3, 0.5), 0, 1)
    colour = _colour(rng, (25, 20, 18), (80, 60, 45), (150, 145, 140), (225, 222, 218))
    strength = rng.uniform(0.3, 1.0)
    canvas.lay(np.asarray(alpha * (1 - lips) * hairs * strength, np.float32), colour, hides=False)


def shadow(canvas: Canvas) -> None:
    """Strong shadow with a hard or soft edge: dark, but not covered."""
    rng = canvas.rng
    rows, columns = canvas.picture.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    centre = canvas.points[NOSE_TIP] + rng.normal(0, 0.15 * canvas.height_px, 2)
    angle = rng.uniform(0, 2 * np.pi)
    distance = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    soft = canvas.height_px * rng.uniform(0.01, 0.4)
    dark = 1 / (1 + np.exp(-np.clip(distance / soft, -30, 30)))
    factor = 1 - dark * rng.uniform(0.3, 0.7)
    canvas.picture[:] = np.clip(canvas.picture * factor[..., None], 0, 255).astype(np.uint8)


def hair_over_eyes(canvas: Canvas) -> None:
    """Strands of hair that hang over brows or eyes."""
    _hair(canvas, count=int(canvas.rng.integers(60, 130)), reach=canvas.rng.uniform(0.42, 0.6))


def some_hair(canvas: Canvas) -> None:
    """A few strands on the forehead."""
    _hair(canvas, count=int(canvas.rng.integers(3, 14)), reach=canvas.rng.uniform(0.15, 0.45))


def _hair(canvas: Canvas, *, count: int, reach: float) -> None:
    rng = canvas.rng
    right, down = canvas.axes
    size = canvas.height_px
    top = canvas.points[FOREHEAD] - down * 0.1 * size
    colour = _colour(rng, (25, 20, 18), (80, 55, 35), (150, 145, 142), (225, 222, 220))
    for _ in range(count):
        start = top + right * rng.uniform(-0.45, 0.45) * size
        end = start + down * size * (reach + 0.1) * rng.uniform(0.8, 1.1)
        end = end + right * rng.normal(0, 0.06) * size
        middle = (start + end) / 2 + right * rng.normal(0, 0.05) * size
        tone = colour * rng.uniform(0.6, 1.25)
        canvas.lay(canvas.stroked([start, middle, end], 1 + size / 55), tone)


COVERS: Final[Mapping[str, Callable[[Canvas], None]]] = {
    cover.__name__: cover
    for cover in (
        surgical_mask, ffp2, oxygen_mask, blanket_to_nose, cap_over_brows, hand_over_eyes,
        hand_over_mouth, dark_glasses, hair_over_eyes,
    )
}  # fmt: skip

NO_COVERS: Final[Mapping[str, Callable[[Canvas], None]]] = {
    cover.__name__: cover
    for cover in (
        glasses, oxygen_tube, beard, shadow, some_hair, blanket_to_chin, cap_on_forehead,
        hand_at_cheek,
    )
}  # fmt: skip
