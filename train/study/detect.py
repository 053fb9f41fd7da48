"""Whether pain is told from neutral faces, and from expressions that resemble it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from pain.action_units import action_units_from_blendshapes
from pain.scales import MODERATE, pspi
from train.residents.everyday import ALONE
from train.residents.expression import Kind
from train.study.cohort import Cohort
from train.study.estimate import Finding, Floats, Mask, auroc, estimate
from train.study.learn import BLENDSHAPES, LANDMARKS, LEVEL_AT, PSPI_AT, Regressed

FEWEST: Final = 10
"""A negative expression, or a group, with fewer faces is not judged by itself."""

NEUTRAL: Final = "pain vs neutral"
NEGATIVES: Final = "pain vs other expressions"
WORST: Final = "worst: "

AUROC_OF_LEVEL: Final = f"AUROC of level from {LANDMARKS}"
AUROC_OF_PSPI: Final = f"AUROC of PSPI from {LANDMARKS}"
AUROC_OF_LEVEL_FROM_BLENDSHAPES: Final = f"AUROC of level from {BLENDSHAPES}"
AUROC_OF_TEXTBOOK: Final = "AUROC of textbook PSPI"


def scores_of(cohort: Cohort, regressed: Mapping[str, Regressed]) -> dict[str, Floats]:
    """What is said to rise with pain, float64 (m,), by the name of its figure."""
    textbook = [pspi(action_units_from_blendshapes(row)) for row in cohort.tracked.blendshapes]
    return {
        AUROC_OF_LEVEL: regressed[LANDMARKS].raw[:, LEVEL_AT],
        AUROC_OF_PSPI: regressed[LANDMARKS].raw[:, PSPI_AT],
        AUROC_OF_LEVEL_FROM_BLENDSHAPES: regressed[BLENDSHAPES].raw[:, LEVEL_AT],
        AUROC_OF_TEXTBOOK: np.array(textbook),
    }


def negatives_of(cohort: Cohort, *, fewest: int = FEWEST) -> dict[str, Mask]:
    """Faces without pain by what they are told from: bool (m,) each.

    Faces that move one unit alone are one expression.

    Args:
        cohort: the set.
        fewest: faces that an expression must have to be judged by itself.
    """
    other = cohort.of_kind(Kind.OTHER)
    names = np.array(["one unit alone" if n.startswith(ALONE) else n for n in cohort.expression])
    single = {f"pain vs {name}": other & (names == name) for name in np.unique(names[other])}
    frequent = {name: members for name, members in single.items() if members.sum() >= fewest}
    return {NEUTRAL: cohort.of_kind(Kind.NEUTRAL), NEGATIVES: other, **frequent}


def detection_findings(
    cohort: Cohort, scores: Mapping[str, Floats], *, fewest: int = FEWEST
) -> Iterator[Finding]:
    """AUROC of pain of level 3 and more against every kind of negatives; the worst named last.

    Args:
        cohort: the set.
        scores: float64 (m,) by the name of the figure.
        fewest: faces that an expression must have to be judged by itself.
    """
    pain = (cohort.tracked.levels >= MODERATE) & cohort.of_kind(Kind.PAIN)
    person = cohort.tracked.subjects
    negatives = negatives_of(cohort, fewest=fewest)
    for what, score in scores.items():
        single = []
        for subset, members in negatives.items():
            value = estimate(auroc(score, pain), np.flatnonzero(pain | members), person)
            if value is None:
                continue
            finding = Finding(what=what, subset=subset, estimate=value)
            yield finding
            if subset not in (NEUTRAL, NEGATIVES):
                single.append(finding)
        if single:
            worst = min(single, key=lambda finding: finding.estimate.value)
            yield Finding(what=what, subset=f"{WORST}{worst.subset}", estimate=worst.estimate)
