"""The supervisor against real processes and pipes; what they say is scripted."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import pytest

from edge.gateway.hang import HANG_LIMITS_S
from edge.gateway.restart import FIRST_DELAY_S
from edge.gateway.supervisor import SILENCE_LIMIT_S, START_LIMIT_S, Supervisor
from edge.worker.messages import Beat, Ended, encode
from pain.clock import Moment
from pain.errors import WorkerError
from pain.wire import StageState, StageStatus

_CONTEXT = multiprocessing.get_context("spawn")
WAIT_S = 30.0


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.monotonic_s = 1000.0

    def now(self) -> Moment:
        return Moment(monotonic_s=self.monotonic_s, wall=datetime(2026, 1, 1, tzinfo=UTC))


def say_and_wait(pipe: Connection, words: list[bytes]) -> None:
    for word in words:
        pipe.send_bytes(word)
    pipe.recv_bytes()  # the other end never writes: this waits until it is ended


def say_and_end(pipe: Connection, words: list[bytes]) -> None:
    for word in words:
        pipe.send_bytes(word)


class ScriptedWorker:
    def __init__(self, target: Callable[[Connection, list[bytes]], None], words: list[bytes]):
        self.connection, self._theirs = _CONTEXT.Pipe(duplex=True)
        self._process = _CONTEXT.Process(target=target, args=(self._theirs, words), daemon=True)
        self._stopped = threading.Event()
        self.patience_s: float | None = None
        self.hold = threading.Event()
        self.hold.set()

    def start(self) -> None:
        self._process.start()
        self._theirs.close()

    @property
    def exitcode(self) -> int | None:
        return self._process.exitcode

    def was_stopped(self) -> bool:
        """Whether it was told to end; the supervisor does not wait for that."""
        return self._stopped.wait(WAIT_S)

    def stop(self, timeout_s: float) -> None:
        self.patience_s = timeout_s
        self._stopped.set()
        assert self.hold.wait(WAIT_S)
        self._process.terminate()
        self._process.join(WAIT_S)

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


Start = Callable[[Callable[[Connection, list[bytes]], None], list[bytes]], Supervisor]


@pytest.fixture
def made() -> list[ScriptedWorker]:
    return []


@pytest.fixture
def start(clock: HandClock, made: list[ScriptedWorker]) -> Iterator[Start]:
    supervisors: list[Supervisor] = []

    def begin(target: Callable[[Connection, list[bytes]], None], words: list[bytes]) -> Supervisor:
        def make() -> ScriptedWorker:
            made.append(ScriptedWorker(target, words))
            return made[-1]

        supervisor = Supervisor(name="room-1", make=make, clock=clock)
        supervisors.append(supervisor)
        supervisor.start()
        return supervisor

    yield begin
    for supervisor in supervisors:
        supervisor.stop()


def wait_for_words(supervisor: Supervisor) -> None:
    assert supervisor.connection is not None
    assert supervisor.connection.poll(WAIT_S)


def look_for(seconds: float, supervisor: Supervisor, clock: HandClock) -> str | None:
    """Look five times a second, as the gateway's loop does; what was found last."""
    lost = None
    for _ in range(round(seconds * 5)):
        clock.monotonic_s = round(clock.monotonic_s + 0.2, 3)
        lost = supervisor.check() or lost
    return lost


def check_until_started(supervisor: Supervisor) -> None:
    """The next worker waits until the one before has let go of the camera."""
    deadline_s = time.monotonic() + WAIT_S
    while supervisor.connection is None:
        assert time.monotonic() < deadline_s
        supervisor.check()
        time.sleep(0.01)  # between looks, as the gateway's loop; another process ends meanwhile


def beat(**stages: StageStatus) -> Beat:
    healthy = StageStatus(state=StageState.OK, last_s=0.1)
    return Beat.model_validate(
        {
            "stages": {"capture": healthy, "track": healthy, "score": healthy, **stages},
            "fps": 10.0,
            "dropped_frames": 0,
            "stream_started_at": None,
        }
    )


def say_next(supervisor: Supervisor, worker: ScriptedWorker) -> str | None:
    """Let it say one word, and what the supervisor makes of that."""
    worker.connection.send_bytes(b"go on")
    assert worker.connection.poll(WAIT_S)
    return supervisor.receive()[1]


def say_when_told(pipe: Connection, words: list[bytes]) -> None:
    """One word for each that comes; the test decides how much time passes between."""
    for word in words:
        pipe.recv_bytes()
        pipe.send_bytes(word)
    pipe.recv_bytes()


def test_messages_arrive_in_order(start: Start):
    supervisor = start(say_and_wait, [encode(Ended())])
    wait_for_words(supervisor)
    assert supervisor.receive() == ([Ended()], None)
    assert supervisor.check() is None


def test_what_a_worker_said_before_it_died_is_kept(start: Start):
    supervisor = start(say_and_end, [encode(Ended())])
    messages: list[object] = []
    lost = None
    while lost is None:
        wait_for_words(supervisor)
        received, lost = supervisor.receive()
        messages += received
    assert messages == [Ended()]
    assert "ended unexpectedly" in lost
    assert supervisor.connection is None


@pytest.mark.parametrize("words", [b"\x80\x04pickle", b"{}", b'{"kind": "frame"}'])
def test_a_worker_that_breaks_its_contract_is_ended(
    start: Start, made: list[ScriptedWorker], words: bytes
):
    supervisor = start(say_and_wait, [words])
    wait_for_words(supervisor)
    _, lost = supervisor.receive()
    assert lost is not None
    assert "contract" in lost
    assert made[0].was_stopped()


