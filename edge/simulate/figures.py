"""Figures of a simulation, with intervals by resident."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from edge.bench.rows import Row
from edge.simulate.cells import Cell
from edge.simulate.judge import Outcome
from edge.simulate.tally import Tally

LONG_S: Final = 10.0
"""Episodes that stay at the limit for this long must be found."""

LENGTHS_S: Final = ((0.0, 5.0), (5.0, 10.0), (10.0, 30.0), (30.0, 120.0), (120.0, float("inf")))
PEAKS: Final = ((3.0, 4.0), (4.0, 5.0), (5.0, 6.01))
RESAMPLES: Final = 400
_HOURS_A_DAY: Final = 24.0
_HOUR_S: Final = 3600.0

Statistic = Callable[[Sequence[Tally]], float | None]


def figure_rows(cell: Cell, tallies: Sequence[Tally], *, seed: int) -> list[Row]:
    """All figures of one set of limits.

    Args:
        cell: the limits.
        tallies: one for each resident.
        seed: of the bootstrap over residents.

    Returns:
        One row per figure: what, of which part, value, 95 % interval, how many residents,
        resident-days and (where it is about episodes) episodes.
    """
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(tallies), size=(RESAMPLES, len(tallies)))
    days = sum(tally.days for tally in tallies)
    rows: list[Row] = []

    def add(metric: str, subset: str, statistic: Statistic, episodes: int | None = None) -> None:
        value = statistic(tallies)
        if value is None:
            return
        low, high = _interval(statistic, tallies, picks)
        rows.append(
            {
                "limits": cell.name,
                "metric": metric,
                "subset": subset,
                "value": value,
                "low_95": low,
                "high_95": high,
                "residents": len(tallies),
                "resident_days": days,
                "episodes": episodes,
            }
        )

    if all(tally.truth_known for tally in tallies):
        for condition, chosen in _EPISODES.items():
            for subset, wanted in _subsets(condition):
                of = _those(chosen, wanted)
                number = sum(len(of(tally)) for tally in tallies)
                if not number:
                    continue
                add(f"sensitivity_{condition}", subset, _found(of), number)
                if subset == _LONG_NAME:
                    add(f"delay_{condition}_median_s", subset, _delay(of, 50), number)
                    add(f"delay_{condition}_p95_s", subset, _delay(of, 95), number)
                    add(f"share_alarm_stood_already_{condition}", subset, _standing(of), number)
    add("false_alarms_per_day", "moderate", _a_day(lambda one: one.false.total()))
    add("false_alarms_per_day", "severe", _a_day(lambda one: one.false_severe.total()))
    add("alarms_in_milder_pain_per_day", "moderate", _a_day(lambda one: one.mild))
    for cause in sorted({cause for tally in tallies for cause in tally.false}):
        add("false_alarms_per_day_in", cause, _a_day(lambda one, name=cause: one.false[name]))
    add("residents_without_false_alarm_share", "moderate", _silent)
    add("coverage", "share of the day with a level", _coverage)
    for reason in sorted({reason for tally in tallies for reason in tally.unseen_s}):
        add(
            "unavailable_h_per_day",
            reason,
            _a_day(lambda one, name=reason: one.unseen_s[name] / _HOUR_S),
        )
    for condition in sorted({name for tally in tallies for name in tally.technical}):
        add(
            "technical_alarms_per_day",
            condition,
            _a_day(lambda one, name=condition: one.technical[name]),
        )
    return rows


_LONG_NAME: Final = f"{LONG_S:g} s and more"

_EPISODES: Final[dict[str, Callable[[Tally], list[Outcome]]]] = {
    "moderate": lambda tally: tally.moderate,
    "severe": lambda tally: tally.severe,
}


def _subsets(condition: str) -> list[tuple[str, Callable[[Outcome], bool]]]:
    subsets: list[tuple[str, Callable[[Outcome], bool]]] = [
        (_LONG_NAME, lambda one: one.above_s >= LONG_S),
        (
            f"{LONG_S:g} s and more, face seen",
            lambda one: one.above_s >= LONG_S and one.seen_share >= 0.9,  # noqa: PLR2004
        ),
    ]
    if condition == "severe":
        return subsets
    for low, high in LENGTHS_S:
        name = f"{low:g} to {high:g} s" if high < float("inf") else f"{low:g} s and more"
        subsets.append((name, lambda one, low=low, high=high: low <= one.above_s < high))
    for low, high in PEAKS:
        subsets.append(
            (
                f"{LONG_S:g} s and more, peak {low:g} to {high:.0f}",
                lambda one, low=low, high=high: one.above_s >= LONG_S and low <= one.peak < high,
            )
        )
    return subsets


def _those(
    chosen: Callable[[Tally], list[Outcome]], wanted: Callable[[Outcome], bool]
) -> Callable[[Tally], list[Outcome]]:
    return lambda tally: [outcome for outcome in chosen(tally) if wanted(outcome)]


def _found(of: Callable[[Tally], list[Outcome]]) -> Statistic:
    return _mean_of(of, lambda outcome: outcome.found)


def _standing(of: Callable[[Tally], list[Outcome]]) -> Statistic:
    return _mean_of(of, lambda outcome: outcome.standing)


def _mean_of(
    of: Callable[[Tally], list[Outcome]], what: Callable[[Outcome], bool]
) -> Statistic:
    def share(tallies: Sequence[Tally]) -> float | None:
        values = [what(outcome) for tally in tallies for outcome in of(tally)]
        return sum(values) / len(values) if values else None

    return share


def _delay(of: Callable[[Tally], list[Outcome]], percent: float) -> Statistic:
    def percentile(tallies: Sequence[Tally]) -> float | None:
        delays = [
            outcome.delay_s
            for tally in tallies
            for outcome in of(tally)
            if outcome.delay_s is not None
        ]
        return float(np.percentile(delays, percent)) if delays else None

    return percentile


def _a_day(number: Callable[[Tally], float]) -> Statistic:
    def rate(tallies: Sequence[Tally]) -> float | None:
        days = sum(tally.days for tally in tallies)
        return sum(number(tally) for tally in tallies) / days if days else None

    return rate


def _silent(tallies: Sequence[Tally]) -> float | None:
    return sum(not tally.false for tally in tallies) / len(tallies)


def _coverage(tallies: Sequence[Tally]) -> float | None:
    seen = [tally.seen_s for tally in tallies if tally.seen_s is not None]
    days = sum(tally.days for tally in tallies)
    return sum(seen) / (days * _HOURS_A_DAY * _HOUR_S) if seen and days else None


def _interval(
    statistic: Statistic, tallies: Sequence[Tally], picks: np.ndarray[tuple[int, int], np.dtype[np.int64]]
) -> tuple[float | None, float | None]:
    if len(tallies) < 2:  # noqa: PLR2004
        return None, None
    values = [
        value
        for pick in picks.tolist()
        if (value := statistic([tallies[number] for number in pick])) is not None
    ]
    if not values:
        return None, None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
