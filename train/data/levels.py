"""From PSPI to pain level, for sets that have no level of their own; never applied unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pain.scales import LEVEL_MAX
from train.data.sample import Sample
from train.residents.expression import PSPI_PER_LEVEL


def level_from_pspi(pspi: float) -> float:
    """Level 0..6 from PSPI 0..16: level = min(6, PSPI / 2), never falling when PSPI rises.

    It is the same slope that labels the synthetic residents (PSPI 6 is level 3, 12 and more is
    level 6), and it is a convention of ours: no study equates the two scales. PSPI counts muscles,
    a level is what people see in a face, and PSPI also rises in a smile or a blink.

    Args:
        pspi: 0..16.
    """
    return min(LEVEL_MAX, pspi / PSPI_PER_LEVEL)


def with_levels_from_pspi(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Give every sample without a level the one of its PSPI; without PSPI it stays without."""
    return tuple(
        replace(sample, level=level_from_pspi(sample.pspi))
        if sample.level is None and sample.pspi is not None
        else sample
        for sample in samples
    )
