"""Lets a score through when the face is the enrolled resident's."""

from __future__ import annotations

from dataclasses import replace

from edge.config.identity import IdentityConfig
from edge.identity.values import Template, distance
from edge.worker.messages import Sight
from pain.values import Reading, Reason, Score, Unavailable


class IdentityGate:
    """Judges the readings of one room. Not thread-safe.

    A followed face is unknown until one comparison finds it near the template. From then on it
    counts as the resident's while it is followed without a break, until ``grace_s`` have passed
    since it was last found near: a grimace that no longer looks like the enrolled face must not end
    the scoring of the very pain that made it. A face of a new track is unknown again.

    Without a template everybody is scored. A frame without a face keeps its own reason.

    Args:
        config: of the room.
    """

    def __init__(self, config: IdentityConfig) -> None:
        self._config = config
        self._template: Template | None = None
        self._track: int | None = None
        self._near_s: float | None = None
        self._failing = False
        self._recognised: bool | None = None

    @property
    def recognised(self) -> bool | None:
        """Whether the face seen last was the resident's; None before any, or without a template."""
        return None if self._template is None else self._recognised

    def expect(self, template: Template | None) -> None:
        """Compare with another template from now on, or with none; every face is unknown again."""
        self._template = template
        self._track = self._near_s = self._recognised = None

    def judge(self, reading: Reading, sight: Sight | None) -> Reading:
        """Take the score of a face that is not known to be the resident's out of a reading.

        Args:
            reading: as the worker sent it.
            sight: of the same frame; None where no face was seen.

        Returns:
            The reading, or the same with *unavailable*: not_resident, or model_failed while the
            embedding fails, which is nobody's absence.
        """
        template = self._template
        if template is None:
            return reading
        if sight is not None:
            self._compare(template, sight, at_s=reading.captured_s)
        known = sight is not None and self._recognised
        if known or not isinstance(reading.outcome, Score):
            return reading
        reason = Reason.MODEL_FAILED if self._failing else Reason.NOT_RESIDENT
        return replace(reading, outcome=Unavailable(reason=reason))

    def _compare(self, template: Template, sight: Sight, *, at_s: float) -> None:
        if sight.track != self._track:
            self._track, self._near_s = sight.track, None
        if sight.vector is not None:
            self._failing = False
            if distance(template.vector, sight.vector) <= self._config.threshold:
                self._near_s = at_s
        elif sight.failed:
            self._failing = True
        since_s = self._near_s
        self._recognised = since_s is not None and at_s - since_s <= self._config.grace_s
