"""Photographs residents: puts person, expression, camera, lamps and film together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pain.values import HeadPose
from train.residents.anatomy import Anatomy
from train.residents.assets import verified_assets
from train.residents.bake import ensure_head
from train.residents.dress import BARE, Dress
from train.residents.expression import NEUTRAL, Expression, facial_actions
from train.residents.figure import FACING, Figure
from train.residents.film import (
    Film,
    Picture,
    develop,
    draw_background,
    draw_film,
    exposure_gain,
    to_display,
)
from train.residents.identity import Resident, draw_resident
from train.residents.nearby import Nearby
from train.residents.render import Renderer
from train.residents.scans import load_scans
from train.residents.skin import draw_lag
from train.residents.transfer import with_scans
from train.residents.view import Camera, Lights, draw_lights, draw_view
from train.residents.wardrobe import Wardrobe

_DARK_SKIN_EXPOSURE: Final = 0.7
"""A camera that meters the room keeps dark skin dark; ours meters the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Everything about one picture but the person.

    Attributes:
        expression: what the face does.
        pose: head turn against the trunk.
        camera: where from; ``lights``: the lamps; ``film``: the camera's quality.
        lag: how far each group of lines follows the expression.
        nearby: what is near the face.
    """

    expression: Expression
    pose: HeadPose
    camera: Camera
    lights: Lights
    film: Film
    lag: Mapping[str, float]
    nearby: Nearby | None = None

    @property
    def seen_pose(self) -> HeadPose:
        """Head pose as the picture shows it."""
        return self.camera.seen_pose(self.pose)


class Studio:
    """Holds the head, the textures and a renderer; use it with ``with``, in one thread.

    Args:
        assets: folder of the MakeHuman package; the cache when None.
        scanned: whether the head has the scanned expressions as well.

    Raises:
        AssetError: assets, the baked head, wanted scans or OpenGL are absent.
    """

    def __init__(self, assets: Path | None = None, *, scanned: bool = False) -> None:
        data = verified_assets(assets)
        head = ensure_head(assets)
        self.head = with_scans(head, load_scans()) if scanned else head
        self._anatomy = Anatomy(self.head)
        self._wardrobe = Wardrobe(data)
        self.renderer = Renderer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.renderer.close()

    def resident(self, *, seed: int, index: int) -> Resident:
        """Person ``index`` of data set ``seed``."""
        return draw_resident(seed=seed, index=index, local_labels=self.head.local_labels)

    def figure(
        self,
        resident: Resident,
        *,
        dress: Dress = BARE,
        toothless: bool = False,
        wrinkles: bool = True,
        furrows: float = 1.0,
        actions: Callable[[Expression], dict[str, float]] = facial_actions,
    ) -> Figure:
        """The person's meshes; keep it while photographing the same person."""
        return Figure(
            anatomy=self._anatomy,
            wardrobe=self._wardrobe,
            resident=resident,
            dress=dress,
            toothless=toothless,
            wrinkles=wrinkles,
            furrows=furrows,
            actions=actions,
        )

    def take(
        self, figure: Figure, shot: Shot, *, size: tuple[int, int], rng: np.random.Generator
    ) -> Picture:
        """One picture, uint8 (H, W, 3), before a random wall.

        Args:
            figure: the person.
            shot: expression, camera, lamps, film.
            size: width and height in pixels.
            rng: source of background and noise.
        """
        parts = figure.parts(shot.expression, pose=shot.pose, lag=shot.lag, nearby=shot.nearby)
        layer = self.renderer.draw(parts, camera=shot.camera, lights=shot.lights, size=size)
        return develop(layer, draw_background(size, rng), shot.film, rng)

    def render_rgba(
        self,
        figure: Figure,
        *,
        height_px: int,
        expression: Expression = NEUTRAL,
        pose: HeadPose = FACING,
        lights: Lights | None = None,
        exposure: float = 0.24,
    ) -> npt.NDArray[np.uint8]:
        """Cut-out of head and shoulders for compositing.

        The head with hair fills about three quarters of the height; find the exact face box with a
        tracker. Same arguments, same pixels.

        Args:
            figure: the person.
            height_px: height (and width) of the cut-out.
            expression: what the face does.
            pose: head turn.
            lights: lamps; soft light from the front when None.
            exposure: mean linear brightness of the figure.

        Returns:
            uint8 (H, H, 4), sRGB colour that is not multiplied by alpha, and alpha.
        """
        layer = self.renderer.draw(
            figure.parts(expression, pose=pose),
            camera=portrait_camera(figure),
            lights=lights or draw_lights(0.0, np.random.default_rng(figure.resident.seed)),
            size=(height_px, height_px),
        )
        alpha = layer.alpha[..., None]
        straight = layer.colour / np.maximum(alpha, 1e-3)
        metered = exposure * exposure_share(figure.resident)
        display = to_display(straight * exposure_gain(layer, metered))
        rgba = np.concatenate([display, alpha], axis=2)
        return np.asarray(np.clip(rgba, 0.0, 1.0) * 255.0 + 0.5, dtype=np.uint8)


def portrait_camera(figure: Figure) -> Camera:
    """A camera straight ahead that shows head and shoulders."""
    target = figure.bridge + np.array([0.0, -0.035, -0.06], dtype=np.float32)
    return Camera(
        target=target,
        azimuth_deg=0.0,
        elevation_deg=2.0,
        roll_deg=0.0,
        distance_m=1.6,
        height_m=0.30,
    )


def exposure_share(resident: Resident) -> float:
    """Factor on the exposure that keeps dark skin dark."""
    return _DARK_SKIN_EXPOSURE if resident.ancestry == "african" else 1.0


def draw_shot(figure: Figure, expression: Expression, rng: np.random.Generator) -> Shot:
    """A random view, light and film for an expression; none depends on what is expressed."""
    camera, pose = draw_view(figure.eye_centre, rng)
    lights = draw_lights(camera.azimuth_deg, rng)
    film = draw_film(exposure_share(figure.resident), rng)
    return Shot(
        expression=expression,
        pose=pose,
        camera=camera,
        lights=lights,
        film=film,
        lag=draw_lag(rng),
    )