def test_a_silent_worker_is_ended_and_started_again_after_the_delay(
    start: Start, clock: HandClock, made: list[ScriptedWorker]
):
    supervisor = start(say_and_wait, [encode(Ended())])
    wait_for_words(supervisor)
    supervisor.receive()
    assert look_for(SILENCE_LIMIT_S, supervisor, clock) is None
    lost = look_for(0.2, supervisor, clock)
    assert lost is not None
    assert "silent" in lost
    assert made[0].was_stopped()
    assert made[0].patience_s == 0.0, "a process that hangs hears no request to end"
    assert supervisor.check() is None
    assert len(made) == 1
    assert supervisor.next_start_s == clock.monotonic_s + FIRST_DELAY_S
    clock.monotonic_s += FIRST_DELAY_S
    check_until_started(supervisor)
    assert len(made) == 2
    assert supervisor.next_start_s is None


@pytest.mark.parametrize("away_s", [1.1, 10 * SILENCE_LIMIT_S])
def test_time_in_which_the_gateway_itself_stood_still_is_no_silence(
    start: Start, clock: HandClock, away_s: float
):
    supervisor = start(say_and_wait, [encode(Ended())])
    wait_for_words(supervisor)
    supervisor.receive()
    assert look_for(SILENCE_LIMIT_S - 1, supervisor, clock) is None
    clock.monotonic_s += away_s
    assert supervisor.check() is None
    assert look_for(0.8, supervisor, clock) is None
    assert "silent" in (look_for(0.4, supervisor, clock) or "")


def test_loading_models_may_take_longer_than_silence(start: Start, clock: HandClock):
    supervisor = start(say_and_wait, [])
    assert look_for(START_LIMIT_S, supervisor, clock) is None
    assert look_for(0.2, supervisor, clock) is not None


STALLED = StageStatus(state=StageState.STALLED, detail="no answer for 3.0 s", last_s=3.0)


@pytest.mark.parametrize("stage", ["track", "score", "capture"])
def test_a_stage_that_hangs_behind_a_beating_heart_ends_the_worker(
    start: Start, clock: HandClock, made: list[ScriptedWorker], stage: str
):
    limit_s = HANG_LIMITS_S[stage]  # type: ignore[index]
    later = STALLED.model_copy(update={"last_s": 3.0 + limit_s})
    words = [encode(beat(**{stage: one})) for one in (STALLED, later)]
    supervisor = start(say_when_told, words)
    assert say_next(supervisor, made[0]) is None
    clock.monotonic_s += limit_s
    lost = say_next(supervisor, made[0])
    assert lost is not None
    assert lost.startswith(f"{stage} has hung")
    assert made[0].was_stopped()
    assert made[0].patience_s == 0.0
    clock.monotonic_s += FIRST_DELAY_S
    check_until_started(supervisor)
    assert len(made) == 2


def test_a_stage_that_stalls_on_every_frame_and_gets_on_is_slow_and_not_hung(
    start: Start, clock: HandClock, made: list[ScriptedWorker]
):
    limit_s = HANG_LIMITS_S["score"]
    words = [encode(beat(score=STALLED))] * 3
    supervisor = start(say_when_told, words)
    for _ in words:
        assert say_next(supervisor, made[0]) is None
        clock.monotonic_s += limit_s


def test_a_hung_worker_keeps_no_other_room_waiting(
    start: Start, clock: HandClock, made: list[ScriptedWorker]
):
    supervisor = start(say_and_wait, [encode(Ended())])
    wait_for_words(supervisor)
    supervisor.receive()
    made[0].hold.clear()
    # Returns though the worker is not gone.
    assert look_for(SILENCE_LIMIT_S + 0.2, supervisor, clock) is not None
    clock.monotonic_s += FIRST_DELAY_S
    assert supervisor.check() is None
    assert len(made) == 1, "two workers at one camera"
    made[0].hold.set()
    check_until_started(supervisor)
    assert len(made) == 2


def test_a_machine_that_cannot_start_a_process_now_is_asked_again_later(clock: HandClock):
    attempts: list[float] = []

    class Unstartable:
        exitcode = None

        @property
        def connection(self) -> Connection:
            raise AssertionError("it never ran")

        def start(self) -> None:
            attempts.append(clock.monotonic_s)
            raise WorkerError("cannot start a vision worker: Resource temporarily unavailable")

        def stop(self, timeout_s: float) -> None:
            raise AssertionError("it never ran")

        def close(self) -> None:
            raise AssertionError("it never ran")

    supervisor = Supervisor(name="room-1", make=Unstartable, clock=clock)
    supervisor.replace(Unstartable, start_limit_s=START_LIMIT_S)
    for delay_s in (0.25, 0.5, 1):
        lost = supervisor.check()
        assert lost == (
            "cannot start a vision worker: Resource temporarily unavailable; "
            f"next start in {delay_s} s"
        )
        clock.monotonic_s += delay_s
    assert len(attempts) == 3


def test_another_worker_takes_over_without_a_loss(
    start: Start, clock: HandClock, made: list[ScriptedWorker]
):
    supervisor = start(say_and_wait, [encode(Ended())])
    wait_for_words(supervisor)
    supervisor.receive()
    other: list[ScriptedWorker] = []

    def make() -> ScriptedWorker:
        other.append(ScriptedWorker(say_and_wait, [encode(Ended())]))
        return other[-1]

    supervisor.replace(make, start_limit_s=START_LIMIT_S)
    assert made[0].was_stopped()
    check_until_started(supervisor)
    wait_for_words(supervisor)
    assert supervisor.receive() == ([Ended()], None)
    assert (len(made), len(other)) == (1, 1)
