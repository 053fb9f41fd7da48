"""Figures of a simulation, with intervals by resident."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    metric: str
    subset: str
    statistic: Statistic
    episodes: int | None = None


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
    picks = np.random.default_rng(seed).integers(len(tallies), size=(RESAMPLES, len(tallies)))
    days = sum(tally.days for tally in tallies)
    figures = [*_burden(tallies)]
    if all(tally.truth_known for tally in tallies):
        figures = [*_episodes(tallies), *figures]
    rows: list[Row] = []
    for figure in figures:
        value = figure.statistic(tallies)
        if value is None:
            continue
        low, high = _interval(figure.statistic, tallies, picks)
        rows.append(
            {
                "limits": cell.name,
                "metric": figure.metric,
                "subset": figure.subset,
                "value": value,
                "low_95": low,
                "high_95": high,
                "residents": len(tallies),
                "resident_days": days,
                "episodes": figure.episodes,
            }
        )
    return rows


def _episodes(tallies: Sequence[Tally]) -> Iterator[_Figure]:
    for condition, chosen in _EPISODES.items():
        for subset, wanted in _subsets(condition):
            of = _those(chosen, wanted)
            number = sum(len(of(tally)) for tally in tallies)
            yield _Figure(
                metric=f"sensitivity_{condition}",
                subset=subset,
                statistic=_found(of),
                episodes=number,
            )
            if subset != _LONG_NAME:
                continue
            for metric, statistic in (
                (f"delay_{condition}_median_s", _delay(of, 50)),
                (f"delay_{condition}_p95_s", _delay(of, 95)),
                (f"share_alarm_stood_already_{condition}", _standing(of)),
            ):
                yield _Figure(metric=metric, subset=subset, statistic=statistic, episodes=number)


def _burden(tallies: Sequence[Tally]) -> Iterator[_Figure]:
    def figure(metric: str, subset: str, statistic: Statistic) -> _Figure:
        return _Figure(metric=metric, subset=subset, statistic=statistic)

    name = "false_alarms_per_day" if tallies[0].truth_known else "alarms_per_day"
    yield figure(name, "moderate", _a_day(lambda one: one.false.total()))
    yield figure(name, "severe", _a_day(lambda one: one.false_severe.total()))
    yield figure("alarms_in_milder_pain_per_day", "moderate", _a_day(lambda one: one.mild))
    yield figure("residents_without_false_alarm_share", "moderate", _silent)
    yield figure("coverage", "share of the day with a level", _coverage)
    for metric, chosen, unit in _COUNTED:
        for what in sorted({what for tally in tallies for what in chosen(tally)}):
            yield figure(metric, what, _rate_of(chosen, what, unit))


_COUNTED: Final[tuple[tuple[str, Callable[[Tally], Mapping[str, float]], float], ...]] = (
    ("false_alarms_per_day_in", lambda tally: tally.false, 1.0),
    ("unavailable_h_per_day", lambda tally: tally.unseen_s, _HOUR_S),
    ("technical_alarms_per_day", lambda tally: tally.technical, 1.0),
)


def _rate_of(chosen: Callable[[Tally], Mapping[str, float]], what: str, unit: float) -> Statistic:
    return _a_day(lambda tally: chosen(tally).get(what, 0.0) / unit)


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
        subsets.append((name, _lasting(low, high)))
    for low, high in PEAKS:
        name = f"{_LONG_NAME}, peak {low:g} to {high:.0f}"
        subsets.append((name, _peaking(low, high)))
    return subsets


def _lasting(low_s: float, high_s: float) -> Callable[[Outcome], bool]:
    return lambda one: low_s <= one.above_s < high_s


def _peaking(low: float, high: float) -> Callable[[Outcome], bool]:
    return lambda one: one.above_s >= LONG_S and low <= one.peak < high


def _those(
    chosen: Callable[[Tally], list[Outcome]], wanted: Callable[[Outcome], bool]
) -> Callable[[Tally], list[Outcome]]:
    return lambda tally: [outcome for outcome in chosen(tally) if wanted(outcome)]


def _found(of: Callable[[Tally], list[Outcome]]) -> Statistic:
    return _mean_of(of, lambda outcome: outcome.found)


def _standing(of: Callable[[Tally], list[Outcome]]) -> Statistic:
    return _mean_of(of, lambda outcome: outcome.standing)


def _mean_of(of: Callable[[Tally], list[Outcome]], what: Callable[[Outcome], bool]) -> Statistic:
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
    statistic: Statistic, tallies: Sequence[Tally], picks: npt.NDArray[np.int64]
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
