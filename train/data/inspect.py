"""Whether a data set is fit to train on, and what to do when it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from pain.errors import DataError
from pain.scales import LEVEL_COUNT, pspi
from pain.values import Reason
from train.data.sample import Dataset, Origin, Sample
from train.data.subjects import require_subjects
from train.data.survey import Survey

UNKNOWN: Final = "unknown"
SMALLEST_SIDE_PX: Final = 64
PSPI_TOLERANCE: Final = 0.51
_EXAMPLES: Final = 3


class Gravity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a set that its user should know.

    Attributes:
        gravity: an error makes the set unfit.
        what: one sentence with the number.
        advice: what to do.
        examples: where to look first.
    """

    gravity: Gravity
    what: str
    advice: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """What the tracker found.

    Attributes:
        found: samples with a face.
        missed: samples without, by reason.
        examples: some of these samples.
    """

    found: int
    missed: Mapping[Reason, int]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A set in numbers.

    Attributes:
        dataset: the set.
        survey: facts about its files.
        levels: samples by level 0..6, rounded; without a level under ``UNKNOWN``.
        per_person: number of samples of every person, ascending.
        demographics: people by value, by trait.
        kinds: samples by expression kind.
        faces: what the tracker found, None when it was not asked.
        findings: errors first.
    """

    dataset: Dataset
    survey: Survey
    levels: Mapping[str, int]
    per_person: tuple[int, ...]
    demographics: Mapping[str, Mapping[str, int]]
    kinds: Mapping[str, int]
    faces: Faces | None
    findings: tuple[Finding, ...]

    @property
    def fit(self) -> bool:
        """Whether nothing forbids to train on it."""
        return all(finding.gravity is not Gravity.ERROR for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Everything in plain JSON values."""
        sizes = Counter(f"{f.size_px[0]}x{f.size_px[1]}" for f in self.survey.files if f.size_px)
        return {
            "name": self.dataset.name,
            "licence": self.dataset.licence,
            "origins": sorted(self.dataset.origins),
            "samples": len(self.dataset),
            "people": len(self.per_person),
            "samples_per_person": _spread(self.per_person),
            "levels": dict(self.levels),
            "kinds": dict(self.kinds),
            "demographics": {trait: dict(counts) for trait, counts in self.demographics.items()},
            "sizes_px": dict(sizes.most_common()),
            "faces": None
            if self.faces is None
            else {"found": self.faces.found, "missed": dict(self.faces.missed)},
            "notes": list(self.dataset.notes),
            "findings": [
                {
                    "gravity": finding.gravity.value,
                    "what": finding.what,
                    "advice": finding.advice,
                    "examples": list(finding.examples),
                }
                for finding in self.findings
            ],
            "fit": self.fit,
        }


def inspect(
    dataset: Dataset, survey: Survey, *, faces: Faces | None = None, one_picture_each: bool = False
) -> Inspection:
    """Judge a set.

    Args:
        dataset: read without ``strict`` and without ``need_people``, so that everything shows.
        survey: of its files.
        faces: what the tracker found.
        one_picture_each: the user vouches that no two samples show the same person.
    """
    people: dict[str, Sample] = {sample.subject: sample for sample in dataset.samples}
    findings = [
        *_problems(dataset),
        *_people(dataset, one_picture_each=one_picture_each),
        *_files(survey),
        *_labels(dataset),
        *_tracked(dataset, faces),
    ]
    return Inspection(
        dataset=dataset,
        survey=survey,
        levels=_levels(dataset.samples),
        per_person=tuple(sorted(Counter(s.subject for s in dataset.samples).values())),
        demographics={
            trait: _counted(getattr(person.demographics, trait) for person in people.values())
            for trait in ("age_band", "sex", "ancestry", "skin_tone")
        },
        kinds=_counted(sample.kind for sample in dataset.samples),
        faces=faces,
        findings=tuple(sorted(findings, key=lambda finding: finding.gravity is Gravity.WARNING)),
    )


def _spread(values: tuple[int, ...]) -> dict[str, float]:
    if not values:
        return {}
    return {"least": values[0], "median": float(np.median(values)), "most": values[-1]}


def _levels(samples: Iterable[Sample]) -> dict[str, int]:
    counts = Counter(UNKNOWN if s.level is None else str(round(s.level)) for s in samples)
    known = {name: counts[name] for name in map(str, range(LEVEL_COUNT))}
    return {**known, UNKNOWN: counts[UNKNOWN]} if counts[UNKNOWN] else known


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(str(value or UNKNOWN) for value in values).items()))


