"""The small curves on a tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pain.clock import Moment
from station.board.templates import render
from station.board.trends import STEP_S, Trends, height_of, path
from station.live.values import RoomKey
from station.words import Language, Text, Words
from station.words.format import number


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trend:
    caption: str
    alt: str
    path: str
    limit_y: str


def curves(
    key: RoomKey, *, words: Words, trends: Trends, moderate_from: float, now: Moment
) -> Markup:
    """The lower part of a tile.

    Args:
        key: which room.
        words: the language.
        trends: histories.
        moderate_from: the level that is drawn as a line.
        now: present moment.
    """
    return render(
        "curves.html",
        trends=[
            _trend(trends.recent(key, now), Text.LAST_TEN_MINUTES, words, moderate_from),
            _trend(trends.day(key), Text.LAST_DAY, words, moderate_from),
        ],
    )


class Curves:
    """Curves as they were drawn last: all pages show the same, and they change seldom.

    Args:
        trends: histories.
        moderate_from: the level that is drawn as a line.
    """

    def __init__(self, trends: Trends, moderate_from: float) -> None:
        self._trends = trends
        self._moderate_from = moderate_from
        self._drawn: dict[tuple[RoomKey, Language], tuple[int, Markup]] = {}

    def of(self, key: RoomKey, words: Words, now: Moment) -> Markup:
        """The lower part of a tile, at most ``STEP_S`` old."""
        step = int(now.monotonic_s // STEP_S)
        drawn = self._drawn.get((key, words.language))
        if drawn is None or drawn[0] != step:
            made = curves(
                key, words=words, trends=self._trends, moderate_from=self._moderate_from, now=now
            )
            drawn = self._drawn[key, words.language] = (step, made)
        return drawn[1]


def _trend(levels: Sequence[float | None], caption: Text, words: Words, limit: float) -> _Trend:
    known = [level for level in levels if level is not None]
    span = words.say[caption]
    if known:
        alt = words.say[Text.CURVE].format(
            span=span, highest=number(words, max(known)), last=number(words, known[-1])
        )
    else:
        alt = words.say[Text.NO_CURVE].format(span=span)
    return _Trend(
        caption=span, alt=alt, path=path(levels) or "M0 0", limit_y=f"{height_of(limit):.1f}"
    )
