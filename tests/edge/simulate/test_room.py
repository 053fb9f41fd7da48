"""A virtual room does what the daemon does, only sooner."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from edge.alarm.hysteresis import Hysteresis
from edge.config import AlarmsConfig, EdgeConfig, SmoothingConfig
from edge.gateway.room import RoomGateway
from edge.simulate.cells import cells
from edge.simulate.judge import judge, standings
from edge.simulate.room import VirtualRoom, Watched
from edge.simulate.stream import EPOCH, Stream
from edge.simulate.tally import count
from edge.smooth import Smoother
from edge.worker.messages import ReadingMessage
from pain.alarms import PHYSIOLOGICAL, Condition, Trigger
from pain.clock import Moment
from pain.values import Reading, Reason, Trend
from pain.wire import AlarmEventPayload
from tests.edge.gateway.test_room import Wire
from tests.edge.simulate.streams import episode, silent, stream

LIMITS = AlarmsConfig()


def watched(one: Stream, *, skip_calm: bool = True) -> Watched:
    room = VirtualRoom(SmoothingConfig(), [LIMITS], skip_calm=skip_calm)
    return room.watch(one)[0]


def mixed(*, length_s: float, seed: int) -> Stream:
    """Calm, high and missing times in turns, each of random length."""
    rng = random.Random(seed)  # noqa: S311  (not for cryptography)
    said: list[tuple[float, float | Reason]] = []
    at_s = 0.0
    while at_s < length_s:
        at_s += rng.choice([1.0, 4.0, 20.0, 150.0])
        said.append((at_s, rng.choice([0.4, 1.0, 2.9, 3.4, 5.6, Reason.NO_FACE, Reason.BLURRED])))
    return stream(
        lambda now_s: next(what for until_s, what in said if now_s < until_s), length_s=length_s
    )


def test_a_silent_stream_raises_no_pain_alarm_and_is_all_unavailable():
    (tally,) = count([silent(length_s=600.0)], cells(SmoothingConfig(), LIMITS, [], cusum=[]))
    assert not tally.false
    assert tally.seen_s == 0.0
    assert tally.unseen_s == {Reason.CAMERA_LOST.value: 600.0}
    assert tally.technical == {Condition.CAMERA_LOST.value: 1}


def test_a_planted_episode_of_30_s_is_found_after_the_on_delay_and_the_smoothing():
    pain = episode(60.0, 90.0, 5.0)
    planted = stream(
        lambda now_s: 5.0 if 60 <= now_s < 90 else 0.5, length_s=150.0, episodes=(pain,)
    )
    alarms = standings(watched(planted).events, Condition.PAIN_MODERATE)
    (outcome,) = judge(planted, alarms, limit=3.0).outcomes
    assert outcome.found
    assert not outcome.standing
    assert outcome.above_s == pytest.approx(30.0, abs=0.2)
    assert outcome.delay_s is not None
    # A step from 0.5 to 5 passes 3 after 0.81 time constants, behind half of the median.
    behind_s = 0.81 * SmoothingConfig().time_constant_s + SmoothingConfig().median_s / 2
    assert outcome.delay_s == pytest.approx(LIMITS.pain_moderate.on_delay_s + behind_s, abs=0.45)


@pytest.mark.parametrize("seed", range(4))
def test_the_events_are_those_of_the_daemons_own_gateway(seed: int):
    same = mixed(length_s=1500.0, seed=seed)
    config = EdgeConfig.model_validate(
        {
            "site": "home",
            "mqtt": {"host": "broker"},
            "rooms": [{"id": "room-1", "camera": {"uri": "clip.mp4"}}],
        }
    )
    wire = Wire()

    class Stopped:
        def now(self) -> Moment:
            return Moment(monotonic_s=0.0, wall=EPOCH)

    gateway = RoomGateway(
        room=config.rooms[0], config=config, publisher=wire, clock=Stopped(), fast=True
    )
    for number in range(len(same.at_s)):
        gateway.handle(ReadingMessage(reading=same.reading(number)))
    daemon = [
        (said.condition, said.trigger, said.onset_at, said.decided_at)
        for said in wire.said
        if isinstance(said, AlarmEventPayload)
    ]
    ours = [
        (event.condition, event.trigger, event.onset_at, event.decided_at)
        for event in watched(same).events
    ]
    assert any(condition in PHYSIOLOGICAL for condition, *_ in daemon)
    assert [event[:2] for event in ours] == [event[:2] for event in daemon]
    for mine, theirs in zip(ours, daemon, strict=True):
        assert abs(mine[2] - theirs[2]) < timedelta(milliseconds=1)
        assert abs(mine[3] - theirs[3]) < timedelta(milliseconds=1)


def test_passing_over_calm_times_changes_no_event_and_saves_most_of_the_work(
    monkeypatch: pytest.MonkeyPatch,
):
    calm = stream(lambda now_s: 5.5 if 2000 <= now_s < 2020 else 1.0 + now_s % 1, length_s=4000.0)
    whole = watched(calm, skip_calm=False)
    taken = 0
    update = Smoother.update

    def counted(self: Smoother, reading: Reading) -> Trend:
        nonlocal taken
        taken += 1
        return update(self, reading)

    monkeypatch.setattr(Smoother, "update", counted)
    quick = watched(calm)
    assert [(one.condition, one.trigger, one.decided_s) for one in quick.events] == [
        (one.condition, one.trigger, one.decided_s) for one in whole.events
    ]
    assert {one.trigger for one in quick.events} == {Trigger.ONSET, Trigger.CLEARED}
    assert quick.seen_s == pytest.approx(whole.seen_s, abs=5.0)
    assert taken < len(calm.at_s) / 10


@pytest.mark.parametrize(
    ("owner", "name", "instead"),
    [
        (Hysteresis, "observe", lambda *_: False),
        (
            Smoother,
            "update",
            lambda self, reading: self.advance(reading.captured_s),
        ),
    ],
    ids=["hysteresis", "smoother"],
)
def test_without_the_daemons_own_classes_nothing_is_found(
    owner: type, name: str, instead: object, monkeypatch: pytest.MonkeyPatch
):
    hurting = stream(lambda now_s: 5.5 if now_s > 10 else 0.5, length_s=40.0)
    assert standings(watched(hurting).events, Condition.PAIN_MODERATE)
    monkeypatch.setattr(owner, name, instead)
    assert not standings(watched(hurting).events, Condition.PAIN_MODERATE)
