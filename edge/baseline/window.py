"""One measurement of a neutral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles

from edge.baseline.values import Baseline
from edge.config.baseline import BaselineConfig
from pain.action_units import ActionUnit
from pain.clock import Moment
from pain.values import Trend

_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    level: float
    pspi: float | None
    action_units: Mapping[ActionUnit, float]


@dataclass(slots=True, kw_only=True)
class CalmWindow:
    """Collects trends until its end.

    Attributes:
        person: id of the person who asked for it.
        begun_s: monotonic time of its beginning, seconds.
    """

    config: BaselineConfig
    person: str
    begun_s: float
    _samples: list[_Sample] = field(default_factory=list)
    _seen_s: float = 0.0
    _last_s: float | None = None

    @property
    def ends_s(self) -> float:
        """Monotonic time of its end, seconds."""
        return self.begun_s + self.config.window_s

    def add(self, trend: Trend) -> None:
        """Take in a trend; time between two trends with a level counts as seen."""
        if trend.at_s < self.begun_s or (self._last_s is not None and trend.at_s <= self._last_s):
            return
        before_s, self._last_s = self._last_s, trend.at_s
        if trend.level is None:
            return
        if before_s is not None:
            self._seen_s += min(trend.at_s - before_s, 1.0)
        self._samples.append(
            _Sample(level=trend.level, pspi=trend.pspi, action_units=dict(trend.action_units))
        )

    def judge(self, now: Moment) -> Baseline | str:
        """The neutral, or why there is none, in words for a nurse."""
        config = self.config
        share = self._seen_s / config.window_s
        if share < config.min_coverage or len(self._samples) < _FEWEST:
            return (
                f"the face was seen for {share:.0%} of the window, {config.min_coverage:.0%} are "
                "needed"
            )
        levels = [sample.level for sample in self._samples]
        middle = median(levels)
        if middle > config.max_level:
            return (
                f"the level was {middle:.1f}, which is no neutral: is the resident in pain? "
                f"({config.max_level:g} at most)"
            )
        tenths = quantiles(levels, n=10, method="inclusive")
        if tenths[-1] - tenths[0] > config.max_range:
            return "the face moved too much; ask again when the resident is calm"
        pspi = [sample.pspi for sample in self._samples if sample.pspi is not None]
        units = {
            unit: median(sample.action_units.get(unit, 0.0) for sample in self._samples)
            for unit in {unit for sample in self._samples for unit in sample.action_units}
        }
        return Baseline(
            level=middle,
            pspi=median(pspi) if pspi else None,
            action_units=dict(sorted(units.items())),
            measured_at=now.wall,
            person=self.person,
        )
