"""What is counted of one resident, and counting it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edge.simulate.cells import Cell
from edge.simulate.cusum import cusum_alarms
from edge.simulate.generate import SPARSE_STEP_S
from edge.simulate.judge import Outcome, judge, standings
from edge.simulate.room import VirtualRoom, Watched
from edge.simulate.schedule import DAY_S
from edge.simulate.stream import Stream
from edge.smooth.smoother import MAX_HOLD_S
from pain.alarms import PHYSIOLOGICAL, Condition, Trigger
from pain.values import Reason


@dataclass(slots=True, kw_only=True)
class Tally:
    """One resident under one set of limits, added up over days.

    Attributes:
        days: days watched.
        seen_s: seconds with a smoothed level; None where no smoother ran.
        unseen_s: seconds without a score, by reason.
        moderate: episodes that reached the limit of moderate pain.
        severe: episodes that reached the limit of severe pain.
        false: false alarms of moderate pain, by what was seen.
        false_severe: the same of severe pain.
        mild: alarms of moderate pain in pain below its limit.
        technical: technical alarms, by condition.
        truth_known: whether alarms could be held against the truth.
    """

    days: float = 0.0
    seen_s: float | None = None
    unseen_s: dict[str, float] = field(default_factory=dict)
    moderate: list[Outcome] = field(default_factory=list)
    severe: list[Outcome] = field(default_factory=list)
    false: Counter[str] = field(default_factory=Counter)
    false_severe: Counter[str] = field(default_factory=Counter)
    mild: int = 0
    technical: Counter[str] = field(default_factory=Counter)
    truth_known: bool = True


def count(streams: Iterable[Stream], cells: Sequence[Cell]) -> list[Tally]:
    """Let the streams of one resident pass under every set of limits; a tally for each."""
    tallies = [Tally() for _ in cells]
    rooms: dict[str, tuple[VirtualRoom, list[int]]] = {}
    for stream in streams:
        if not rooms:
            rooms = _rooms(cells, start_s=stream.since_s)
        unseen = _unseen(stream)
        for tally in tallies:
            tally.days += (stream.until_s - stream.since_s) / DAY_S
            for reason, lost_s in unseen.items():
                tally.unseen_s[reason] = tally.unseen_s.get(reason, 0.0) + lost_s
            tally.truth_known = stream.episodes is not None
        for room, numbers in rooms.values():
            for number, watched in zip(numbers, room.watch(stream), strict=True):
                _add(tallies[number], stream, watched, cells[number])
        for tally, cell in zip(tallies, cells, strict=True):
            if cell.cusum is not None:
                limit = cell.alarms.pain_moderate.level
                verdict = judge(stream, cusum_alarms(stream, cell.cusum), limit=limit)
                tally.moderate += verdict.outcomes
                tally.false += verdict.false
                tally.mild += verdict.mild
    return tallies


def _rooms(cells: Sequence[Cell], *, start_s: float) -> dict[str, tuple[VirtualRoom, list[int]]]:
    by_smoothing: dict[str, list[int]] = defaultdict(list)
    for number, cell in enumerate(cells):
        if cell.cusum is None:
            by_smoothing[cell.smoothing.model_dump_json()].append(number)
    return {
        key: (
            VirtualRoom(
                cells[numbers[0]].smoothing,
                [cells[number].alarms for number in numbers],
                start_s=start_s,
            ),
            numbers,
        )
        for key, numbers in by_smoothing.items()
    }


def _add(tally: Tally, stream: Stream, watched: Watched, cell: Cell) -> None:
    tally.seen_s = (tally.seen_s or 0.0) + watched.seen_s
    moderate = judge(
        stream,
        standings(watched.events, Condition.PAIN_MODERATE),
        limit=cell.alarms.pain_moderate.level,
    )
    severe = judge(
        stream,
        standings(watched.events, Condition.PAIN_SEVERE),
        limit=cell.alarms.pain_severe.level,
    )
    tally.moderate += moderate.outcomes
    tally.severe += severe.outcomes
    tally.false += moderate.false
    tally.false_severe += severe.false
    tally.mild += moderate.mild
    tally.technical.update(
        event.condition.value
        for event in watched.events
        if event.trigger is Trigger.ONSET and event.condition not in PHYSIOLOGICAL
    )


def _unseen(stream: Stream) -> Mapping[str, float]:
    """Seconds without a score, by reason; where no reading came, camera_lost."""
    unseen: defaultdict[str, float] = defaultdict(float)
    starts = [stream.since_s, *stream.at_s, stream.until_s]
    unseen[Reason.CAMERA_LOST.value] += starts[1] - starts[0]
    ends = starts[2:]
    for at_s, end_s, outcome in zip(stream.at_s, ends, stream.outcomes, strict=True):
        speaks_s = min(end_s - at_s, SPARSE_STEP_S if isinstance(outcome, Reason) else MAX_HOLD_S)
        if isinstance(outcome, Reason):
            unseen[outcome.value] += speaks_s
        unseen[Reason.CAMERA_LOST.value] += end_s - at_s - speaks_s
    return unseen
