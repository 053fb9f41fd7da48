"""Holds the alarms of a stream against what was true."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.simulate.stream import PAIN, Episode, Stream
from pain.alarms import AlarmEvent, Condition, Trigger

GRACE_S: Final = 5.0
"""An alarm that is decided this soon after an episode is the episode's: smoothing looks back."""

UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One time for which an alarm's condition was present; times in seconds.

    Attributes:
        onset_s: when the level passed the limit.
        decided_s: when the alarm was decided.
        ended_s: when it ended, infinity where it still stood.
    """

    onset_s: float
    decided_s: float
    ended_s: float = math.inf


def standings(events: Iterable[AlarmEvent], condition: Condition) -> list[Standing]:
    """The times for which one condition was present, from its events in order."""
    found: list[Standing] = []
    for event in events:
        if event.condition is not condition:
            continue
        if event.trigger is Trigger.ONSET:
            found.append(Standing(onset_s=event.onset_s, decided_s=event.decided_s))
        elif event.trigger is Trigger.CLEARED and found:
            found[-1] = replace(found[-1], ended_s=event.decided_s)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one episode whose true level reached the limit.

    Attributes:
        above_s: seconds for which the true level was at the limit or above.
        peak: highest true level.
        seen_share: share of that time in which the face was seen.
        found: whether an alarm began in it.
        standing: whether an alarm stood already when it began, so that none could begin.
        delay_s: from the true level's reaching the limit to the decision; None without an alarm.
    """

    above_s: float
    peak: float
    seen_share: float
    found: bool
    standing: bool
    delay_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One condition over one stream.

    Attributes:
        outcomes: episodes that reached the limit.
        false: alarms where nobody was in pain, by what was seen.
        mild: alarms in pain that did not reach the limit.
        alarms: all that began.
    """

    outcomes: tuple[Outcome, ...]
    false: Counter[str]
    mild: int
    alarms: int


def judge(stream: Stream, alarms: Sequence[Standing], *, limit: float) -> Verdict:
    """Judge the alarms of one pain condition.

    Args:
        stream: what was seen, with its truth.
        alarms: over this stream, in order.
        limit: level at which the condition begins.
    """
    if stream.episodes is None:
        return Verdict(
            outcomes=(), false=Counter({UNKNOWN: len(alarms)}), mild=0, alarms=len(alarms)
        )
    false: Counter[str] = Counter()
    mild = 0
    for alarm in alarms:
        episode = _around(stream.episodes, alarm.decided_s)
        if episode is None:
            false[_cause(stream, alarm)] += 1
        elif episode.peak < limit:
            mild += 1
    return Verdict(
        outcomes=tuple(
            _outcome(stream, episode, alarms, limit=limit)
            for episode in stream.episodes
            if episode.peak >= limit
        ),
        false=false,
        mild=mild,
        alarms=len(alarms),
    )


def _around(episodes: Sequence[Episode], at_s: float) -> Episode | None:
    return next(
        (one for one in episodes if one.start_s <= at_s <= one.end_s + GRACE_S),
        None,
    )


def _outcome(
    stream: Stream, episode: Episode, alarms: Sequence[Standing], *, limit: float
) -> Outcome:
    above = episode.level >= limit
    reached_s = float(episode.at_s[above][0])
    last_s = float(episode.at_s[above][-1])
    step_s = float(episode.at_s[1] - episode.at_s[0]) if len(episode.at_s) > 1 else 0.0
    begun = [
        alarm.decided_s
        for alarm in alarms
        if episode.start_s <= alarm.decided_s <= episode.end_s + GRACE_S
    ]
    first, last = np.searchsorted(stream.at_s, [reached_s, last_s])
    seen = [not isinstance(one, str) for one in stream.outcomes[first : last + 1]]
    return Outcome(
        above_s=float(above.sum()) * step_s,
        peak=episode.peak,
        seen_share=float(np.mean(seen)) if seen else 0.0,
        found=bool(begun),
        standing=any(alarm.decided_s < episode.start_s < alarm.ended_s for alarm in alarms),
        delay_s=begun[0] - reached_s if begun else None,
    )


def _cause(stream: Stream, alarm: Standing) -> str:
    """What was seen for most of the time between the level's passing the limit and the alarm."""
    first, last = np.searchsorted(stream.at_s, [alarm.onset_s - 1.0, alarm.decided_s])
    seen = [
        scene
        for scene, outcome in zip(
            stream.scenes[first:last], stream.outcomes[first:last], strict=True
        )
        if not isinstance(outcome, str)
    ]
    causes = Counter(scene for scene in seen if scene != PAIN) or Counter(seen)
    return causes.most_common(1)[0][0] if causes else UNKNOWN
