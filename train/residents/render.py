"""Draws meshes with OpenGL on EGL, on a GPU or in software (llvmpipe)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pain.errors import AssetError
from train.residents.parts import Material, Part
from train.residents.shaders import (
    SHADOW_FRAGMENT,
    SHADOW_VERTEX,
    SURFACE_FRAGMENT,
    SURFACE_VERTEX,
)
from train.residents.view import Camera, Lights, look_at, orthographic

FloatArray = npt.NDArray[np.float32]

SHADOW_HALF_WIDTH_M: Final = 0.32
"""Enough for a head and its shoulders."""

_SHADOW_SIZE: Final = 1024
_LIGHT_DISTANCE_M: Final = 1.6
_CREASE_RADIUS_M: Final = 0.010
_CREASE_DEPTH_M: Final = 0.007
_CREASE_STRENGTH: Final = 0.45
_TEXTURES_KEPT: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A rendered picture before film and background.

    Attributes:
        colour: float32 (H, W, 3), linear light, multiplied by alpha.
        alpha: float32 (H, W), 0..1 coverage.
    """

    colour: FloatArray
    alpha: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A part of a picture in pixels; x and y are its left and top edge."""

    x: int
    y: int
    width: int
    height: int

    def matrix(self, size: tuple[int, int]) -> FloatArray:
        """Clip space of the whole picture to clip space of the part, (4, 4)."""
        scale_x, scale_y = size[0] / self.width, size[1] / self.height
        middle_x = 2.0 * (self.x + self.width / 2) / size[0] - 1.0
        middle_y = 1.0 - 2.0 * (self.y + self.height / 2) / size[1]
        matrix = np.diag([scale_x, scale_y, 1.0, 1.0])
        matrix[0, 3], matrix[1, 3] = -scale_x * middle_x, -scale_y * middle_y
        return matrix.astype(np.float32)


class Renderer:
    """Holds one OpenGL context; use it in one thread and close it, or use it with ``with``.

    Raises:
        AssetError: no OpenGL 3.3 context can be made.
    """

    def __init__(self) -> None:
        # One core a worker: llvmpipe would otherwise start a thread for every core in each.
        os.environ.setdefault("LP_NUM_THREADS", "1")
        _load_triton_first()
        import moderngl

        self._gl = moderngl
        try:
            settings: dict[str, Any] = {"standalone": True, "backend": "egl"}
            self._context: Any = moderngl.create_context(**settings)
        except Exception as error:  # glcontext raises bare exceptions
            raise AssetError(
                f"no OpenGL on EGL: {error}. Debian: apt-get install libegl1 libgl1 libgles2 "
                "libegl-mesa0 libgl1-mesa-dri"
            ) from error
        make = self._context.program
        self._surface: Any = make(vertex_shader=SURFACE_VERTEX, fragment_shader=SURFACE_FRAGMENT)
        self._shadow: Any = make(vertex_shader=SHADOW_VERTEX, fragment_shader=SHADOW_FRAGMENT)
        self._shadow_map = self._context.depth_texture((_SHADOW_SIZE, _SHADOW_SIZE))
        self._shadow_map.compare_func = "<="
        self._shadow_map.repeat_x = self._shadow_map.repeat_y = False
        self._shadow_buffer = self._context.framebuffer(depth_attachment=self._shadow_map)
        self._blank = self._context.texture((1, 1), 4, data=bytes(8), dtype="f2")
        self._textures: dict[str, Any] = {}
        self._targets: dict[tuple[int, int], Any] = {}

    @property
    def device(self) -> str:
        """What draws, e.g. ``llvmpipe (LLVM 15.0.6, 256 bits)``."""
        with self._context:
            return str(self._context.info["GL_RENDERER"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the context and all it holds back."""
        self._context.release()

    def draw(
        self,
        parts: Sequence[Part],
        *,
        camera: Camera,
        lights: Lights,
        size: tuple[int, int],
        supersample: int = 2,
        crop: Crop | None = None,
        shadow_half_width_m: float = SHADOW_HALF_WIDTH_M,
        unseen: Sequence[Part] = (),
    ) -> Layer:
        """Draw parts as a camera sees them.

        Args:
            parts: meshes.
            camera: where it stands and looks.
            lights: two lamps and the ambient light, placed around what the camera looks at.
            size: width and height of the whole picture in pixels.
            supersample: sub-pixels along each axis.
            crop: draw only this part of the picture; its pixels are those of the whole.
            shadow_half_width_m: how far from the camera's target shadows are cast.
            unseen: meshes that cast shadows but are not drawn.
        """
        crop = crop or Crop(x=0, y=0, width=size[0], height=size[1])
        width, height = crop.width * supersample, crop.height * supersample
        projection = crop.matrix(size) @ camera.projection(size[0] / size[1])
        view_projection = projection @ camera.view()
        lamps = [camera.target + _LIGHT_DISTANCE_M * lamp.direction for lamp in lights.lamps]
        shadow_projection = _shadow_projection(lamps[0], camera.target, shadow_half_width_m)
        # Another renderer of this process may have drawn, or been closed, in the meantime; names of
        # OpenGL objects mean nothing, or something else, in its context.
        with self._context:
            buffers = [self._upload(part) for part in parts]
            casters = [*buffers, *(self._upload(part) for part in unseen)]
            self._context.enable(self._gl.DEPTH_TEST)
            self._draw_shadows(casters, shadow_projection)
            target = self._target(width, height)
            target.use()
            target.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
            program = self._surface
            program["view_projection"].write(_bytes(view_projection))
            program["shadow_projection"].write(_bytes(shadow_projection))
            program["eye"] = tuple(camera.position())
            program["light_at"].write(np.asarray(lamps, dtype="f4").tobytes())
            colours = np.asarray([lamp.colour for lamp in lights.lamps], dtype="f4")
            program["light_colour"].write(colours.tobytes())
            program["ambient"] = lights.ambient
            self._set(program, colour_map=0, detail_map=1, shadow_map=2)
            self._shadow_map.use(2)
            for buffer in buffers:
                self._draw_surface(buffer)
            layer = self._read(target, supersample, camera, camera.pixels_per_metre(size[1]))
            for buffer in casters:
                buffer.release()
            return layer

    def _upload(self, part: Part) -> _Buffer:
        cloth = part.cloth if len(part.cloth) else np.full(len(part.positions), -1.0, np.float32)
        packed = np.concatenate([part.positions, part.normals, part.uv, cloth[:, None]], axis=1)
        vertices = self._context.buffer(np.ascontiguousarray(packed, dtype="f4").tobytes())
        indices = self._context.buffer(np.ascontiguousarray(part.faces, dtype="i4").tobytes())
        material = part.material
        detail = None
        if material.detail is not None:
            rows, columns, _ = material.detail.shape
            data = np.ascontiguousarray(material.detail).tobytes()
            detail = self._context.texture((columns, rows), 4, data=data, dtype="f2")
            detail.repeat_x = detail.repeat_y = False
        surface = self._context.vertex_array(
            self._surface,
            [(vertices, "3f 3f 2f 1f", "position", "normal", "uv", "cloth")],
            indices,
        )
        shadow = self._context.vertex_array(
            self._shadow, [(vertices, "3f 12x 2f 4x", "position", "uv")], indices
        )
        return _Buffer(
            surface=surface,
            shadow=shadow,
            colour=self._texture(material),
            detail=detail,
            material=material,
            owned=[surface, shadow, vertices, indices, *([detail] if detail else [])],
        )

    def _texture(self, material: Material) -> Any:
        found = self._textures.pop(material.key, None)
        if found is None:
            rows, columns, _ = material.texture.shape
            data = np.ascontiguousarray(material.texture).tobytes()
            found = self._context.texture((columns, rows), 4, data=data)
            found.build_mipmaps()
            while len(self._textures) >= _TEXTURES_KEPT:
                self._textures.pop(next(iter(self._textures))).release()
        self._textures[material.key] = found
        return found

    def _draw_shadows(self, buffers: Sequence[_Buffer], projection: FloatArray) -> None:
        self._shadow_buffer.use()
        self._shadow_buffer.clear(depth=1.0)
        self._shadow["shadow_projection"].write(_bytes(projection))
        self._shadow["colour_map"] = 0
        for buffer in buffers:
            self._shadow["cutout"] = buffer.material.cutout
            buffer.colour.use(0)
            buffer.shadow.render()

    def _draw_surface(self, buffer: _Buffer) -> None:
        material = buffer.material
        buffer.colour.use(0)
        (buffer.detail or self._blank).use(1)
        self._set(
            self._surface,
            tint=material.tint,
            roughness=material.roughness,
            specular=material.specular,
            softness=material.softness,
            bump=material.bump_m if buffer.detail else 0.0,
            window=material.window,
            garment=material.garment,
            cutout=material.cutout,
            two_sided=float(material.two_sided),
            creased=float(material.creased),
        )
        buffer.surface.render()

    @staticmethod
    def _set(program: Any, **uniforms: object) -> None:
        for name, value in uniforms.items():
            program[name] = value

    def _target(self, width: int, height: int) -> Any:
        if (width, height) not in self._targets:
            colour = self._context.texture((width, height), 4, dtype="f2")
            depth = self._context.depth_texture((width, height))
            figure = self._context.texture((width, height), 1)
            self._targets[width, height] = self._context.framebuffer([colour, figure], depth)
        return self._targets[width, height]

    @staticmethod
    def _read(target: Any, supersample: int, camera: Camera, pixels_per_metre: float) -> Layer:
        width, height = target.size
        rows, columns = height // supersample, width // supersample
        blocks = (rows, supersample, columns, supersample)
        raw = np.frombuffer(target.color_attachments[0].read(), dtype=np.float16)
        rgba = raw.reshape(height, width, 4)[::-1].astype(np.float32)
        rgba = rgba.reshape(*blocks, 4).mean(axis=(1, 3))
        depth = np.frombuffer(target.depth_attachment.read(), dtype=np.float32)
        depth = depth.reshape(height, width)[::-1]
        metres = camera.distance_of(depth).reshape(blocks).mean(axis=(1, 3))
        figure = np.frombuffer(target.color_attachments[1].read(alignment=1), dtype=np.uint8)
        figure = figure.reshape(height, width)[::-1].reshape(blocks).min(axis=(1, 3)) > 0
        shade = _creases(metres, figure.astype(np.float32), pixels_per_metre)
        return Layer(colour=rgba[..., :3] * shade[..., None], alpha=rgba[..., 3])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Buffer:
    """A part on the GPU."""

    surface: Any
    shadow: Any
    colour: Any
    detail: Any
    material: Material
    owned: Sequence[Any]

    def release(self) -> None:
        for item in self.owned:
            item.release()


