"""Wire terms in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pain.action_units import AU_WORDS, ActionUnit
from pain.alarms import AlarmState, Condition, Signal, Trigger
from pain.values import Reason
from pain.wire import (
    AlarmEventPayload,
    AlarmPayload,
    Availability,
    CommandEventPayload,
    RestartEventPayload,
)

DISCLAIMER: Final = "research aid, not a medical device"

AU_SHOWN_FROM: Final = 1.5
"""AUs below this are not named: FACS calls 1 a trace, and a trace explains nothing to a nurse."""

AUS_SHOWN: Final = 4
"""At most so many AUs are named, strongest first; more do not fit on one line of 80 columns."""

CONDITION_WORDS: Final[Mapping[Condition, str]] = {
    Condition.PAIN_SEVERE: "severe pain",
    Condition.PAIN_MODERATE: "moderate pain",
    Condition.CAMERA_LOST: "camera lost",
    Condition.NO_FACE: "no face seen",
    Condition.MODEL_FAILED: "model failed",
    Condition.DEGRADED_PROVIDER: "model runs on a slower provider",
    Condition.OUTBOX_STUCK: "events wait for the broker or the disk",
    Condition.NOBODY_LISTENING: "no nursing station listens",
    Condition.CLOCK_UNSYNCED: "clock cannot be trusted",
}

REASON_WORDS: Final[Mapping[Reason, str]] = {
    Reason.NO_FACE: "no face in the picture",
    Reason.TOO_SMALL: "face too small",
    Reason.TURNED_AWAY: "face turned away",
    Reason.BLURRED: "picture blurred",
    Reason.TOO_DARK: "too dark",
    Reason.OCCLUDED: "face covered",
    Reason.SEVERAL_FACES: "several faces",
    Reason.MOTIONLESS: "face motionless, perhaps a picture",
    Reason.CAMERA_LOST: "camera lost",
    Reason.MODEL_FAILED: "model failed",
    Reason.PAUSED: "paused",
    Reason.WARMING_UP: "only begun to watch",
    Reason.NOT_RESIDENT: "not known to be the resident's face",
}

AVAILABILITY_WORDS: Final[Mapping[Availability, str]] = {
    Availability.ONLINE: "online",
    Availability.STOPPED: "stopped on purpose",
    Availability.OFFLINE: "offline, connection lost",
}


def action_units(units: Mapping[ActionUnit, float]) -> str:
    """Name the visible action units, strongest first.

    Args:
        units: AU intensities 0..5.

    Returns:
        Words joined by commas; empty when none is visible.
    """
    visible = sorted(
        (unit for unit, intensity in units.items() if intensity >= AU_SHOWN_FROM),
        key=lambda unit: -units[unit],
    )
    return ", ".join(AU_WORDS[unit] for unit in visible[:AUS_SHOWN])


def clock_time(at: datetime) -> str:
    """Local time of day."""
    return at.astimezone().strftime("%H:%M:%S")


def duration(seconds: float) -> str:
    """A length of time in at most two units."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left:02d} min"
    if minutes:
        return f"{minutes} min {rest:02d} s"
    return f"{rest} s"


def percent(share: float) -> str:
    """A share 0..1 as a percentage."""
    return f"{share * 100:.0f} %"


def alarm(alarm: AlarmPayload, now: datetime) -> str:
    """One alarm's state, with since when."""
    since = alarm.onset_at or alarm.changed_at
    words = [
        CONDITION_WORDS[alarm.condition],
        f"since {clock_time(since)} ({duration((now - since).total_seconds())})",
    ]
    if alarm.state is AlarmState.LATCHED:
        words.append("over, waits for acknowledge")
    elif alarm.state is AlarmState.ACKNOWLEDGED:
        words.append(f"acknowledged by {alarm.acknowledged_by or 'somebody'}")
    if alarm.signal is Signal.PAUSED:
        words.append("signal paused")
    elif alarm.signal is Signal.SOUNDING and alarm.state is AlarmState.ON:
        words.append("not acknowledged")
    return " · ".join(words)


def alarm_event(event: AlarmEventPayload) -> str:
    """One alarm transition."""
    what = CONDITION_WORDS[event.condition]
    level = "" if event.level is None else f" (level {event.level:.1f})"
    if event.trigger is Trigger.ONSET:
        return f"{what} began{level}"
    if event.trigger is Trigger.REMINDER:
        return f"{what} goes on: reminder{level}"
    if event.trigger is Trigger.ACKNOWLEDGED:
        return f"{what} acknowledged by {event.person or 'somebody'}"
    if event.trigger is Trigger.STOPPED:
        stays = event.after is AlarmState.LATCHED
        rest = ": watching stopped, alarm stays until acknowledged"
        return f"{what}{rest if stays else ' ended: watching stopped'}"
    if event.after is AlarmState.LATCHED:
        return f"{what} over, alarm stays until acknowledged{level}"
    return f"{what} over{level}"


def restart(event: RestartEventPayload) -> str:
    """A run that ended without a goodbye, and the one after it."""
    since = f" since {clock_time(event.last_alive_at)}" if event.last_alive_at else ""
    return f"restarted after an unclean end; the room was not watched{since}"


def command_answer(event: CommandEventPayload) -> str:
    """The daemon's answer to a command."""
    who = f" by {event.person}" if event.person else ""
    if event.accepted:
        return f"{event.command}{who}: accepted"
    return f"{event.command}{who}: refused, {event.reason or 'no reason given'}"
