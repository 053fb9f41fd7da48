"""What is compared: sets of limits and delays, from ``--sweep``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from pydantic import ValidationError

from edge.config import AlarmsConfig, SmoothingConfig
from edge.simulate.cusum import CusumLimits, cusum_grid
from edge.simulate.generate import SPARSE_STEP_S
from pain.errors import UsageError

_LIMITS: Final = {"moderate": "pain_moderate", "severe": "pain_severe"}
_BOTH: Final = ("on_delay_s", "off_delay_s", "margin")
_ALARMS: Final = ("no_face_after_s", "camera_lost_after_s", "model_failed_after_s")
_SMOOTHING: Final = ("median_s", "time_constant_s", "window_s", "min_coverage")
KEYS: Final = (*_LIMITS, *_BOTH, *_ALARMS, *_SMOOTHING)

CUSUM_KEYS: Final = ("reference", "threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One set of limits and delays.

    Attributes:
        label: what differs from the configuration, by name.
        smoothing: of the daemon.
        alarms: of the daemon.
        cusum: the detector of moderate pain instead of the daemon's; None for the daemon's.
    """

    label: Mapping[str, float]
    smoothing: SmoothingConfig
    alarms: AlarmsConfig
    cusum: CusumLimits | None = None

    @property
    def name(self) -> str:
        """The label in one line."""
        shown = ", ".join(f"{key} {value:g}" for key, value in self.label.items())
        return f"CUSUM {shown}" if self.cusum else shown or "as configured"


def cells(
    smoothing: SmoothingConfig, alarms: AlarmsConfig, sweep: Sequence[str], *, cusum: Sequence[str]
) -> list[Cell]:
    """The sets of limits to try.

    Args:
        smoothing: as configured.
        alarms: as configured.
        sweep: like ``on_delay_s=2,4,8``; every combination is tried.
        cusum: like ``reference=2.5,3`` and ``threshold=1,4``: cumulative sums to try beside them.

    Raises:
        UsageError: a key is unknown or a value is not allowed.
    """
    axes = dict(_axis(text, option="--sweep", keys=KEYS) for text in sweep)
    found = [
        _cell(dict(zip(axes, values, strict=True)), smoothing, alarms)
        for values in product(*axes.values())
    ]
    for cell in found:
        if min(cell.alarms.camera_lost_after_s, cell.alarms.model_failed_after_s) <= SPARSE_STEP_S:
            raise UsageError(
                "camera_lost_after_s and model_failed_after_s must be above "
                f"{SPARSE_STEP_S:g} s: where nobody is seen, the simulation looks that seldom"
            )
    sums = dict(_axis(text, option="--cusum", keys=CUSUM_KEYS) for text in cusum)
    if sums:
        if len(sums) < len(CUSUM_KEYS):
            raise UsageError("--cusum needs both, reference=... and threshold=...")
        limit = alarms.pain_moderate
        found += [
            Cell(
                label={"reference": limits.reference, "threshold": limits.threshold},
                smoothing=smoothing,
                alarms=alarms,
                cusum=limits,
            )
            for limits in cusum_grid(
                sums["reference"],
                sums["threshold"],
                end_level=limit.level - limit.margin,
                off_delay_s=limit.off_delay_s,
            )
        ]
    return found


def _axis(text: str, *, option: str, keys: Sequence[str]) -> tuple[str, list[float]]:
    key, _, listed = text.partition("=")
    key = key.strip()
    if key not in keys:
        raise UsageError(f"{option} {text!r}: no key {key!r}; choose one of {', '.join(keys)}")
    try:
        return key, [float(value) for value in listed.split(",")]
    except ValueError as error:
        raise UsageError(
            f"{option} {text!r}: give numbers with commas between, like {key}=2,4,8"
        ) from error


def _cell(label: Mapping[str, float], smoothing: SmoothingConfig, alarms: AlarmsConfig) -> Cell:
    smooth = smoothing.model_dump()
    limits = alarms.model_dump()
    for key, value in label.items():
        if key in _LIMITS:
            limits[_LIMITS[key]]["level"] = value
        elif key in _BOTH:
            for section in _LIMITS.values():
                limits[section][key] = value
        elif key in _ALARMS:
            limits[key] = value
        else:
            smooth[key] = value
    try:
        return Cell(
            label=label,
            smoothing=SmoothingConfig.model_validate(smooth),
            alarms=AlarmsConfig.model_validate(limits),
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"--sweep {dict(label)}: {first['msg']}") from error