def _creases(metres: FloatArray, solid: FloatArray, pixels_per_metre: float) -> FloatArray:
    """Factor that darkens what lies deeper than its surroundings: sockets, nostrils, lips.

    Unsharp masking of the depth buffer (Luft, Colditz & Deussen 2006), over the figure alone: a
    wall far behind an edge is no crease.
    """
    sigma = max(_CREASE_RADIUS_M * pixels_per_metre, 0.8)
    weight = ndimage.gaussian_filter(solid, sigma)
    around = ndimage.gaussian_filter(np.where(solid > 0, metres, 0.0), sigma)
    deeper = metres - around / np.maximum(weight, 1e-3)
    shade = np.clip(deeper / _CREASE_DEPTH_M, 0.0, 1.0) * solid
    return np.asarray(1.0 - _CREASE_STRENGTH * shade, dtype=np.float32)


def _shadow_projection(lamp: FloatArray, target: FloatArray, half: float) -> FloatArray:
    up = np.array([0.0, 1.0, 0.01], dtype=np.float32)
    projection = orthographic(
        half, half, _LIGHT_DISTANCE_M - 2.2 * half, _LIGHT_DISTANCE_M + 2.2 * half
    )
    return projection @ look_at(lamp, target, up)


def _bytes(matrix: npt.NDArray[np.floating]) -> bytes:
    """Column-major bytes, as OpenGL reads matrices."""
    return np.ascontiguousarray(matrix.T, dtype=np.float32).tobytes()


def _load_triton_first() -> None:
    """Let PyTorch's Triton, where installed, bind to its own LLVM.

    Mesa shows the LLVM of its software renderer to every library that is loaded later. Triton,
    which the first optimiser of PyTorch imports, would call into it and crash the process.
    """
    with suppress(ImportError):
        import_module("triton")
