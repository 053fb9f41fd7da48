"""Holds graphs against a first one on clips: their readings, and the alarms that come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from export.clips.alarms import Change, compare_alarms, outcomes
from export.clips.read import Clip
from export.verify.moved import moved
from pain.bundle import Bundle, Difference

Arrays = Mapping[Any, npt.NDArray[Any]]
Run = Callable[[Arrays], Arrays]
"""From inputs by name to outputs by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipComparison:
    """What changed on one clip.

    Attributes:
        name: of the file.
        length_s: its length, seconds.
        faces: number of faces read.
        moved: how far each reading moved: ``level``, ``pspi``, every action unit.
        alarms: every alarm of one or the other.
    """

    name: str
    length_s: float
    faces: int
    moved: Mapping[str, Difference]
    alarms: tuple[Change, ...]


class ClipJudge:
    """Compares graphs on clips with a first one, which runs once.

    Args:
        clips: as the tracker saw them.
        bundle: whose graphs they are.
        before: the first graph.
    """

    def __init__(self, clips: Sequence[Clip], bundle: Bundle, before: Run) -> None:
        self._clips = clips
        self._bundle = bundle
        self._before = [self._only(before(clip.inputs)) for clip in clips]

    def __call__(self, after: Run) -> tuple[ClipComparison, ...]:
        """What changes from the first graph to this one, clip by clip.

        Raises:
            ExportError: outputs are missing, have other shapes, or a value is no number.
        """
        return tuple(
            self._compared(clip, before, self._only(after(clip.inputs)))
            for clip, before in zip(self._clips, self._before, strict=True)
        )

    def _only(self, said: Arrays) -> Arrays:
        return {name: said[name] for name in self._bundle.outputs}

    def _compared(self, clip: Clip, before: Arrays, after: Arrays) -> ClipComparison:
        units, calibration = self._bundle.action_units, self._bundle.calibration
        readings = [
            outcomes(clip, said, units=units, calibration=calibration) for said in (before, after)
        ]
        return ClipComparison(
            name=clip.name,
            length_s=clip.at_s[-1] - clip.at_s[0],
            faces=clip.faces,
            moved=moved(before, after, units),
            alarms=compare_alarms(clip.at_s, *readings),
        )
