"""One enrolment: vectors of one face in a calm window, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from edge.config.identity import IdentityConfig
from edge.identity.values import Template, Vector, distance, mean_of
from edge.worker.messages import EmbeddingInUse, Sight
from pain.clock import Moment
from pain.values import Reading, Reason, Unavailable

AGREEMENT: Final = 0.5
"""Share of the threshold within which the vectors lie around their mean: a template whose own
pictures need the whole threshold leaves no room for other days."""

MOST_ODD: Final = 0.1
"""Share of vectors that may lie farther away: a blink, a turned head."""


@dataclass(slots=True, kw_only=True)
class Enrolment:
    """Collects until its end.

    Attributes:
        person: id of the person who asked for it.
        consent: who consented, when and how.
        begun_s: monotonic time of its beginning, seconds.
    """

    config: IdentityConfig
    embedding: EmbeddingInUse
    person: str
    consent: str
    begun_s: float
    _vectors: list[Vector] = field(default_factory=list, repr=False)

    @property
    def ends_s(self) -> float:
        """Monotonic time of its end, seconds."""
        return self.begun_s + self.config.enrol_window_s

    def add(self, reading: Reading, sight: Sight | None) -> str | None:
        """Take in one frame.

        Returns:
            Why the enrolment is over at once, in words for a nurse; None while it goes on.
        """
        if reading.captured_s < self.begun_s:
            return None
        several = (
            isinstance(reading.outcome, Unavailable)
            and reading.outcome.reason is Reason.SEVERAL_FACES
        )
        if several or (sight is not None and not sight.alone):
            return "another face was in the picture; ask again when the resident is alone"
        if sight is not None and sight.vector is not None:
            self._vectors.append(sight.vector)
        return None

    def judge(self, now: Moment) -> Template | str:
        """The template, or why there is none, in words for a nurse."""
        found, needed = len(self._vectors), self.config.enrol_samples
        if found < needed:
            return (
                f"the face was seen well enough in {found} pictures of the window, {needed} are "
                "needed"
            )
        middle = mean_of(self._vectors)
        if middle is None or self._odd(middle) > MOST_ODD * found:
            return (
                "the pictures do not agree on one face; ask again when the resident is alone, "
                "awake and in good light"
            )
        return Template(
            bundle=self.embedding.bundle,
            bundle_sha256=self.embedding.bundle_sha256,
            vector=middle,
            samples=found,
            enrolled_at=now.wall,
            person=self.person,
            consent=self.consent,
        )

    def _odd(self, middle: Vector) -> int:
        widest = AGREEMENT * self.config.threshold
        return sum(distance(middle, vector) > widest for vector in self._vectors)
