"""MediaPipe Face Landmarker behind one method: a picture in, the faces it holds out."""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from edge.quiet import hush
from edge.track.mesh_result import MeshResult, detect_with
from pain.align import head_pose
from pain.errors import ModelFileError
from pain.values import Box, HeadPose

FOREHEAD: Final = 10
CHIN: Final = 152
"""Landmarks whose distance is the height of a face."""

MIDDLE: Final = 0.25
"""A detection whose centre is nearer to the picture's than this share of its sides is in it."""

LEAST_SCORE: Final = 0.2
"""Detections of which the detector is less sure are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A face in the picture that was given.

    Attributes:
        landmarks: float32 (478, 3), pixels of that picture; z on the scale of x.
        blendshapes: float32 (52,) in 0..1, ordered as ``pain.action_units.BLENDSHAPES``.
        pose: head rotation.
        box: tight box around the landmarks, pixels of that picture.
    """

    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    pose: HeadPose
    box: Box

    @property
    def height_px(self) -> float:
        """Top of the forehead to the chin, pixels."""
        across, down, _ = (self.landmarks[CHIN] - self.landmarks[FOREHEAD]).tolist()
        return math.hypot(across, down)

    def moved(self, *, zoom: float, x: float, y: float) -> Detection:
        """The same face in a picture that this one is an enlarged part of.

        Landmarks count from the picture's corner, so scaling them is exact.

        Args:
            zoom: how much larger this picture is.
            x: left edge of the part, px.
            y: top edge of the part, px.
        """
        offset = np.array((x, y, 0), np.float32)
        return replace(
            self,
            landmarks=self.landmarks / np.float32(zoom) + offset,
            box=Box(
                x=self.box.x / zoom + x,
                y=self.box.y / zoom + y,
                width=self.box.width / zoom,
                height=self.box.height / zoom,
            ),
        )


class Landmarker:
    """The model, loaded; use it as a context manager or call ``close``.

    Left open until the interpreter ends, MediaPipe complains about its own thread pool on stderr.

    Each picture is judged by itself (IMAGE mode): no state carries over, so a result depends on
    the pixels alone and training sees what the daemon sees.

    Args:
        model: verified path, see ``edge.track.model_file.locate_landmarker``.
        max_faces: most faces reported for one picture; costs nothing until there are several.

    Raises:
        ModelFileError: MediaPipe cannot load the file.
    """

    def __init__(self, *, model: Path, max_faces: int = 4) -> None:
        hush()
        with _native_stderr_held() as said:
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

            self._image = mediapipe.Image
            self._srgb = mediapipe.ImageFormat.SRGB
            options = vision.FaceLandmarkerOptions(
                base_options=BaseOptions(
                    model_asset_path=str(model), delegate=BaseOptions.Delegate.CPU
                ),
                running_mode=vision.RunningMode.IMAGE,
                num_faces=max_faces,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
            try:
                self._model = vision.FaceLandmarker.create_from_options(options)
                self._detect = detect_with(self._model)
                self._detector = vision.FaceDetector.create_from_options(_detector_options(model))
                # The first call builds the interpreters, which chatter too.
                self.detect(np.zeros((128, 128, 3), np.uint8))
            except (RuntimeError, ValueError, OSError, KeyError, BadZipFile) as error:
                raise ModelFileError(
                    f"MediaPipe cannot load {model}: {error} {said()}".strip()
                ) from error

    def detect(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Find faces in one picture.

        Args:
            image: uint8 (H, W, 3) RGB; a slice of a larger picture is copied first.

        Returns:
            Every face found, largest first.
        """
        height, width = image.shape[:2]
        picture = self._image(image_format=self._srgb, data=np.ascontiguousarray(image))
        size = np.array((width, height, width), np.float32)
        faces = [_detection(found, size) for found in self._detect(picture)]
        return sorted(faces, key=lambda face: face.height_px, reverse=True)

    def detector_score(self, image: npt.NDArray[np.uint8]) -> float:
        """How sure the model's own detector is of a face in the middle of a picture.

        The detector learnt from faces the right way up, and is less sure of others.

        Args:
            image: uint8 (H, W, 3) RGB.

        Returns:
            0..1; 0 where none answers.
        """
        height, width = image.shape[:2]
        picture = self._image(image_format=self._srgb, data=np.ascontiguousarray(image))
        best = 0.0
        for found in self._detector.detect(picture).detections:
            box = found.bounding_box
            x, y = box.origin_x + box.width / 2, box.origin_y + box.height / 2
            if math.hypot(x / width - 0.5, y / height - 0.5) < MIDDLE:
                best = max(best, float(found.categories[0].score))
        return best

    def close(self) -> None:
        """Free the model; the object cannot be used afterwards."""
        self._model.close()
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _detector_options(model: Path) -> Any:
    """The detector inside the task file by itself: the landmarker does not tell what it says."""
    from mediapipe.tasks.python import BaseOptions, vision

    with ZipFile(model) as parts:
        detector = parts.read("face_detector.tflite")
    return vision.FaceDetectorOptions(
        base_options=BaseOptions(model_asset_buffer=detector, delegate=BaseOptions.Delegate.CPU),
        running_mode=vision.RunningMode.IMAGE,
        min_detection_confidence=LEAST_SCORE,
    )


def _detection(found: MeshResult, size: npt.NDArray[np.float32]) -> Detection:
    landmarks = found.points * size
    left, top, _ = landmarks.min(axis=0).tolist()
    right, bottom, _ = landmarks.max(axis=0).tolist()
    return Detection(
        landmarks=landmarks,
        blendshapes=found.blendshapes,
        pose=head_pose(found.matrix[:3, :3].astype(np.float64)),
        box=Box(x=left, y=top, width=right - left, height=bottom - top),
    )


@contextmanager
def _native_stderr_held() -> Iterator[Callable[[], str]]:
    """Hold back what native code writes to file descriptor 2 meanwhile.

    MediaPipe's C++ logs four lines at every start before its log level can be set; no variable
    silences them. They are kept so that a failed start can quote them.

    Yields:
        Function that gives the text so far.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held, _descriptor_copy(2) as real:

        def said() -> str:
            held.seek(0)
            return held.read().decode(errors="replace").strip()

        os.dup2(held.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(real, 2)


@contextmanager
def _descriptor_copy(descriptor: int) -> Iterator[int]:
    copy = os.dup(descriptor)
    try:
        yield copy
    finally:
        os.close(copy)
