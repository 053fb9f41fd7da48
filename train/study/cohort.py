"""All pictures of a set with what the tracker saw of them and who is shown how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.errors import DataError
from train.data.residents import INDEX_NAME
from train.data.sample import Sample
from train.residents.expression import Kind
from train.study.estimate import Floats, Mask, People
from train.track.tracked import TrackedSet

DETAILS: Final = (
    *("palsy", "masking", "toothless", "worn", "nearby", "place", "light", "distance_m"),
)
"""Columns of style ``full`` that no other set has."""

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """A set of n samples, m of them with a face.

    Attributes:
        tracked: the m faces.
        samples: n samples in the set's order.
        details: n rows of the index: those of ``DETAILS`` that the set has.
        found: bool (n,), whether there is a face.
    """

    tracked: TrackedSet
    samples: tuple[Sample, ...]
    details: tuple[Details, ...]
    found: Mask

    @classmethod
    def of(cls, tracked: TrackedSet) -> Cohort:
        """Put a tracked set beside its index.

        Raises:
            DataError: pictures without level, PSPI or action units, or no face at all.
        """
        samples = tracked.dataset.samples
        unlabelled = sum(s.level is None or s.pspi is None or not s.units for s in samples)
        if unlabelled:
            raise DataError(
                f"{tracked.dataset.name}: {unlabelled} of {len(samples)} samples lack level, PSPI "
                "or action units, which this study compares. It is made for the folder that "
                "`painwatch train residents make` writes."
            )
        if not len(tracked):
            raise DataError(f"{tracked.dataset.name}: the tracker found no face in any picture")
        faces = {sample.id for sample in tracked.samples}
        by_file = read_details(tracked.dataset.root)
        return cls(
            tracked=tracked,
            samples=samples,
            details=tuple(by_file.get(sample.id, {}) for sample in samples),
            found=np.array([sample.id in faces for sample in samples]),
        )

    @property
    def person(self) -> People:
        """Who is shown, str (n,)."""
        return np.array([sample.subject for sample in self.samples], np.str_)

    @property
    def pose_deg(self) -> Floats:
        """True yaw, pitch and roll, float64 (n, 3); NaN where the set does not say it."""
        unknown = (np.nan, np.nan, np.nan)
        return np.array(
            [
                (s.pose.yaw_deg, s.pose.pitch_deg, s.pose.roll_deg) if s.pose else unknown
                for s in self.samples
            ]
        )

    @property
    def expression(self) -> npt.NDArray[np.str_]:
        """Name of the expression of each face, str (m,)."""
        return np.array([sample.expression or "" for sample in self.tracked.samples], np.str_)

    def of_kind(self, kind: Kind) -> Mask:
        """Faces that move for this reason, bool (m,)."""
        return np.array([sample.kind is kind for sample in self.tracked.samples])


def read_details(root: Path) -> dict[str, Details]:
    """Further columns of a residents' index, by file; empty where there is no index.

    Raises:
        DataError: the index is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    index = root / INDEX_NAME
    if not index.exists():
        return {}
    try:
        table = pq.read_table(index)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{index} is not a readable index: {error}") from error
    columns = ["file", *(name for name in DETAILS if name in table.column_names)]
    return {str(row.pop("file")): row for row in table.select(columns).to_pylist()}
