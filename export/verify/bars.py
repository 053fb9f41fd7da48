"""How far a graph may be from its checkpoint; above that it is another model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from export.clips.alarms import Change
from export.verify.compare import Comparison
from pain.bundle import Difference, Precision

LEVEL: Final = "level"
PSPI: Final = "pspi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """By how much one reading may move, in its own units; None where nothing is asked.

    Attributes:
        mean: mean absolute difference.
        p95: 95th percentile of it.
        largest: on any face.
    """

    mean: float | None = None
    p95: float | None = None
    largest: float | None = None

    def exceeded(self, moved: Difference) -> Iterator[tuple[str, float, float]]:
        """What is too much: in words, as measured, as allowed."""
        return (asked for asked in self._asked(moved) if asked[1] > asked[2])

    def share(self, moved: Difference) -> float:
        """Largest share of what is allowed; 0 where nothing is asked."""
        return max((found / limit for _, found, limit in self._asked(moved)), default=0.0)

    def _asked(self, moved: Difference) -> Iterator[tuple[str, float, float]]:
        for words, found, limit in (
            ("on average", moved.mean, self.mean),
            ("on one face in twenty", moved.p95, self.p95),
            ("at most", moved.largest, self.largest),
        ):
            if limit is not None:
                yield words, found, limit


NOTHING_ASKED: Final = Allowed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What is asked; None where nothing is.

    Attributes:
        level: how far the level (0..6) may move.
        pspi: how far PSPI (0..16) may move.
        unit: how far each action unit (0..5) may move.
        max_worsening: by how much the level's mean absolute error may grow.
        min_agreement: least share of faces with the same nearest level.
        max_onset_s: by how much an alarm on a clip may begin, or be told, later or sooner, seconds;
            asked for, no alarm may be lost and none invented.
        max_end_s: by how much it may end later or sooner, seconds.
    """

    level: Allowed = NOTHING_ASKED
    pspi: Allowed = NOTHING_ASKED
    unit: Allowed = NOTHING_ASKED
    max_worsening: float | None = None
    min_agreement: float | None = None
    max_onset_s: float | None = None
    max_end_s: float | None = None

    def of(self, reading: str) -> Allowed:
        """What is asked of a reading by its name."""
        return {LEVEL: self.level, PSPI: self.pspi}.get(reading, self.unit)

    @property
    def asks_for_clips(self) -> bool:
        """Whether alarms are judged."""
        return self.max_onset_s is not None

    def burden(self, comparison: Comparison) -> float:
        """Largest mean move of any reading, in shares of what it may; in levels if all may."""
        shares = [
            moved.mean / limit
            for name, moved in comparison.moved.items()
            if (limit := self.of(name).mean)
        ]
        return max(shares, default=comparison.mean_level)

    def missed(self, comparison: Comparison) -> tuple[str, ...]:
        """Why it is missed, in words; nothing when it holds."""
        reasons = self._moved_too_far(comparison.moved)
        worsening, agreement = comparison.worsening, comparison.class_agreement
        if self.max_worsening is not None:
            if worsening is None:
                reasons.append("no face has a known level, so its error cannot be compared")
            elif worsening > self.max_worsening:
                reasons.append(
                    f"the level's error grows by {worsening:.3f}, allowed is {self.max_worsening:g}"
                )
        if self.min_agreement is not None and agreement < self.min_agreement:
            reasons.append(
                f"{agreement:.1%} of faces keep their nearest level, {self.min_agreement:.0%} must"
            )
        if self.asks_for_clips and not comparison.clips:
            reasons.append("no clip was watched, so its alarms cannot be compared")
        for clip in comparison.clips:
            reasons += [f"{clip.name}: {words}" for words in self._moved_too_far(clip.moved)]
            reasons += [
                f"{clip.name}: {words}"
                for change in clip.alarms
                if (words := self.misses(change)) is not None
            ]
        return tuple(reasons)

    def misses(self, change: Change) -> str | None:
        """What is wrong with an alarm, in words; None where nothing is."""
        if self.max_onset_s is None:
            return None
        before, after = change.before, change.after
        if before is not None and after is None:
            return f"{change.condition} at {before.onset_s:.1f} s is lost"
        if before is None and after is not None:
            return f"{change.condition} at {after.onset_s:.1f} s is invented"
        begins, ends = change.onset_shift_s, change.end_shift_s
        if begins is not None and abs(begins) > self.max_onset_s:
            return (
                f"{change.condition} comes {_seconds(begins)}, allowed are {self.max_onset_s:g} s"
            )
        if ends is not None and self.max_end_s is not None and abs(ends) > self.max_end_s:
            return f"{change.condition} ends {_seconds(ends)}, allowed are {self.max_end_s:g} s"
        return None

    def _moved_too_far(self, readings: Mapping[str, Difference]) -> list[str]:
        """The worst excess of level, of PSPI and of all units together."""
        worst: dict[bool | str, tuple[float, str]] = {}
        others: dict[bool | str, set[str]] = {}
        for name, moved in readings.items():
            kind = name if name in {LEVEL, PSPI} else "unit"
            for words, found, limit in self.of(name).exceeded(moved):
                others.setdefault(kind, set()).add(name)
                shown = "PSPI" if name == PSPI else name
                said = f"{shown} moves by {found:.2g} {words}, allowed is {limit:g}"
                worst[kind] = max(worst.get(kind, (0.0, "")), (found / limit, said))
        return [
            said + (f" (and {more} more)" if (more := len(others[kind]) - 1) else "")
            for kind, (_, said) in worst.items()
        ]

    def __str__(self) -> str:
        parts = [
            f"{words} within {_limits(allowed)}"
            for words, allowed in (("level", self.level), ("PSPI", self.pspi), ("AUs", self.unit))
            if allowed != NOTHING_ASKED
        ]
        if self.max_worsening is not None:
            parts.append(f"error grows by at most {self.max_worsening:g}")
        if self.min_agreement is not None:
            parts.append(f"same class for {self.min_agreement:.0%}")
        if self.max_onset_s is not None:
            parts.append(f"the same alarms within {self.max_onset_s:g} s")
        return ", ".join(parts)


