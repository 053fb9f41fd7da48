"""When the followed face is compared: once in a while, and soon when it is a new one."""

from __future__ import annotations

from typing import Final, Protocol

from edge.worker.messages import Sight
from pain.values import Face

LEAST_S: Final = 0.5
"""A face that comes and goes is a new one each time; it is compared no more often than this."""


class FaceEmbedder(Protocol):
    """Turns a face into numbers that tell whose it is."""

    def embed(self, face: Face) -> tuple[float, ...]:
        """The vector of one face, of length 1."""
        ...


class Recogniser:
    """Makes the sight of each frame; whose face it is, the gateway decides.

    Args:
        embedder: the face embedding.
        check_every_s: pace of comparisons of one face, s.
    """

    def __init__(self, embedder: FaceEmbedder, *, check_every_s: float) -> None:
        self._embedder = embedder
        self._check_every_s = check_every_s
        self._track: int | None = None
        self._looked_s = float("-inf")

    def blind(self, face: Face) -> Sight:
        """The sight of a frame on which the embedding failed."""
        return Sight(track=face.track, alone=face.alone, failed=True)

    def look(self, face: Face, *, at_s: float) -> Sight:
        """The sight of one frame, with a vector when one is due.

        Args:
            face: as tracked.
            at_s: monotonic capture time, s.

        Raises:
            ScoringError: the embedding failed; it is tried again when the next one is due.
        """
        waited_s = at_s - self._looked_s
        due_s = self._check_every_s if face.track == self._track else LEAST_S
        if waited_s < due_s:
            return Sight(track=face.track, alone=face.alone)
        self._track, self._looked_s = face.track, at_s
        return Sight(track=face.track, alone=face.alone, vector=self._embedder.embed(face))
