"""What one labelled picture is, whichever data set it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pain.action_units import ActionUnit
from pain.values import HeadPose
from train.data.problem import Problem
from train.residents.expression import Kind


class Origin(StrEnum):
    """Whether the face belongs to somebody. Always said, never guessed, never mixed in a figure."""

    REAL = "real"
    SYNTHETIC = "synthetic"


class Half(StrEnum):
    """Part of the picture that holds the face, where two faces share one file."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demographics:
    """Who is shown, as far as the set says.

    Attributes:
        age_years: age.
        age_band: age as a range in years, e.g. ``65-79`` or ``75+``.
        sex: ``female``, ``male`` or ``other``.
        ancestry: the set's own word in lower case, e.g. ``caucasian``.
        skin_tone: the set's own word, e.g. a Fitzpatrick type.
    """

    age_years: float | None = None
    age_band: str | None = None
    sex: str | None = None
    ancestry: str | None = None
    skin_tone: str | None = None


UNKNOWN_PERSON = Demographics()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture, or one frame of a clip, with what is known of it. None means not known.

    Attributes:
        id: unique within the set and stable: the path below the set's folder, with ``#`` and the
            frame in a video or ``@`` and the half of a picture.
        image: the picture or video file.
        subject: whose face it is; a subject never crosses a split.
        origin: real or synthetic.
        source: name of the set.
        level: pain level 0..6.
        pspi: PSPI 0..16.
        units: intensity 0..5 of every AU that was coded; AU43 is 0 or 5 where a set codes 0 or 1.
        expression: the set's name of the expression, e.g. ``pain``, ``smile``.
        kind: neutral, pain, or something that may be mistaken for it.
        demographics: who is shown.
        sequence: clip that the frame belongs to; its frames are in order of ``time_s``.
        time_s: time of the frame in its clip, seconds.
        frame: position in the video file when ``image`` is one.
        half: part of the picture that belongs to this sample.
        pose: true head pose, where the set knows it.
        ratings: further scores by name in their own units, e.g. ``vas`` of a whole sequence.
    """

    id: str
    image: Path
    subject: str
    origin: Origin
    source: str
    level: float | None = None
    pspi: float | None = None
    units: Mapping[ActionUnit, float] | None = None
    expression: str | None = None
    kind: Kind | None = None
    demographics: Demographics = UNKNOWN_PERSON
    sequence: str | None = None
    time_s: float | None = None
    frame: int | None = None
    half: Half | None = None
    pose: HeadPose | None = None
    ratings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A set of samples.

    Attributes:
        name: e.g. ``unbc-mcmaster``.
        root: folder that it was read from.
        licence: what its owners allow, in one sentence.
        samples: in a stable order, frames of one clip together and in order of time.
        notes: what was assumed or left out while reading; for people.
        problems: rows that could not be used; empty unless they were asked for.
        joined: identifiers that differ only in case, leading zeros, blanks or Unicode form and
            were read as one person.
    """

    name: str
    root: Path
    licence: str
    samples: tuple[Sample, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    joined: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every subject once, sorted."""
        return tuple(sorted({sample.subject for sample in self.samples}))

    @property
    def origins(self) -> frozenset[Origin]:
        """Origins that occur; more than one in a figure must be said beside it."""
        return frozenset(sample.origin for sample in self.samples)