def _limits(allowed: Allowed) -> str:
    limits = (allowed.mean, allowed.p95, allowed.largest)
    return " / ".join(f"{limit:g}" for limit in limits if limit is not None)


def _seconds(shift_s: float) -> str:
    return f"{abs(shift_s):.1f} s {'late' if shift_s > 0 else 'early'}"


BARS: Final[Mapping[Precision, Bar]] = {
    "fp32": Bar(
        level=Allowed(largest=1e-3), pspi=Allowed(largest=3e-3), unit=Allowed(largest=1e-3)
    ),
    "fp16": Bar(
        level=Allowed(largest=0.02),
        pspi=Allowed(largest=0.05),
        unit=Allowed(largest=0.02),
        max_onset_s=0.5,
        max_end_s=1.0,
    ),
    "int8": Bar(
        level=Allowed(mean=0.05, p95=0.15, largest=0.5),
        pspi=Allowed(mean=0.1, p95=0.3, largest=1.0),
        unit=Allowed(mean=0.05, p95=0.15, largest=0.5),
        max_worsening=0.05,
        min_agreement=0.97,
        max_onset_s=0.5,
        max_end_s=1.0,
    ),
}
"""Every limit, stated here and nowhere else.

fp32 and fp16 compute the same function: what counts is the farthest face, in rounding errors.
PSPI's scale is 16/6 as long as the level's, so it may move so much more. INT8 rounds to 256 steps,
and single faces move:

- *largest* is half a grade, .5 of a level or of an AU, which is also the margin by which a smoothed
  level must fall before an alarm ends. PSPI is a sum of grades: one point.
- *mean* is a tenth of that. A level whose readings move by .05 on average cannot have an error that
  grows by more (``max_worsening``).
- *p95*: nineteen faces of twenty stay within three tenths of it.
- ``max_onset_s`` is a quarter of the default on-delay (2 s) and half the time constant of the
  smoothing, ``max_end_s`` a fifth of the off-delay (5 s): nobody comes later for that. Lost and
  invented alarms are never allowed.
"""