def _problems(dataset: Dataset) -> Iterable[Finding]:
    if dataset.problems:
        yield Finding(
            gravity=Gravity.ERROR,
            what=f"{len(dataset.problems)} row(s) or file(s) cannot be used",
            advice="mend the values named here; such rows were left out of the counts",
            examples=tuple(str(problem) for problem in dataset.problems[:_EXAMPLES]),
        )


def _people(dataset: Dataset, *, one_picture_each: bool) -> Iterable[Finding]:
    try:
        require_subjects(dataset.samples, name=dataset.name, one_picture_each=one_picture_each)
    except DataError as error:
        what, _, advice = str(error).partition(". ")
        yield Finding(gravity=Gravity.ERROR, what=what, advice=advice or "add samples")
    if dataset.joined:
        yield Finding(
            gravity=Gravity.WARNING,
            what=f"{len(dataset.joined)} person(s) are written in more than one way and were "
            "joined",
            advice="write every person in one way; if they are different people, give them "
            "identifiers that differ in more than case, leading zeros, blanks or Unicode form",
            examples=tuple(" = ".join(group) for group in dataset.joined[:_EXAMPLES]),
        )
    if len(dataset.origins) > 1:
        synthetic = sum(sample.origin is Origin.SYNTHETIC for sample in dataset.samples)
        yield Finding(
            gravity=Gravity.WARNING,
            what=f"real and synthetic faces are mixed ({synthetic} synthetic)",
            advice="report figures on real faces by themselves",
        )


def _files(survey: Survey) -> Iterable[Finding]:
    if survey.unreadable:
        yield Finding(
            gravity=Gravity.ERROR,
            what=f"{len(survey.unreadable)} file(s) cannot be read",
            advice="copy them again from the source, or take their rows out",
            examples=tuple(str(file.error) for file in survey.unreadable[:_EXAMPLES]),
        )
    across = survey.copies_across_people
    if across:
        yield Finding(
            gravity=Gravity.ERROR,
            what=f"{len(across)} picture(s) stand under several people",
            advice="leak danger: a split by person would put one picture on both sides; correct "
            "the subject, or take the copy out",
            examples=tuple(_named(group) for group in across[:_EXAMPLES]),
        )
    within = [group for group in survey.copies if group not in across]
    if within:
        yield Finding(
            gravity=Gravity.WARNING,
            what=f"{len(within)} picture(s) are there more than once under one person",
            advice="they count more often than others; take the copies out",
            examples=tuple(_named(group) for group in within[:_EXAMPLES]),
        )
    small = [f for f in survey.files if f.size_px and min(f.size_px) < SMALLEST_SIDE_PX]
    if small:
        yield Finding(
            gravity=Gravity.WARNING,
            what=f"{len(small)} file(s) are less than {SMALLEST_SIDE_PX} px wide or high",
            advice="the tracker finds no face that small",
            examples=tuple(str(file.path) for file in small[:_EXAMPLES]),
        )


def _labels(dataset: Dataset) -> Iterable[Finding]:
    differing = [sample for sample in dataset.samples if _contradicts(sample)]
    if differing:
        yield Finding(
            gravity=Gravity.WARNING,
            what=f"{len(differing)} sample(s) have a PSPI that their action units do not give",
            advice="PSPI = AU4 + max(AU6, AU7) + max(AU9, AU10) + AU43; check the coding",
            examples=tuple(sample.id for sample in differing[:_EXAMPLES]),
        )
    if not any(s.level is not None or s.pspi is not None or s.units for s in dataset.samples):
        yield Finding(
            gravity=Gravity.WARNING,
            what="no sample has a level, a PSPI or action units",
            advice="only expressions are known: it can test, not train levels",
        )


def _contradicts(sample: Sample) -> bool:
    if sample.pspi is None or sample.units is None:
        return False
    needed = ("AU4", "AU6", "AU7", "AU9", "AU10", "AU43")
    if not {*needed} <= {unit.value for unit in sample.units}:
        return False
    return abs(pspi(sample.units) - sample.pspi) > PSPI_TOLERANCE


def _tracked(dataset: Dataset, faces: Faces | None) -> Iterable[Finding]:
    if faces is None or not faces.missed:
        return
    missed = sum(faces.missed.values())
    reasons = ", ".join(f"{reason} {count}" for reason, count in faces.missed.items())
    nothing = faces.found == 0
    yield Finding(
        gravity=Gravity.ERROR if nothing else Gravity.WARNING,
        what=f"the tracker gives no face in {missed} of {len(dataset)} samples ({reasons})",
        advice="nothing to train on: are these pictures of faces?"
        if nothing
        else "training leaves these out, as the daemon would",
        examples=faces.examples,
    )


def _named(group: tuple[Sample, ...]) -> str:
    return " = ".join(f"{sample.id} ({sample.subject})" for sample in group[:_EXAMPLES])
