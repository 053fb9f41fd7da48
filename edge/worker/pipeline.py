"""One frame in, one reading out, whatever happens in between."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Protocol

from edge.worker.messages import ReadingMessage, Sight, StageName
from edge.worker.recognise import Recogniser
from edge.worker.vitals import Vitals
from pain.values import Face, Frame, NoFace, Reading, Reason, Score, Unavailable

RECOVERED_AFTER_S: Final = 10.0
"""A stage that fails now and then is reported once, and again only after so much steady work."""

LONGEST_CAUSE: Final = 200

_log = logging.getLogger(__name__)

_DOING: Final[dict[StageName, str]] = {
    "capture": "capturing a frame",
    "track": "tracking a frame",
    "score": "scoring a frame",
}


class FaceTracker(Protocol):
    """Finds the resident's face."""

    def track(self, frame: Frame) -> Face | NoFace:
        """Find the face in one frame."""
        ...


class FaceScorer(Protocol):
    """Scores a face."""

    def score(self, face: Face) -> Score:
        """Score one face."""
        ...


class Pipeline:
    """Tracks and scores frames; a failure costs its own frame and nothing else.

    A frame on which anything fails is *unavailable* with reason ``model_failed``, never 0.

    Args:
        tracker: finds the face.
        scorer: scores it.
        vitals: told what works, fails and hangs.
        report_failure: called with a sentence when a stage begins to fail.
        stall_s: a stage that takes longer than this for one frame counts as stalled, seconds.
        recogniser: compares faces; None where everybody is scored.
    """

    def __init__(
        self,
        *,
        tracker: FaceTracker,
        scorer: FaceScorer,
        vitals: Vitals,
        report_failure: Callable[[str], None],
        stall_s: float,
        recogniser: Recogniser | None = None,
    ) -> None:
        self._tracker = tracker
        self._scorer = scorer
        self._vitals = vitals
        self._report_failure = report_failure
        self._stall_s = stall_s
        self._recogniser = recogniser
        self._failed_s: dict[StageName, float] = {}

    def process(self, frame: Frame) -> ReadingMessage:
        """Look at one frame.

        Returns:
            Its reading, checked to be within all scales.
        """
        seen = self._track(frame)
        if isinstance(seen, Face):
            sight = self._recognise(self._recogniser, frame, seen) if self._recogniser else None
            return self._score(frame, seen, sight)
        return ReadingMessage(reading=_reading(frame, seen))

    def _track(self, frame: Frame) -> Face | Unavailable:
        try:
            with self._vitals.during("track", limit_s=self._stall_s):
                seen = self._tracker.track(frame)
        except Exception as error:  # noqa: BLE001  (native libraries raise anything)
            return self._failed("track", frame, error)
        return Unavailable(reason=seen.reason) if isinstance(seen, NoFace) else seen

    def _recognise(self, recogniser: Recogniser, frame: Frame, face: Face) -> Sight:
        try:
            with self._vitals.during("score", limit_s=self._stall_s):
                return recogniser.look(face, at_s=frame.captured_s)
        except Exception as error:  # noqa: BLE001  (native libraries raise anything)
            self._failed("score", frame, error, doing="recognising a face")
            return recogniser.blind(face)

    def _score(self, frame: Frame, face: Face, sight: Sight | None) -> ReadingMessage:
        try:
            with self._vitals.during("score", limit_s=self._stall_s):
                # Making the message refuses levels outside their scale and not-a-number.
                return ReadingMessage(
                    reading=_reading(frame, self._scorer.score(face), face), sight=sight
                )
        except Exception as error:  # noqa: BLE001  (native libraries raise anything)
            outcome = self._failed("score", frame, error)
            return ReadingMessage(reading=_reading(frame, outcome, face), sight=sight)

    def _failed(
        self, stage: StageName, frame: Frame, error: Exception, *, doing: str | None = None
    ) -> Unavailable:
        cause = f"{type(error).__name__}: {error}"[:LONGEST_CAUSE]
        detail = f"{doing or _DOING[stage]} failed: {cause}"
        self._vitals.failed(stage, detail)
        before_s = self._failed_s.get(stage)
        self._failed_s[stage] = frame.captured_s
        if before_s is None or frame.captured_s - before_s > RECOVERED_AFTER_S:
            _log.error("%s", detail, exc_info=error)
            self._report_failure(detail)
        return Unavailable(reason=Reason.MODEL_FAILED)


def _reading(frame: Frame, outcome: Score | Unavailable, face: Face | None = None) -> Reading:
    return Reading(
        captured_s=frame.captured_s,
        wall_time=frame.wall_time,
        sequence=frame.sequence,
        outcome=outcome,
        face_height_px=face.height_px if face is not None else None,
    )
