"""Builds the meshes of a resident who shows an expression and holds the head in a pose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from pain.values import HeadPose
from train.residents.anatomy import Anatomy
from train.residents.dress import BARE, Dress, cannula, glasses, tuple_of
from train.residents.expression import Expression, facial_actions
from train.residents.head import MIDLINE
from train.residents.identity import Resident, Rgb
from train.residents.nearby import Nearby, hand_parts, nearby_parts
from train.residents.parts import Material, Part
from train.residents.shells import beard, scarf, under_scarf
from train.residents.skin import WINDOW, Skin, draw_skin
from train.residents.wardrobe import Wardrobe

FloatArray = npt.NDArray[np.float32]

FACING: Final = HeadPose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0)

_LASH_COLOUR: Final = (0.36, 0.30, 0.27)
_BREATH_M: Final = 0.006
_BUMP_M: Final = 0.0010


class Figure:
    """A resident, ready to be posed.

    Args:
        anatomy: the baked head.
        wardrobe: textures.
        resident: the person.
        dress: what the person wears.
        toothless: whether the teeth are left out.
        wrinkles: whether lines of age and expression are drawn.
        furrows: factor on the depth of the lines of expression.
        actions: weights of the facial actions that show an expression.
    """

    def __init__(
        self,
        *,
        anatomy: Anatomy,
        wardrobe: Wardrobe,
        resident: Resident,
        dress: Dress = BARE,
        toothless: bool = False,
        wrinkles: bool = True,
        furrows: float = 1.0,
        actions: Callable[[Expression], dict[str, float]] = facial_actions,
    ) -> None:
        self._furrows = furrows
        self._actions = actions
        self.resident = resident
        self.dress = dress
        self._toothless = toothless
        self._wrinkles = wrinkles
        self._anatomy = anatomy
        self._head = head = anatomy.head
        self._rest = head.neutral(resident.phenotype, resident.local_changes)
        self._turn_weight = anatomy.turn_weight
        band = (self._turn_weight > 0.3) & (self._turn_weight < 0.6)  # noqa: PLR2004
        self._pivot = self._rest[band].mean(axis=0)
        self._wardrobe = wardrobe

    @cached_property
    def skin(self) -> Skin:
        """The person's wrinkles and spots."""
        return draw_skin(self.resident, wrinkles=self._wrinkles, furrows=self._furrows)

    @cached_property
    def eye_centre(self) -> FloatArray:
        """Point (3,) between the eyes at rest, facing front."""
        return self._head.eye_centre(self._rest)

    @cached_property
    def bridge(self) -> FloatArray:
        """Point (3,) between the eyes in the plane between the face's halves, at rest."""
        return self.eye_centre * MIDLINE

    def parts(
        self,
        expression: Expression,
        *,
        pose: HeadPose = FACING,
        lag: Mapping[str, float] | None = None,
        breath: float = 0.0,
        nearby: Nearby | None = None,
    ) -> list[Part]:
        """Meshes of the person.

        Args:
            expression: what the face does.
            pose: head rotation against the trunk.
            lag: how far each group of lines follows the expression (see ``skin.draw_lag``).
            breath: -1..1, chest height.
            nearby: what is near the face.
        """
        head = self._head
        moved = self._rest + head.displacement(self._actions(expression))
        chest = np.clip((0.62 - head.template[:, 1]) / 0.12, 0.0, 1.0) * (1 - self._turn_weight)
        moved[:, 1:] += (breath * _BREATH_M * chest)[:, None] * np.array([0.5, 1.0], np.float32)
        skin, turned = self._body(moved, pose, expression, lag or {})
        parts = [skin]
        parts += [self._proxy_part(moved, pose, *item) for item in self._proxies()]
        parts += self._worn(moved, pose)
        if self.dress.beard_m:
            parts += self._beard(skin)
        if self.dress.scarf:
            shown = skin.faces[~under_scarf(head)]
            cloth = scarf(anatomy=self._anatomy, body=turned, colour=self.dress.scarf)
            parts = [replace(skin, faces=shown), *parts[1:], cloth]
        if nearby:
            parts += nearby_parts(nearby, eye_centre=self.bridge)
            hand = hand_parts(nearby, eye_centre=self.bridge, skin=self._skin_colour)
            parts += [self._carried(part, pose) for part in hand]
        return parts

    def _worn(self, moved: FloatArray, pose: HeadPose) -> list[Part]:
        """Glasses and cannula, turned with the head."""
        parts: list[Part] = []
        skin = np.unique(self._head.body_faces)
        if self.dress.glasses:
            eyes = self._rest[self._head.eye_vertices]
            left, right = (eyes[side * eyes[:, 0] > 0].mean(axis=0) for side in (1, -1))
            parts += glasses(self.dress.glasses, self._rest[skin], (left, right))
        if self.dress.cannula:
            parts += cannula(moved[skin], self.bridge)
        return [self._carried(part, pose) for part in parts]

    def _beard(self, skin: Part) -> list[Part]:
        return beard(
            head=self._head,
            skin=skin,
            length_m=self.dress.beard_m,
            colour=self.resident.hair_colour,
            key=self.resident.subject,
            rng=np.random.default_rng([self.resident.seed, 8]),
        )

    def _carried(self, part: Part, pose: HeadPose) -> Part:
        """A part that turns with the head as a whole."""
        positions = self._turned(part.positions, np.ones(len(part.positions), np.float32), pose)
        normals = rotation(pose).apply(part.normals).astype(np.float32)
        return replace(part, positions=positions, normals=normals)

    @cached_property
    def _skin_colour(self) -> Rgb:
        """Mean linear colour of the cheeks."""
        _, texture = self._wardrobe.skin(self.resident)
        rows, columns, _ = texture.shape
        left, top, side = WINDOW
        patch = texture[
            int((top + 0.3 * side) * rows) : int((top + 0.7 * side) * rows),
            int((left + 0.3 * side) * columns) : int((left + 0.7 * side) * columns),
            :3,
        ]
        colour = (np.median(patch.reshape(-1, 3), axis=0) / 255.0) ** 2.2
        return tuple_of(colour * np.asarray(self.resident.tone))

    def _body(
        self, moved: FloatArray, pose: HeadPose, expression: Expression, lag: Mapping[str, float]
    ) -> tuple[Part, FloatArray]:
        """Skin and cloth; with them the turned vertices."""
        head = self._head
        turned = self._turned(moved, self._turn_weight, pose)
        normals = self._anatomy.body_normals(turned)
        cloth = _below_neckline(head.template, self.resident.neckline)
        turned = turned + normals * (0.006 * np.clip(cloth / 0.01, 0.0, 1.0))[:, None]
        key, texture = self._wardrobe.skin(self.resident)
        relief = self.skin.relief(expression, lag=lag)
        detail = np.concatenate([self.skin.albedo, relief[..., None]], axis=2).astype(np.float16)
        corner = head.corner_vertex
        part = Part(
            positions=turned[corner],
            normals=normals[corner],
            uv=head.uv,
            cloth=cloth[corner],
            faces=head.faces,
            material=Material(
                key=key,
                texture=texture,
                tint=self.resident.tone,
                roughness=0.46,
                specular=0.30,
                softness=1.0,
                detail=detail,
                bump_m=_BUMP_M,
                window=WINDOW,
                garment=_linear(self.resident.garment),
                two_sided=False,
            ),
        )
        return part, turned

    def _proxies(self) -> list[tuple[str, Material]]:
        person, wardrobe = self.resident, self._wardrobe
        eyes, eyes_px = wardrobe.proxy("eyes", "HighPolyEyes", f"{person.eyes}_eye")
        teeth, teeth_px = wardrobe.proxy("teeth", "Teeth_Base", "teeth")
        tongue, tongue_px = wardrobe.proxy("tongue", "tongue01", "tongue01_diffuse")
        lashes, lashes_px = wardrobe.dyed("eyelashes", "eyelashes02", "eyelashes02", _LASH_COLOUR)
        brows, brows_px = wardrobe.dyed("eyebrows", person.brows, person.brows, person.brow_colour)
        items = [
            ("HighPolyEyes", Material(key=eyes, texture=eyes_px, tint=(0.82, 0.8, 0.78),
                                      roughness=0.12, specular=0.6, cutout=0.2)),
            ("Teeth_Base", Material(key=teeth, texture=teeth_px, tint=(1.05, 0.92, 0.70),
                                    roughness=0.3, specular=0.4, softness=0.7)),
            ("tongue01", Material(key=tongue, texture=tongue_px, tint=(0.5, 0.45, 0.45),
                                  roughness=0.45, specular=0.3)),
            ("eyelashes02", Material(key=lashes, texture=lashes_px,
                                     roughness=0.9, specular=0.0, cutout=0.6)),
            (person.brows, Material(key=brows, texture=brows_px,
                                    roughness=0.9, specular=0.02, cutout=0.35)),
        ]  # fmt: skip
        if self._toothless:
            items = [item for item in items if item[0] != "Teeth_Base"]
        if person.hair != "none" and not self.dress.scarf:
            texture = "afro_diffuse" if person.hair == "afro01" else f"{person.hair}_diffuse"
            hair, hair_px = wardrobe.dyed("hair", person.hair, texture, person.hair_colour)
            surface = Material(
                key=hair,
                texture=hair_px,
                roughness=0.6,
                specular=0.15,
                softness=0.3,
                cutout=0.4,
            )
            items.append((person.hair, surface))
        return items

    def _proxy_part(self, moved: FloatArray, pose: HeadPose, name: str, material: Material) -> Part:
        proxy = self._head.proxies[name]
        placed = self._head.fit(proxy, moved, self._rest)
        placed = self._turned(placed, self._anatomy.proxy_turn_weight[name], pose)
        normals = self._anatomy.proxy_normals(name, placed)
        return Part(
            positions=placed[proxy.corner_vertex],
            normals=normals[proxy.corner_vertex],
            uv=proxy.uv,
            faces=proxy.faces,
            material=material,
        )

    def _turned(self, points: FloatArray, weight: FloatArray, pose: HeadPose) -> FloatArray:
        """Rotate each point about the neck by its share of the head turn (Rodrigues' formula)."""
        vector = rotation(pose).as_rotvec()
        angle = float(np.linalg.norm(vector))
        if angle < 1e-6:  # noqa: PLR2004
            return points
        axis = (vector / angle).astype(np.float32)
        arm = points - self._pivot
        cos, sin = np.cos(angle * weight)[:, None], np.sin(angle * weight)[:, None]
        along = (arm @ axis)[:, None] * axis
        turned = self._pivot + arm * cos + np.cross(axis, arm) * sin + along * (1.0 - cos)
        return np.asarray(turned, dtype=np.float32)


def rotation(pose: HeadPose) -> Rotation:
    """Rotation of a head pose: yaw to the picture's right, pitch up, roll counter-clockwise."""
    return Rotation.from_euler("YXZ", [pose.yaw_deg, -pose.pitch_deg, pose.roll_deg], degrees=True)


def _below_neckline(template: FloatArray, drop: float) -> FloatArray:
    """Metres below a round neckline that lies lower in front than at the nape."""
    x, y, z = template.T
    line = (
        0.585 - drop - 0.28 * (z - 0.03) + 0.25 * np.abs(x) + 3.0 * np.maximum(np.abs(x) - 0.08, 0)
    )
    return np.asarray(line - y, dtype=np.float32)


def _linear(colour: Rgb) -> Rgb:
    red, green, blue = (float(c) ** 2.2 for c in colour)
    return red, green, blue
