"""Prometheus metrics of a box. Names end with their unit, as Prometheus asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.health.values import RoomSample
from pain.alarms import AlarmState
from pain.broker.failures import Fault

_STATES: Final = {
    AlarmState.OFF: 0,
    AlarmState.ON: 1,
    AlarmState.LATCHED: 2,
    AlarmState.ACKNOWLEDGED: 3,
}


def _dropped(one: RoomSample) -> float:
    return float(one.status.dropped_frames)


def _recorded(one: RoomSample) -> float:
    return float(one.status.record_error is None)


def _s(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000.0


_GAUGES: Final[tuple[tuple[str, str, Callable[[RoomSample], float | None]], ...]] = (
    ("level", "Smoothed pain level 0..6; absent when there is none.", lambda one: one.level),
    ("ready", "1 while frames are scored and alarms are told.", lambda one: float(one.ready)),
    ("coverage_ratio", "Valid scores in the window, 0..1.", lambda one: one.status.coverage),
    ("frames_per_second", "Frames scored a second.", lambda one: one.status.fps),
    ("last_frame_age_seconds", "Since a frame was judged.", lambda one: one.pulse.unjudged_s),
    ("latency_p50_seconds", "Capture to smoothing.", lambda one: _s(one.status.latency_p50_ms)),
    ("latency_p95_seconds", "Capture to smoothing.", lambda one: _s(one.status.latency_p95_ms)),
    ("broker_connected", "1 while the broker has accepted us.", lambda one: float(one.connected)),
    ("record_written", "1 while decisions are recorded on the disk.", _recorded),
    ("clock_ahead_seconds", "Of the station's clock; absent unheard.", lambda o: o.clock_ahead_s),
    ("oldest_event_age_seconds", "Wait of the oldest event.", lambda one: one.waiting_s),
)

_COUNTERS: Final[tuple[tuple[str, str, Callable[[RoomSample], float]], ...]] = (
    ("dropped_frames", "Frames skipped since newer ones had come.", _dropped),
    ("worker_restarts", "Vision workers that were lost.", lambda o: o.status.worker_restarts),
)


class RoomCollector(Collector):
    """Gives what the main loop said last; a scrape never touches the main loop.

    Args:
        samples: returns the newest sample of every room.
    """

    def __init__(self, samples: Callable[[], Sequence[RoomSample]]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        """Every metric of every room."""
        samples = self._samples()
        for name, help_text, value_of in _GAUGES:
            gauge = GaugeMetricFamily(f"painwatch_{name}", help_text, labels=["room"])
            for one in samples:
                value = value_of(one)
                if value is not None:
                    gauge.add_metric([one.pulse.room], value)
            yield gauge
        for name, help_text, count_of in _COUNTERS:
            counter = CounterMetricFamily(f"painwatch_{name}", help_text, labels=["room"])
            for one in samples:
                counter.add_metric([one.pulse.room], count_of(one))
            yield counter
        yield _alarms(samples)
        yield _faults(samples)
        yield _builds(samples)


def _alarms(samples: Sequence[RoomSample]) -> Metric:
    words = ", ".join(f"{number} {state}" for state, number in _STATES.items())
    family = GaugeMetricFamily(
        "painwatch_alarm_state", f"State of an alarm: {words}.", labels=["room", "condition"]
    )
    for one in samples:
        for alarm in one.alarms:
            family.add_metric([one.pulse.room, alarm.condition.value], _STATES[alarm.state])
    return family


def _faults(samples: Sequence[RoomSample]) -> Metric:
    family = GaugeMetricFamily(
        "painwatch_broker_fault",
        "1 while this keeps alarms from being told, or commands from being heard.",
        labels=["room", "fault"],
    )
    for one in samples:
        for fault in Fault:
            present = one.unheard is not None and one.unheard.fault is fault
            family.add_metric([one.pulse.room, fault.value], float(present))
    return family


def _builds(samples: Sequence[RoomSample]) -> Metric:
    family = InfoMetricFamily("painwatch_build", "What scores.", labels=["room"])
    for one in samples:
        status = one.status
        family.add_metric(
            [one.pulse.room],
            {
                "software": status.software,
                "bundle": status.bundle or "",
                "bundle_sha256": status.bundle_sha256 or "",
                "provider_requested": status.provider_requested,
                "provider_actual": status.provider_actual or "",
                "precision_actual": status.precision_actual or "",
            },
        )
    return family
