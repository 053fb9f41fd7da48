"""The limits in force, as every event carries them."""

from __future__ import annotations

from collections.abc import Mapping

from edge.config import AlarmsConfig
from pain.alarms import PRIORITIES, Condition, Priority


def limits_in_force(config: AlarmsConfig) -> dict[Condition, Mapping[str, float]]:
    """Limits of every condition, by name with unit."""
    own: dict[Condition, dict[str, float]] = {
        Condition.PAIN_MODERATE: config.pain_moderate.model_dump(),
        Condition.PAIN_SEVERE: config.pain_severe.model_dump(),
        Condition.CAMERA_LOST: {"camera_lost_after_s": config.camera_lost_after_s},
        Condition.NO_FACE: {"no_face_after_s": config.no_face_after_s},
        Condition.MODEL_FAILED: {"model_failed_after_s": config.model_failed_after_s},
        Condition.DEGRADED_PROVIDER: {},
        Condition.OUTBOX_STUCK: {"outbox_stuck_after_s": config.outbox_stuck_after_s},
        Condition.NOBODY_LISTENING: {"nobody_listening_after_s": config.nobody_listening_after_s},
        Condition.CLOCK_UNSYNCED: {}
        if config.clock_unsynced_after_s is None
        else {"clock_unsynced_after_s": config.clock_unsynced_after_s},
    }
    return {
        condition: {**limits, "reminder_after_s": config.reminder_after_s}
        if reminds(condition)
        else limits
        for condition, limits in own.items()
    }


def reminds(condition: Condition) -> bool:
    """Whether an acknowledged alarm comes back while its condition stays.

    An advisory does not: a resident may be out of the room for the whole afternoon.
    """
    return PRIORITIES[condition] is not Priority.INFORMATION
