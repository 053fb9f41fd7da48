"""Pain scales: level 0..6, PSPI 0..16, and the hint for PAINAD's facial item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pain.action_units import AU_MAX, ActionUnit

LEVEL_MIN: Final = 0.0
LEVEL_MAX: Final = 6.0
LEVEL_COUNT: Final = 7
"""Levels 0..6 as rated in the Delaware Pain Database (Mende-Siedlecki et al. 2020)."""

MODERATE: Final = 3.0
SEVERE: Final = 5.0
"""Levels from which on the daemon alarms by default (docs/alarms.md)."""

PSPI_MAX: Final = 16.0
EYES_CLOSED_AT: Final = AU_MAX / 2
"""AU43 counts as 1 in PSPI from half closure on."""


def pspi(units: Mapping[ActionUnit, float]) -> float:
    """Prkachin-Solomon Pain Intensity of one face.

    PSPI = AU4 + max(AU6, AU7) + max(AU9, AU10) + AU43, AU43 being 0 or 1
    (Prkachin & Solomon 2008, Pain 139:267-274).

    Args:
        units: AU intensities 0..5; a unit that is not given counts as 0.

    Returns:
        PSPI in 0..16.
    """

    def intensity(unit: ActionUnit) -> float:
        return min(max(units.get(unit, 0.0), 0.0), AU_MAX)

    return (
        intensity(ActionUnit.AU4)
        + max(intensity(ActionUnit.AU6), intensity(ActionUnit.AU7))
        + max(intensity(ActionUnit.AU9), intensity(ActionUnit.AU10))
        + (1.0 if intensity(ActionUnit.AU43) >= EYES_CLOSED_AT else 0.0)
    )


def expected_level(probabilities: npt.NDArray[np.float32]) -> float:
    """Mean level under a distribution over the seven levels.

    Args:
        probabilities: float32 (7,), non-negative, sum 1.

    Returns:
        Expected level in 0..6.
    """
    return float(np.clip(probabilities @ np.arange(LEVEL_COUNT), LEVEL_MIN, LEVEL_MAX))


def level_curve(borders: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The calibrated reading of a mean, as points of a line that rises from end to end.

    Where a distribution's mean crosses border k the level crosses k - 0.5, so that the level rounds
    to the class on whose side of the borders the mean is; between the borders the line is straight
    and the ends of the scale stay.

    Args:
        borders: of the mean, between class k - 1 and k for k = 1, 2, ...; rising, none of them at
            an end of the scale.

    Returns:
        Means from 0 to the top of the scale, and the level of each.

    Raises:
        ValueError: the borders do not rise strictly within the scale, so that a class would have no
            room.
    """
    top = float(len(borders))
    means = (0.0, *map(float, borders), top)
    if not all(low < high for low, high in pairwise(means)):
        raise ValueError(f"borders must rise strictly between 0 and {top:g}, found {list(borders)}")
    return means, (0.0, *(k + 0.5 for k in range(len(borders))), top)


def painad_facial_hint(level: float) -> Literal[0, 1, 2]:
    """Suggest PAINAD's facial item (0 neutral, 1 sad/frowning, 2 grimacing) for the nurse's form.

    The form and its total stay the nurse's own (Warden, Hurley & Volicer 2003). The limits are
    ours: below level 1.5 is 0, from level 3.5 on is 2.

    Args:
        level: pain level 0..6.

    Returns:
        0, 1 or 2.
    """
    if level < 1.5:  # noqa: PLR2004  (limits are explained above)
        return 0
    return 1 if level < 3.5 else 2  # noqa: PLR2004
