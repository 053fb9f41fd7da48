"""A past for the simulated rooms, so that curves and maps of hours have something to show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, insert

from painwatch.ward.storyboard import PLANS
from station.store.tables import MinuteRow

DAYS: Final = 7
_MINUTES: Final = DAYS * 1440
_READINGS: Final = 60
_NIGHT_H: Final = (22.0, 6.0)
_AWAY: Final = 0.1
"""A face that is seen less than this share of a minute is out of the room."""

Floats = npt.NDArray[np.float64]


def write_past(engine: Engine, *, site: str, until: datetime) -> int:
    """Write invented minutes of the days before; returns how many.

    Nights are calm and dark, the hours of morning and evening care hurt, and who is out of the
    room is not watched.

    Args:
        engine: the demonstration's database, without minutes.
        site: short name of the site.
        until: when the demonstration begins, UTC.
    """
    until = until.replace(second=0, microsecond=0)
    times = [until - timedelta(minutes=back) for back in range(_MINUTES, 0, -1)]
    local = [at.astimezone() for at in times]
    hours = np.array([at.hour + at.minute / 60 for at in local])
    with engine.begin() as connection:
        for number, plan in enumerate(PLANS):
            rows = _rows(times, hours, np.random.default_rng(number))
            connection.execute(
                insert(MinuteRow), [{"site": site, "room": plan.id, **row} for row in rows]
            )
    return len(PLANS) * _MINUTES


def _rows(times: list[datetime], hours: Floats, rng: np.random.Generator) -> list[dict[str, Any]]:
    care, evening = rng.uniform(6.5, 9.0), rng.uniform(17.5, 20.0)
    hurt = rng.uniform(0.3, 2.6) * (_bump(hours, care) + 0.7 * _bump(hours, evening))
    asleep = (hours >= _NIGHT_H[0]) | (hours < _NIGHT_H[1])
    share = rng.normal(np.where(asleep, 0.35, 0.75), 0.2).clip(0, 1)
    levels = np.where(share > _AWAY, share * _READINGS, 0).astype(int)
    mean = (0.4 + hurt + rng.normal(0, 0.25, len(hours))).clip(0, 5.5)
    highest = (mean + rng.uniform(0.1, 0.8, len(hours))).clip(0, 6)
    return [
        {
            "at": at,
            "readings": _READINGS,
            "levels": count,
            "level_sum": count * level,
            "highest": top if count else None,
            "coverage_sum": float(count),
        }
        for at, count, level, top in zip(
            times, levels.tolist(), mean.tolist(), highest.tolist(), strict=True
        )
    ]


def _bump(hours: Floats, middle: float) -> Floats:
    return np.exp(-0.5 * ((hours - middle) / 0.8) ** 2)
