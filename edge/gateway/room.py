"""One room in the gateway: readings in, smoothed level and alarms out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from edge.alarm import CommandRefused, RoomAlarms
from edge.alarm.clockwatch import STEP_S
from edge.alarm.presence import TechnicalWatch
from edge.alarm.sparse import TOO_RARE
from edge.baseline.book import BaselineBook, Note, note_nothing
from edge.config import EdgeConfig, RoomConfig
from edge.gateway.delivery import DeliveryWatch
from edge.gateway.handover import Handover
from edge.gateway.publisher import Publisher
from edge.gateway.pulse import BLINDING, Pulse
from edge.gateway.state import ALIVE_EVERY_S, RoomState, recall, restart_event
from edge.gateway.status import StatusBoard
from edge.gateway.waking import Waking
from edge.health.values import RoomSample
from edge.identity.desk import ResidentDesk
from edge.mqtt.commands import CommandDesk
from edge.mqtt.payloads import alarm_payload, event_payload, reading_payload
from edge.smooth import Smoother
from edge.smooth.sleep import SleepWatch
from edge.worker.messages import Beat, Ended, Failed, Hello, Message, ReadingMessage
from pain.alarms import PHYSIOLOGICAL, AlarmEvent, Condition
from pain.clock import Clock, Moment
from pain.values import Reason, Trend
from pain.wire import (
    AcknowledgeCommand,
    Command,
    EnrolResidentCommand,
    EventPayload,
    ForgetResidentCommand,
    PauseCommand,
    ReloadCommand,
    ResetBaselineCommand,
    ResumeCommand,
    SetBaselineCommand,
)

_log = logging.getLogger(__name__)

READING_EVERY_S: Final = 1.0
STATUS_EVERY_S: Final = 10.0
SILENT_AFTER_S: Final = 1.0
"""Without a reading for this long, time itself is told to the smoother: coverage must fall."""


def _unknown() -> bool | None:
    return None


def _never_slept() -> float:
    return 0.0


class RoomGateway:
    """Turns one worker's messages into MQTT messages.

    Not thread-safe: the gateway's main loop is its only caller.

    Args:
        room: the room.
        config: the whole configuration.
        publisher: where messages go.
        clock: the machine's time.
        fast: a recording is read as fast as it can be scored, so its readings are the only clock:
            the machine's may be ahead of them or behind.
        saved: what the run before left with the publisher, None where there was none.
        reload: reads the config file again for a command; raises CommandRefused.
        resident: tells the resident from others; None: everybody is scored.
        note_baseline: puts a line into the record; told what became of each measurement.
        synchronised: whether a time server sets the machine's clock, None where nobody knows.
        asleep_s: how long the machine has slept since its start, seconds.

    Attributes:
        room: the room's configuration.
        finished: whether there is nothing left to watch (a recording ended or is unusable).
        fault: why a recording is unusable, else None.
    """

    def __init__(
        self,
        *,
        room: RoomConfig,
        config: EdgeConfig,
        publisher: Publisher,
        clock: Clock,
        fast: bool,
        saved: bytes | None = None,
        reload: Callable[[ReloadCommand], None] | None = None,
        resident: ResidentDesk | None = None,
        note_baseline: Note = note_nothing,
        synchronised: Callable[[], bool | None] = _unknown,
        asleep_s: Callable[[], float] = _never_slept,
    ) -> None:
        self.room = room
        self.finished = False
        self.fault: str | None = None
        self._publisher = publisher
        self._reload = reload
        self._resident = resident
        self._greeted = False
        self._clock = clock
        self._smoother = Smoother(config.smoothing)
        self._waking = Waking(asleep_s, from_s=min(config.smoothing.window_s, STEP_S))
        self._alarms = RoomAlarms(config.alarms)
        start = clock.now()
        before = None if saved is None else recall(saved, room=room.id)
        standing = before.alarms.present if before and before.alarms else frozenset[Condition]()
        self._watch = TechnicalWatch(config.alarms, start_s=start.monotonic_s, standing=standing)
        self._delivery = DeliveryWatch(
            config,
            publisher,
            start_s=start.monotonic_s,
            unheard_before=Condition.NOBODY_LISTENING in standing,
            synchronised=synchronised,
            asleep_s=asleep_s,
        )
        self._sleep = SleepWatch()
        self._baseline = BaselineBook(
            config.baseline,
            kept=before.baseline if before is not None else None,
            note=note_baseline,
        )
        self._desk = CommandDesk(max_pause_s=config.alarms.max_pause_s)
        self._status = StatusBoard(room=room, config=config, start=start)
        self._start = start
        self._pause_told: datetime | None = None
        self._stream_is_clock = fast and room.camera.is_recording
        self._latest_s = start.monotonic_s
        self._heard_up_to_s = float("inf")
        self._silence: Reason | None = None
        self._reading_published_s = float("-inf")
        self._status_published_s = float("-inf")
        self._remembered_s = float("-inf")
        self._ended = False
        self._level: float | None = None
        if before is not None and before.alarms is not None:
            self._alarms.restore(before.alarms, start)
        self._announce_initial(start)
        if saved is not None and not (before and before.ended):
            _log.warning("%s: the run before ended without a goodbye", room.id)
            self._publish([restart_event(before, start)], start)
        else:
            self._remember(start)

    def _announce_initial(self, now: Moment) -> None:
        self._publish_alarms(now)
        self._publish_status(now)

    def _publish_alarms(self, now: Moment) -> None:
        self._pause_told = self._alarms.paused_until(now)
        for status in self._alarms.statuses(now):
            self._publisher.publish_alarm(alarm_payload(status))

    def _tell_pause(self, now: Moment) -> None:
        """Have no alarm name another end of the pause than is true: most have no event of it."""
        if self._alarms.paused_until(now) != self._pause_told:
            self._publish_alarms(now)
            self._publish_status(now)

    def heard_up_to(self, at_s: float) -> None:
        """Take note that the worker had said nothing more than what is handed on up to a time.

        A disk may hold up the gateway for seconds between that time and ``tick``. Who is not
        listened to is not silent.

        Args:
            at_s: monotonic time, seconds.
        """
        self._heard_up_to_s = at_s

    def handle(self, message: Message) -> None:
        """Take one message from the worker."""
        match message:
            case Hello():
                self._greeted = True
                self._silence = None
                self._watch.ready(self._now().monotonic_s)
                self._status.hello(message)
                if self._resident is not None:
                    self._resident.greet(message.recogniser)
                _log.info(
                    "%s: bundle %s on %s %s, worker network: %s",
                    self.room.id,
                    message.bundle,
                    message.provider_actual,
                    message.precision_actual,
                    message.network,
                )
                self._publish_status(self._now())
                self._judge_provider(message)
            case ReadingMessage():
                self._take_reading(message)
            case Beat():
                stages = {str(name): stage for name, stage in message.stages.items()}
                self._watch.beat(stages, self._now().monotonic_s)
                if self._status.beat(message):
                    self._publish_status(self._now())
            case Failed():
                self._take_failure(message)
            case Ended():
                self.finished = True

    def worker_lost(self, detail: str, *, next_start_s: float | None = None) -> None:
        """Raise model_failed at once: nobody is scoring this room's face now."""
        now = self._now()
        _log.error("%s: %s", self.room.id, detail)
        self._silence = Reason.MODEL_FAILED
        self._watch.failed(Reason.MODEL_FAILED, now.monotonic_s, fatal=True)
        self._status.worker_lost(
            detail, next_start_at=None if next_start_s is None else now.at(next_start_s)
        )
        self._publish_status(now)
        self._evaluate_technical(now, until_s=self._latest_s)

    def command(self, name: str, payload: bytes, *, retained: bool) -> None:
        """Take one command from the nursing station and answer it once."""
        now = self._now()
        sent_by = self._delivery.station_now(self._clock.now())
        answer = self._desk.take(
            name, payload, retained=retained, now=now, sender_now=sent_by, apply=self._apply
        )
        self._publisher.publish_event(answer)

    def tick(self) -> None:
        """Let time pass: silence, delays, reminders, pauses and the regular status."""
        self._look_awake()
        now = self._now()
        heard_s = now.monotonic_s
        if not self._stream_is_clock:
            heard_s = min(heard_s, self._heard_up_to_s)
        if heard_s - self._latest_s >= SILENT_AFTER_S:
            silence = Reason.MODEL_FAILED if self._watch.stalled else self._silence
            self._follow(self._smoother.advance(heard_s, silence=silence), now)
        self._evaluate_technical(now, until_s=heard_s)
        self._evaluate_delivery(now)
        self._publish_events(self._alarms.tick(now), now)
        self._tell_pause(now)
        if self._resident is not None and self._resident.tick(now):
            self._publish_status(now)
        if now.monotonic_s - self._status_published_s >= STATUS_EVERY_S:
            self._publish_status(now)
        if now.monotonic_s - self._remembered_s >= ALIVE_EVERY_S:
            self._remember(now)

    def pulse(self) -> Pulse:
        """Whether the room is watched, or its silence was told."""
        now_s = self._now().monotonic_s
        since_s = self._watch.loading_since_s
        return Pulse(
            room=self.room.id,
            greeted=self._greeted,
            unjudged_s=now_s - self._watch.judged_s,
            loading_s=None if since_s is None else now_s - since_s,
            told_after_s=self._watch.told_after_s,
            told=next((one for one in BLINDING if self._alarms.present(one)), None),
            finished=self.finished,
        )

    def sample(self) -> RoomSample:
        """How the room is, for those who ask from outside."""
        now = self._now()
        return RoomSample(
            pulse=self.pulse(),
            status=self._status.payload(self._publisher, now),
            alarms=tuple(self._alarms.statuses(now)),
            level=self._level,
            connected=self._publisher.connected,
            waiting_s=self._publisher.waiting_s(self._clock.now()),
            unheard=self._delivery.fault(self._clock.now()),
            clock_ahead_s=self._delivery.ahead_s(self._clock.now()),
        )

    def tell_config(self, error: str | None) -> None:
        """Say whether the config file was taken when it was read again; None: it was."""
        self._status.config_error = error
        self._publish_status(self._now())

    def hand_over(self) -> Handover:
        """What the room's next gateway in this run goes on with; this one says nothing more."""
        self._ended = True
        return Handover(
            state=self._state(self._now()),
            desk=self._desk,
            baseline=self._baseline,
            resident=self._resident,
            restarts=self._status.restarts,
        )

    def take_over(self, before: Handover) -> None:
        """Go on from the room's gateway before; its ``state`` was given at the start."""
        self._desk.take_over(before.desk)
        self._baseline.take_over(before.baseline)
        if self._resident is not None and before.resident is not None:
            self._resident = before.resident.follow(self._resident)
        self._status.restarts = before.restarts
        self._publish_status(self._now())

    def finish(self) -> None:
        """Say a last time how the room stands: each alarm that stands gets an event."""
        now = self._now()
        self._ended = True
        self._baseline.give_up("the daemon was stopped in the window; ask again")
        self._publish_events(self._alarms.stop(now), now)
        self._remember(now)
        self._status.stopped()
        self._publish_status(now)

    def _now(self) -> Moment:
        """Return the present; for a recording read fast, that is its newest reading."""
        if not self._stream_is_clock:
            return self._clock.now()
        return Moment(monotonic_s=self._latest_s, wall=self._start.at(self._latest_s))

    def _look_awake(self) -> None:
        """Let go of what was seen before the machine slept: on the monotonic clock it looks new."""
        if self._waking.woke() and not self._stream_is_clock:
            _log.warning("%s: the machine slept; what was seen before counts no more", self.room.id)
            if self._resident is not None:
                self._resident.slept()
            self._delivery.woke(self._clock.now().monotonic_s)
            self._smoother.start_anew(self._clock.now().monotonic_s)
            self._sleep = SleepWatch()
            self._alarms.start_anew()

    def _take_reading(self, message: ReadingMessage) -> None:
        reading = message.reading
        self._look_awake()
        if not self._stream_is_clock:
            # A paced clip may be a hair early; a negative latency would be no valid status.
            self._status.latency.add(max(self._clock.now().monotonic_s - reading.captured_s, 0.0))
        self._latest_s = max(self._latest_s, reading.captured_s)
        if self._resident is not None:
            reading = self._resident.take(reading, message.sight, in_pain=self._in_pain)
        trend = self._smoother.update(reading)
        self._watch.reading(reading, trend)
        now = self._now()
        self._follow(trend, now)
        self._evaluate_technical(now, until_s=reading.captured_s)

    def _follow(self, trend: Trend, now: Moment) -> None:
        trend = replace(self._baseline.correct(trend), asleep=self._sleep.asleep(trend))
        self._level = trend.level
        self._watch.trend(trend)
        self._status.coverage = trend.coverage
        self._publish_events(self._alarms.observe(trend, now), now)
        if self._baseline.observe(trend, in_pain=self._in_pain, now=now):
            _log.info("%s: baseline: %s", self.room.id, self._baseline.status(now).state)
            self._remember(now)
            self._publish_status(now)
        if trend.at_s - self._reading_published_s >= READING_EVERY_S:
            self._reading_published_s = trend.at_s
            self._publisher.publish_reading(reading_payload(trend, now))

    def _judge_provider(self, hello: Hello) -> None:
        """Tell whether the model runs on what was bought for it; scoring goes on either way."""
        now = self._now()
        events = self._alarms.technical(
            Condition.DEGRADED_PROVIDER,
            present=hello.degraded is not None,
            now=now,
            detail=hello.degraded,
        )
        self._publish_events(events, now)

    def _take_failure(self, failure: Failed) -> None:
        now = self._now()
        _log.error("%s: %s: %s", self.room.id, failure.reason, failure.detail)
        if failure.fatal and self.room.camera.is_recording:
            # A camera may come back and is tried again for ever; a bad recording stays bad.
            self.finished, self.fault = True, failure.detail
        self._silence = failure.reason
        self._status.failed(failure)
        self._watch.failed(
            failure.reason, now.monotonic_s, fatal=failure.fatal, at_once=failure.at_once
        )
        self._publish_status(now)
        self._evaluate_technical(now, until_s=self._latest_s)

    def _evaluate_technical(self, now: Moment, *, until_s: float) -> None:
        """Judge what is known up to a monotonic time; newer messages may wait unread."""
        causes = {
            Condition.CAMERA_LOST: self._status.camera_fault
            or (TOO_RARE if self._watch.sparse else None),
            Condition.MODEL_FAILED: self._status.model_fault,
        }
        for condition, presence in self._watch.evaluate(until_s).items():
            events = self._alarms.technical(
                condition,
                present=presence.present,
                now=now,
                onset_s=presence.onset_s,
                detail=causes.get(condition),
            )
            self._publish_events(events, now)

    def _evaluate_delivery(self, now: Moment) -> None:
        events = []
        for found in self._delivery.judge(self._clock.now()):
            events += self._alarms.technical(
                found.condition,
                present=found.present,
                now=now,
                onset_s=found.onset_s,
                detail=found.detail,
            )
        self._publish_events(events, now)

    def _apply(self, command: Command, now: Moment) -> None:
        match command:
            case AcknowledgeCommand():
                events = self._alarms.acknowledge(command.condition, person=command.person, now=now)
            case PauseCommand():
                events = self._alarms.pause(command.until, person=command.person, now=now)
            case ResumeCommand():
                events = self._alarms.resume(person=command.person, now=now)
            case ReloadCommand():
                if self._reload is None:
                    raise CommandRefused("this daemon was started without a config file")
                self._reload(command)
                return
            case SetBaselineCommand():
                self._baseline.measure(person=command.person, in_pain=self._in_pain, now=now)
                events = []
            case ResetBaselineCommand():
                self._baseline.forget(person=command.person)
                events = []
            case EnrolResidentCommand() | ForgetResidentCommand():
                self._change_resident(command, now)
                events = []
        self._publish_events(events, now)
        self._remember(now)  # a pause may begin or end without any event
        self._publish_status(now)  # boards count a pause down from it

    def _change_resident(
        self, command: EnrolResidentCommand | ForgetResidentCommand, now: Moment
    ) -> None:
        if self._resident is None:
            raise CommandRefused("this daemon has no place to keep a resident's face")
        if isinstance(command, ForgetResidentCommand):
            self._resident.forget(person=command.person)
            return
        self._resident.enrol(
            person=command.person, consent=command.consent, in_pain=self._in_pain, now=now
        )

    @property
    def _in_pain(self) -> bool:
        return any(self._alarms.present(condition) for condition in PHYSIOLOGICAL)

    def _publish_events(self, events: list[AlarmEvent], now: Moment) -> None:
        if not events:
            return
        for event in events:
            _log.warning(
                "%s: %s %s: %s -> %s",
                self.room.id,
                event.condition,
                event.trigger,
                event.before,
                event.after,
            )
        published_at = self._now().wall
        self._publish([event_payload(event, published_at=published_at) for event in events], now)
        changed: set[Condition] = {event.condition for event in events}
        for status in self._alarms.statuses(now):
            if status.condition in changed:
                self._publisher.publish_alarm(alarm_payload(status))

    def _publish(self, payloads: Sequence[EventPayload], now: Moment) -> None:
        self._remembered_s = now.monotonic_s
        self._publisher.publish_events(payloads, state=self._state(now))

    def _remember(self, now: Moment) -> None:
        self._remembered_s = now.monotonic_s
        self._publisher.remember(self._state(now))

    def _state(self, now: Moment) -> bytes:
        # A recording that was played to its end is over: the next run has nothing to go on with.
        played = self._ended and self.finished and self.fault is None
        alarms = None if played else self._alarms.save(now)
        return RoomState(
            alive_at=now.wall, ended=self._ended, alarms=alarms, baseline=self._baseline.baseline
        ).encode()

    def _publish_status(self, now: Moment) -> None:
        self._status_published_s = now.monotonic_s
        self._status.paused_until = self._alarms.paused_until(now)
        self._status.baseline = self._baseline.status(now)
        if self._resident is not None:
            self._status.identity = self._resident.status(now)
        self._publisher.publish_status(self._status.payload(self._publisher, now))
