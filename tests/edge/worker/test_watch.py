"""The loop with a scripted camera, a real pipe, and time turned by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, Pipe

import numpy as np
import pytest

from edge.capture import EndOfStream
from edge.config import CameraConfig
from edge.worker.courier import Courier, GatewayGone
from edge.worker.messages import Ended, Failed, Message, ReadingMessage, decode
from edge.worker.pipeline import Pipeline
from edge.worker.vitals import Vitals
from edge.worker.watch import GIVE_UP_AFTER_S, POLL_S, RETRY_CAP_S, ExitCode, Watch, stall_limit_s
from pain.clock import Moment
from pain.errors import SourceError, SourceLost
from pain.values import Face, Frame, NoFace, Reason, Score
from pain.wire import StageState
from tests.edge.capture.clocks import EPOCH, HandClock, TurningEvent

CAMERA = CameraConfig(uri="rtsp://cam/s", open_timeout_s=4.0, read_timeout_s=3.0)
PICTURE = "a picture"
FROZEN = "the picture before once more"
CODED_ANEW = "the picture before, coded a little otherwise"

Step = str | float | Exception
"""A picture, seconds of silence, or an exception."""


class NoFaces:
    def __init__(self, reason: Reason = Reason.NO_FACE) -> None:
        self._reason = reason

    def track(self, frame: Frame) -> NoFace:
        return NoFace(reason=self._reason)

    def score(self, face: Face) -> Score:
        raise AssertionError("there is no face to score")


class ScriptedFeed:
    """One opening of the camera."""

    def __init__(self, steps: Sequence[Step], world: World) -> None:
        self._steps = list(steps)
        self._world = world
        self._sequence = 0
        self._grey = 0
        self._silence_s = 0.0
        self.dropped = 0
        self.started: Moment | None = None
        self.hangs = False

    def get(self, timeout_s: float) -> Frame | None:
        while self._silence_s <= 0:
            if not self._steps:
                self._world.stop.set()
                return None
            step = self._steps.pop(0)
            if isinstance(step, Exception):
                raise step
            if isinstance(step, str):
                return self._frame(step)
            self._silence_s = step
        self._world.clock.turn(timeout_s)
        self._silence_s -= timeout_s
        return None

    def close(self, timeout_s: float) -> bool:
        return not self.hangs

    def _frame(self, step: str) -> Frame:
        now = self._world.clock.now()
        self.started = self.started or now
        self.dropped += 1
        self._grey += step == PICTURE
        otherwise = self._sequence % 2 if step == CODED_ANEW else 0
        frame = Frame(
            image=np.tile(np.array([0, 50], np.uint8)[:, None, None], (1, 2, 3))
            + np.uint8(100 + self._grey % 100 + otherwise),
            captured_s=now.monotonic_s,
            wall_time=now.wall,
            sequence=self._sequence,
        )
        self._sequence += 1
        return frame


class World:
    """Everything around a watch."""

    def __init__(
        self,
        *openings: Sequence[Step] | Exception,
        live: bool = True,
        reason: Reason = Reason.NO_FACE,
    ) -> None:
        self.clock = HandClock()
        self.stop = TurningEvent(self.clock)
        self.vitals = Vitals(self.clock)
        self.reader, self.writer = Pipe(duplex=False)
        self.feeds: list[ScriptedFeed] = []
        self.hangs = False
        self._openings = list(openings)
        courier = Courier(self.writer)
        self.watch = Watch(
            open_feed=self._open,
            live=live,
            camera=CAMERA,
            pipeline=Pipeline(
                tracker=NoFaces(reason),
                scorer=NoFaces(),
                vitals=self.vitals,
                report_failure=lambda _: None,
                stall_s=2.0,
            ),
            vitals=self.vitals,
            courier=courier,
            stop=self.stop,
            clock=self.clock,
        )

    def _open(self) -> ScriptedFeed:
        steps = self._openings.pop(0) if self._openings else []
        if isinstance(steps, Exception):
            raise steps
        feed = ScriptedFeed(steps, self)
        feed.hangs = self.hangs
        self.feeds.append(feed)
        return feed

    def said(self) -> list[Message]:
        return list(drain(self.reader))


def drain(reader: Connection) -> Iterator[Message]:
    while reader.poll():
        yield decode(reader.recv_bytes())


def kinds(messages: list[Message]) -> list[str]:
    return [message.kind for message in messages]


def lost(detail: str, *, fatal: bool = False) -> Failed:
    return Failed(reason=Reason.CAMERA_LOST, detail=detail, fatal=fatal)


def test_every_frame_becomes_a_reading() -> None:
    world = World([PICTURE, PICTURE, PICTURE])
    assert world.watch.run() is ExitCode.OK
    said = world.said()
    assert kinds(said) == ["reading"] * 3
    sequences = [
        message.reading.sequence for message in said if isinstance(message, ReadingMessage)
    ]
    assert sequences == [0, 1, 2]


def test_a_file_ends_with_ended_and_code_0() -> None:
    world = World([PICTURE, EndOfStream()], live=False)
    assert world.watch.run() is ExitCode.OK
    assert world.said()[-1] == Ended()
    assert world.vitals.statuses()["capture"].state is StageState.STOPPED


@pytest.mark.parametrize("failing", [[PICTURE, SourceLost("cut off")], SourceError("cut off")])
def test_a_broken_file_is_fatal(failing: list[Step] | Exception) -> None:
    world = World(failing, live=False)
    assert world.watch.run() is ExitCode.USAGE
    assert world.said()[-1] == lost("cut off", fatal=True)


def test_a_lost_camera_is_told_once_and_opened_again() -> None:
    world = World(
        [PICTURE, SourceLost("gone")],
        SourceError("gone"),
        SourceError("gone"),
        SourceError("no permission"),
        [PICTURE],
    )
    assert world.watch.run() is ExitCode.OK
    said = world.said()
    assert kinds(said) == ["reading", "failed", "failed", "reading"]
    assert [message for message in said if isinstance(message, Failed)] == [
        lost("gone"),
        lost("no permission"),
    ]
    assert world.stop.waits_s == [1, 2, RETRY_CAP_S, RETRY_CAP_S]


def test_waits_between_attempts_are_capped_and_begin_anew_after_a_picture() -> None:
    world = World(*[SourceError("gone")] * 8, [PICTURE, SourceLost("gone")], [PICTURE])
    world.watch.run()
    assert world.stop.waits_s == [1, 2, *[RETRY_CAP_S] * 6, 1]


def test_a_camera_lost_again_is_told_again() -> None:
    world = World(*[[PICTURE, SourceLost("gone")]] * 3)
    world.watch.run()
    assert kinds(world.said()) == ["reading", "failed"] * 3


def test_a_frozen_picture_is_a_lost_camera_at_once_and_gives_no_reading() -> None:
    frozen = [step for _ in range(10) for step in (1.0, FROZEN)]
    world = World([PICTURE, *frozen, 1.0, PICTURE, 1.0, PICTURE])
    world.watch.run()
    said = world.said()
    assert kinds(said) == ["reading"] * 4 + ["failed"] + ["reading"] * 2
    told = said[4]
    assert isinstance(told, Failed)
    assert told.at_once
    assert not told.fatal
    assert told.reason is Reason.CAMERA_LOST
    assert "frozen" in told.detail
    assert world.vitals.statuses()["capture"].state is StageState.OK


@pytest.mark.parametrize(
    ("reason", "told_after_s"), [(Reason.TOO_SMALL, 20), (Reason.NO_FACE, 300)], ids=str
)
def test_a_picture_that_stands_still_is_told_later_where_nobody_is_in_it(
    reason: Reason, told_after_s: int
) -> None:
    coded = [step for _ in range(told_after_s + 5) for step in (1.0, CODED_ANEW)]
    world = World([PICTURE, *coded, 1.0, PICTURE], reason=reason)
    world.watch.run()
    said = world.said()
    told = next(message for message in said if isinstance(message, Failed))
    assert "stands still" in told.detail
    assert said.index(told) == pytest.approx(told_after_s, abs=1)
    assert said[-1].kind == "failed"


def test_a_still_picture_in_a_recording_is_no_fault() -> None:
    frozen = [step for _ in range(10) for step in (1.0, FROZEN)]
    world = World([PICTURE, *frozen, EndOfStream()], live=False)
    world.watch.run()
    assert kinds(world.said()) == [*["reading"] * 11, "ended"]


def test_while_the_camera_is_lost_the_beat_says_why() -> None:
    world = World([PICTURE, SourceLost("gone")])
    world.watch.run()
    status = world.watch.beat().stages["capture"]
    assert (status.state, status.detail) == (StageState.FAILED, "gone")


def test_the_beat_tells_drops_of_all_openings_and_the_start_of_this_one() -> None:
    world = World([PICTURE, PICTURE, SourceLost("gone")], [PICTURE])
    assert world.watch.beat().stream_started_at is None
    world.watch.run()
    assert world.watch.beat().dropped_frames == 3
    assert world.feeds[1].started is not None
    assert world.feeds[1].started.wall > EPOCH


def test_a_driver_that_hangs_is_told_and_then_left_with_its_process() -> None:
    world = World([PICTURE, 3.0 + GIVE_UP_AFTER_S + 2 * POLL_S])
    assert world.watch.run() is ExitCode.RESTART_ME
    said = world.said()
    assert kinds(said) == ["reading", "failed"]
    assert said[1] == lost("the camera's driver has given no picture for 3 s")


def test_silence_shorter_than_the_time_out_is_borne() -> None:
    world = World([PICTURE, 2.5, PICTURE])
    assert world.watch.run() is ExitCode.OK
    assert kinds(world.said()) == ["reading", "reading"]


def test_the_first_picture_may_take_as_long_as_opening_may() -> None:
    world = World([2 * 4.0 + 3.0, PICTURE])
    world.watch.run()
    assert kinds(world.said()) == ["reading"]


def test_a_source_that_is_not_released_is_left_behind() -> None:
    world = World([PICTURE, SourceLost("gone")], [PICTURE])
    world.hangs = True
    assert world.watch.run() is ExitCode.OK
    assert kinds(world.said()) == ["reading", "failed", "reading"]


def test_a_gateway_that_is_gone_ends_the_watch() -> None:
    world = World([PICTURE])
    world.reader.close()
    with pytest.raises(GatewayGone):
        world.watch.run()


@pytest.mark.parametrize(("fps", "limit_s"), [(25, 2.0), (1, 2.0), (0.1, 20.0)])
def test_the_stall_limit_follows_slow_cameras(fps: float, limit_s: float) -> None:
    assert stall_limit_s(CameraConfig(uri="x", fps_limit=fps)) == pytest.approx(limit_s)
