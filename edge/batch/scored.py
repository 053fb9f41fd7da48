"""Faces of pictures and videos, scored: what ``painwatch score`` and ``painwatch.score`` give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from edge.batch.media import Media, Problem, find_media, read_picture, video_frames
from edge.config import QualityConfig, ScoringConfig, TrackingConfig
from edge.score import Scorer
from edge.track.landmarker import Landmarker
from edge.track.model_file import locate_landmarker
from edge.track.stills import Stills
from edge.track.tracker import Tracker
from pain.action_units import ActionUnit
from pain.clock import SystemClock
from pain.errors import ScoringError, SourceError
from pain.values import Face, NoFace, Reason, Score, Unavailable

Image = npt.NDArray[np.uint8]
Source = str | Path | Image
"""A picture, a video or a folder by its path; or a picture as uint8 (H, W, 3) RGB."""

Row = dict[str, str | float | int | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredFace:
    """One face of a picture, or the followed face of one frame of a video.

    Attributes:
        file: where it was, as in the folder that was named.
        at_s: time in the video, seconds; None for a picture.
        number: of the face in its picture, the largest first; 0 where none was found.
        outcome: the score; or why there is none, which is never a level of 0.
        face: place, landmarks, blendshapes and pose as tracked; None without a face.
    """

    file: str
    at_s: float | None
    number: int
    outcome: Score | Unavailable
    face: Face | None

    @property
    def level(self) -> float | None:
        """Pain level 0..6, None where there is none."""
        return self.outcome.level if isinstance(self.outcome, Score) else None

    @property
    def reason(self) -> Reason | None:
        """Why there is no level, None where there is one."""
        return self.outcome.reason if isinstance(self.outcome, Unavailable) else None

    def row(self) -> Row:
        """One line of a table: every column is in every row, empty where there is nothing."""
        score = self.outcome if isinstance(self.outcome, Score) else None
        face = self.face
        units = score.action_units if score else {}
        return {
            "file": self.file,
            "at_s": self.at_s,
            "face": self.number,
            "level": self.level,
            "pspi": score.pspi if score else None,
            "confidence": score.confidence if score else None,
            "reason": self.reason.value if self.reason else None,
            **{unit.value: units.get(unit) for unit in ActionUnit},
            "yaw_deg": face.pose.yaw_deg if face else None,
            "pitch_deg": face.pose.pitch_deg if face else None,
            "roll_deg": face.pose.roll_deg if face else None,
            "height_px": face.height_px if face else None,
            "x_px": face.box.x if face else None,
            "y_px": face.box.y if face else None,
            "box_width_px": face.box.width if face else None,
            "box_height_px": face.box.height if face else None,
        }


class FaceScorer:
    """Finds and scores faces outside of any room. Use it as a context manager.

    Args:
        bundle_dir: folder of the bundle; None for the default one in the package.
        crops: whether pictures are our own aligned crops; None asks each of them.

    Raises:
        ModelFileError: the face landmarker is absent; ``painwatch models fetch`` obtains it.
        BundleError: the bundle cannot be used.
    """

    def __init__(self, *, bundle_dir: Path | None = None, crops: bool | None = None) -> None:
        self.scorer = Scorer(bundle_dir=bundle_dir, scoring=ScoringConfig())
        self._landmarker = Landmarker(model=locate_landmarker(None))
        self._crops = crops
        self._stills = Stills(landmarker=self._landmarker, want_crop=self.scorer.wants_crop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._landmarker.close()

    def picture(self, image: Image, *, file: str) -> list[ScoredFace]:
        """Score every face of a picture.

        Args:
            image: uint8 (H, W, 3) RGB.
            file: its name.

        Returns:
            One a face, largest first; one with the reason where there is no face.

        Raises:
            SourceError: crops are meant, and this is none.
        """
        seen: list[Face | NoFace] = []
        if self._crops is not False:
            crop = self._stills.crop(image)
            if crop is None and self._crops:
                raise SourceError("no aligned crop of ours (256 x 256 px); leave --crops out")
            seen = [crop] if crop is not None else []
        seen = seen or self._stills.faces(image)
        if not seen:
            return [self._scored(NoFace(reason=Reason.NO_FACE), file, None, 0)]
        return [self._scored(one, file, None, number) for number, one in enumerate(seen, start=1)]

    def video(self, path: Path, *, file: str, every_s: float = 0.0) -> Iterator[ScoredFace]:
        """Score the face that the daemon would follow, frame by frame.

        Raises:
            SourceError: it cannot be read, or holds no picture.
        """
        tracker = Tracker(
            landmarker=self._landmarker,
            tracking=TrackingConfig(),
            quality=QualityConfig(),
            zone=None,
            masks=(),
            want_crop=self.scorer.wants_crop,
            clock=SystemClock(),
        )
        for frame in video_frames(path, every_s=every_s):
            seen = tracker.track(frame)
            number = int(isinstance(seen, Face))
            yield self._scored(seen, file, frame.captured_s, number)

    def _scored(
        self, seen: Face | NoFace, file: str, at_s: float | None, number: int
    ) -> ScoredFace:
        face = seen if isinstance(seen, Face) else None
        outcome: Score | Unavailable
        if isinstance(seen, NoFace):
            outcome = Unavailable(reason=seen.reason)
        else:
            try:
                outcome = self.scorer.score(seen)
            except ScoringError:
                outcome = Unavailable(reason=Reason.MODEL_FAILED)
        return ScoredFace(file=file, at_s=at_s, number=number, outcome=outcome, face=face)


def score_sources(
    sources: Iterable[Source],
    scorer: FaceScorer,
    *,
    every_s: float = 0.0,
    on_problem: Callable[[Problem], None],
    on_media: Callable[[Media], None] = lambda _media: None,
    on_scored: Callable[[ScoredFace], None] = lambda _scored: None,
) -> list[ScoredFace]:
    """Score pictures, folders and videos, one after another.

    Args:
        sources: paths, or pictures as arrays.
        scorer: what scores.
        every_s: least time between two frames of a video, seconds; 0 for every frame.
        on_problem: told what cannot be used; the rest goes on.
        on_media: told each file before it is looked at.
        on_scored: told each face as it is scored.

    Returns:
        One a face or frame, in order.
    """
    arrays = [one for one in sources if isinstance(one, np.ndarray)]
    media, problems = find_media(Path(one) for one in sources if not isinstance(one, np.ndarray))
    for problem in problems:
        on_problem(problem)
    scored: list[ScoredFace] = []
    for number, image in enumerate(arrays):
        scored += scorer.picture(_checked(image, number), file=f"picture {number}")
    for one in media:
        on_media(one)
        try:
            found = (
                scorer.video(one.path, file=one.name, every_s=every_s)
                if one.is_video
                else scorer.picture(read_picture(one.path), file=one.name)
            )
            own = []
            for face in found:
                own.append(face)
                on_scored(face)
        except SourceError as error:
            on_problem(Problem(name=one.name, words=str(error)))
            continue
        scored += own
        if all(face.face is None for face in own):
            reasons = ", ".join(sorted({face.reason.value for face in own if face.reason}))
            on_problem(Problem(name=one.name, words=f"no face that may be scored ({reasons})"))
    return scored


def _checked(image: Image, number: int) -> Image:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:  # noqa: PLR2004
        raise SourceError(
            f"picture {number} is {image.dtype} {image.shape}; give uint8 (height, width, 3), RGB"
        )
    return np.ascontiguousarray(image)
