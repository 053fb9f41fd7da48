"""From single events to alarms as a nurse remembers them: when, how long, who knew, was it pain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pain.alarms import PHYSIOLOGICAL, Condition, Trigger
from pain.wire import AlarmEventPayload
from station.live.values import RoomKey
from station.ports import Archive, StoredEvent, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One alarm from its onset to its end.

    Attributes:
        condition: what it was about.
        onset_at: when it was raised, UTC.
        over_at: when its condition was gone, UTC; None while it goes on, as far as was heard.
        highest: highest level 0..6 that its events tell, or the minutes once they were asked; None
            where none does.
        acknowledged_by: who acknowledged first, None when nobody did.
        onset_id: event that a verdict is given on; None when that was not heard.
        verdict: what a nurse said of it.
        verdict_by: who said so.
    """

    condition: Condition
    onset_at: datetime
    over_at: datetime | None
    highest: float | None
    acknowledged_by: str | None
    onset_id: UUID | None
    verdict: Verdict | None
    verdict_by: str | None

    @property
    def may_be_judged(self) -> bool:
        """Whether it can be asked if it was pain."""
        return self.condition in PHYSIOLOGICAL and self.onset_id is not None


def episodes(events: Sequence[StoredEvent]) -> list[Episode]:
    """Gather a room's events by alarm.

    Args:
        events: of one room, newest first; those of commands and restarts are passed over.

    Returns:
        Newest onset first.
    """
    gathered: dict[tuple[Condition, datetime], list[tuple[StoredEvent, AlarmEventPayload]]] = {}
    for stored in reversed(events):
        event = stored.event
        if isinstance(event, AlarmEventPayload):
            gathered.setdefault((event.condition, event.onset_at), []).append((stored, event))
    found = [_episode(*key, told) for key, told in gathered.items()]
    return sorted(found, key=lambda episode: episode.onset_at, reverse=True)


def with_peaks(
    found: Sequence[Episode], archive: Archive, key: RoomKey, *, now: datetime
) -> list[Episode]:
    """The same, with the highest level of their minutes: events tell only levels of decisions.

    Waits for the disk.

    Args:
        found: of one room.
        archive: what was stored.
        key: the room.
        now: until when one that goes on is looked at, UTC.

    Raises:
        StorageError: the database fails.
    """
    return [
        _with_peak(
            episode,
            archive.highest(key, since=episode.onset_at, until=episode.over_at or now),
        )
        if episode.condition in PHYSIOLOGICAL
        else episode
        for episode in found
    ]


def _with_peak(episode: Episode, peak: float | None) -> Episode:
    if peak is None:
        return episode
    return replace(episode, highest=max(peak, episode.highest or 0.0))


def most_telling(found: Sequence[Episode], *, most: int) -> list[Episode]:
    """The newest, those of pain first: who often leaves the room must push no pain out.

    Args:
        found: newest onset first.
        most: how many are wanted.

    Returns:
        Newest onset first.
    """
    pain_first = sorted(found, key=lambda episode: episode.condition not in PHYSIOLOGICAL)
    return sorted(pain_first[:most], key=lambda episode: episode.onset_at, reverse=True)


def _episode(
    condition: Condition, onset_at: datetime, told: list[tuple[StoredEvent, AlarmEventPayload]]
) -> Episode:
    onset = next((stored for stored, event in told if event.trigger is Trigger.ONSET), None)
    over_at: datetime | None = None
    for _, event in told:
        over_at = None if event.present else (over_at or event.decided_at)
    knew = [event.person for _, event in told if event.trigger is Trigger.ACKNOWLEDGED]
    levels = [event.level for _, event in told if event.level is not None]
    return Episode(
        condition=condition,
        onset_at=onset_at,
        over_at=over_at,
        highest=max(levels, default=None),
        acknowledged_by=knew[0] if knew else None,
        onset_id=None if onset is None else onset.event.id,
        verdict=None if onset is None else onset.verdict,
        verdict_by=None if onset is None else onset.verdict_by,
    )
