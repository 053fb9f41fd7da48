"""The supervisor against real processes and pipes; what they say is scripted."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import pytest

from edge.gateway.restart import FIRST_DELAY_S
from edge.gateway.supervisor import SILENCE_LIMIT_S, START_LIMIT_S, Supervisor
from edge.worker.messages import Ended, encode
from pain.clock import Moment

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
        self.stopped = False

    def start(self) -> None:
        self._process.start()
        self._theirs.close()

    @property
    def exitcode(self) -> int | None:
        return self._process.exitcode

    def stop(self, timeout_s: float) -> None:
        self.stopped = True
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
    assert made[0].stopped


def test_a_silent_worker_is_ended_and_started_again_after_the_delay(
    start: Start, clock: HandClock, made: list[ScriptedWorker]
):
    supervisor = start(say_and_wait, [encode(Ended())])
    wait_for_words(supervisor)
    supervisor.receive()
    clock.monotonic_s += SILENCE_LIMIT_S
    assert supervisor.check() is None
    clock.monotonic_s += 0.1
    lost = supervisor.check()
    assert lost is not None
    assert "silent" in lost
    assert made[0].stopped
    assert supervisor.check() is None
    assert len(made) == 1
    clock.monotonic_s += FIRST_DELAY_S
    supervisor.check()
    assert len(made) == 2


def test_loading_models_may_take_longer_than_silence(start: Start, clock: HandClock):
    supervisor = start(say_and_wait, [])
    clock.monotonic_s += START_LIMIT_S
    assert supervisor.check() is None
    clock.monotonic_s += 0.1
    assert supervisor.check() is not None
