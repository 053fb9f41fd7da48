"""From a trend to alarms that people are told of; pure logic without I/O."""

from edge.alarm.presence import Presence, TechnicalWatch
from edge.alarm.rooms import AlarmStatus, RoomAlarms
from pain.errors import CommandRefused

__all__ = ["AlarmStatus", "CommandRefused", "Presence", "RoomAlarms", "TechnicalWatch"]
