"""What MediaPipe found, read as arrays from where its native code keeps it.

MediaPipe's own Python makes an object of each of the 478 points before it hands them over, .8 ms a
face of the 10 ms that it computes (0.10.33). Releases that keep results in C structures let us read
the memory itself; others (0.10.18, on aarch64) give objects, which are turned into arrays here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

_XYZ = attrgetter("x", "y", "z")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeshResult:
    """One face.

    Attributes:
        points: float32 (478, 3), x and y in shares of the picture's sides, z on the scale of x.
        blendshapes: float32 (52,) in 0..1, in MediaPipe's order.
        matrix: float32 (4, 4), from the canonical face to the camera.
    """

    points: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    matrix: npt.NDArray[np.float32]


Detect = Callable[[Any], list[MeshResult]]
"""Finds faces in a ``mediapipe.Image``."""


def detect_with(model: Any) -> Detect:
    """The quickest way to a landmarker's results that the installed MediaPipe offers.

    Args:
        model: ``mediapipe.tasks.python.vision.FaceLandmarker`` in IMAGE mode.
    """
    from mediapipe.tasks.python.vision import face_landmarker

    structure = getattr(face_landmarker, "FaceLandmarkerResultC", None)
    if structure is None or not hasattr(model, "_handle"):
        return lambda picture: from_objects(model.detect(picture))
    return lambda picture: _from_memory(model, structure, picture)


def from_objects(result: Any) -> list[MeshResult]:
    """Arrays of what ``FaceLandmarker.detect`` returns."""
    return [
        MeshResult(
            points=_points(points),
            blendshapes=np.array([category.score for category in categories], np.float32),
            matrix=np.asarray(matrix, np.float32),
        )
        for points, categories, matrix in zip(
            result.face_landmarks,
            result.face_blendshapes,
            result.facial_transformation_matrixes,
            strict=True,
        )
    ]


def _points(points: Iterable[Any]) -> npt.NDArray[np.float32]:
    # fromiter takes two thirds of the time of an array of tuples.
    numbers = chain.from_iterable(map(_XYZ, points))
    return np.fromiter(numbers, np.float32).reshape(-1, 3)


def _from_memory(model: Any, structure: Any, picture: Any) -> list[MeshResult]:
    """The call that ``FaceLandmarker.detect`` makes, without its objects."""
    result = structure()
    model._lib.MpFaceLandmarkerDetectImage(  # noqa: SLF001
        model._handle,  # noqa: SLF001
        picture._image_ptr,  # noqa: SLF001
        None,
        ctypes.byref(result),
    )
    try:
        faces = result.face_landmarks_count
        others = (result.face_blendshapes_count, result.facial_transformation_matrixes_count)
        if any(count != faces for count in others):
            raise ValueError(f"MediaPipe found {faces} meshes with {others} shapes and matrices")
        return [_face(result, index) for index in range(faces)]
    finally:
        model._lib.MpFaceLandmarkerCloseResult(ctypes.byref(result))  # noqa: SLF001


def _face(result: Any, index: int) -> MeshResult:
    mesh = result.face_landmarks[index]
    shapes = result.face_blendshapes[index]
    return MeshResult(
        points=_columns(mesh.landmarks, mesh.landmarks_count, ("x", "y", "z")),
        blendshapes=_columns(shapes.categories, shapes.categories_count, ("score",))[:, 0],
        matrix=result.facial_transformation_matrixes[index].to_numpy(),
    )


def _columns(first: Any, count: int, names: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """Fields of an array of C structures, float32 (count, names), copied."""
    structure = first._type_
    memory = (structure * count).from_address(ctypes.addressof(first.contents))
    words = np.frombuffer(memory, np.float32).reshape(count, -1)
    width = np.dtype(np.float32).itemsize
    return words[:, [getattr(structure, name).offset // width for name in names]]
