"""The last day as a curve, and the week as a map of hours, for the care meeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from markupsafe import Markup

from station.board.heat import Cell, heat
from station.board.templates import render
from station.live.bands import Bands
from station.live.values import Band
from station.ports import Minute
from station.words import Text, Words
from station.words.format import number, percent, time_of_day

STEP_MIN: Final = 5
"""Minutes that are taken together in the curve."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some minutes together.

    Attributes:
        at: their beginning, UTC.
        mean: mean level, None where there was none.
        highest: highest level, likewise.
        coverage: mean coverage 0..1; minutes without a reading count as 0.
    """

    at: datetime
    mean: float | None
    highest: float | None
    coverage: float


def steps(minutes: Sequence[Minute], *, since: datetime, until: datetime) -> list[Step]:
    """Gather minutes into steps that leave no gap unshown.

    Args:
        minutes: oldest first, as the archive has them.
        since: beginning of the curve, UTC.
        until: its end, UTC.
    """
    width = timedelta(minutes=STEP_MIN)
    count = int((until - since) / width)
    gathered: list[list[Minute]] = [[] for _ in range(count)]
    for minute in minutes:
        place = int((minute.at - since) / width)
        if 0 <= place < count:
            gathered[place].append(minute)
    return [_step(since + place * width, told) for place, told in enumerate(gathered)]


def _step(at: datetime, told: Sequence[Minute]) -> Step:
    means = [minute.mean for minute in told if minute.mean is not None]
    highest = [minute.highest for minute in told if minute.highest is not None]
    return Step(
        at=at,
        mean=sum(means) / len(means) if means else None,
        highest=max(highest, default=None),
        coverage=sum(minute.coverage for minute in told) / STEP_MIN,
    )


def chart(found: Sequence[Step], words: Words, *, moderate: float, night: bool) -> dict[str, Any]:
    """Options of the ECharts curve; what is not known stays a gap."""
    ink = "#dfe3ea" if night else "#16181d"
    line = "#3a414d" if night else "#c4c8d0"
    axis = {"axisLabel": {"color": ink}, "splitLine": {"lineStyle": {"color": line}}}
    mean, highest = words.say[Text.MEAN], words.say[Text.HIGHEST]
    return {
        "animation": False,
        "textStyle": {"color": ink},
        "legend": {"top": 0, "data": [highest, mean], "textStyle": {"color": ink}},
        "grid": {"left": 30, "right": 12, "top": 34, "bottom": 26},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [time_of_day(step.at) for step in found], **axis},
        "yAxis": {"type": "value", "min": 0, "max": 6, **axis},
        "series": [
            _series(highest, [step.highest for step in found], "#c2410c", 1.5)
            | {
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "data": [{"yAxis": moderate}],
                    "lineStyle": {"color": ink},
                    "label": {"color": ink},
                }
            },
            _series(mean, [step.mean for step in found], "#2f7ad6", 2.5),
        ],
    }


def _series(name: str, values: Sequence[float | None], colour: str, width: float) -> dict[str, Any]:
    return {
        "name": name,
        "type": "line",
        "showSymbol": False,
        "connectNulls": False,
        "data": [None if value is None else round(value, 2) for value in values],
        "lineStyle": {"width": width, "color": colour},
        "itemStyle": {"color": colour},
    }


def day_table(minutes: Sequence[Minute], words: Words, *, until: datetime) -> Markup:
    """The same day hour by hour, for those who do not see a curve."""
    rows = []
    for back in range(23, -1, -1):
        begin = until - timedelta(hours=back + 1)
        told = [minute for minute in minutes if begin <= minute.at < begin + timedelta(hours=1)]
        means = [minute.mean for minute in told if minute.mean is not None]
        highest = [minute.highest for minute in told if minute.highest is not None]
        coverage = sum(minute.coverage for minute in told) / 60
        rows.append(
            (
                time_of_day(begin),
                number(words, sum(means) / len(means)) if means else "·",
                number(words, max(highest)) if highest else "·",
                percent(coverage),
            )
        )
    return render("day.html", rows=rows, say=_say(words))


def heat_table(minutes: Sequence[Minute], words: Words, bands: Bands) -> Markup:
    """Weekday by hour; a level is a number as well as a colour."""
    rows = [
        (words.weekdays[day], [_cell(cell, words, bands) for cell in row])
        for day, row in enumerate(heat(minutes))
    ]
    return render("heat.html", rows=rows, say=_say(words))


def _cell(cell: Cell, words: Words, bands: Bands) -> tuple[str, str]:
    if cell.mean is None:
        return ("none", "·")
    band: Band = bands.of(cell.mean)
    return (f"band-{band.value}", number(words, cell.mean))


def _say(words: Words) -> dict[str, str]:
    return {text.value: words.say[text] for text in Text}
