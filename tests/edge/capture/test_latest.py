from __future__ import annotations

import queue
import threading
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pytest

from edge.capture import EndOfStream, LatestFrame, SourceClosed
from edge.capture.source import Grab
from pain.clock import Moment
from pain.errors import SourceError, SourceLost
from pain.values import Frame

SOON_S = 10.0
WALL = datetime(2026, 1, 1, tzinfo=UTC)


class Conversions:
    """A picture that remembers which were converted."""

    def __init__(self, sequence: int, seen: list[int]) -> None:
        self._sequence = sequence
        self._seen = seen

    def to_rgb(self) -> npt.NDArray[np.uint8]:
        self._seen.append(self._sequence)
        return np.zeros((2, 2, 3), np.uint8)


class ScriptedSource:
    """Gives what the test puts in; a picture, or an exception to raise."""

    def __init__(self) -> None:
        self._script: queue.Queue[Exception | None] = queue.Queue()
        self._asked = threading.Semaphore(0)
        self._sequence = 0
        self.converted: list[int] = []
        self.closed = threading.Event()
        self.started: Moment | None = None

    def give(self, *items: Exception | None) -> None:
        """Hand over, and return when the last picture was taken over by the reader."""
        for item in items:
            assert self._asked.acquire(timeout=SOON_S)
            self._script.put(item)
            if item is None:
                assert self._asked.acquire(timeout=SOON_S)
                self._asked.release()

    def grab(self) -> Grab:
        self._asked.release()
        item = self._script.get(timeout=SOON_S)
        if item is not None:
            raise item
        self.started = self.started or Moment(monotonic_s=0.0, wall=WALL)
        picture = Conversions(self._sequence, self.converted)
        grab = Grab(picture=picture, captured_s=0.0, wall_time=WALL, sequence=self._sequence)
        self._sequence += 1
        return grab

    def read(self) -> Frame:
        return self.grab().to_frame()

    def interrupt(self) -> None:
        self._script.put(SourceClosed())

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def source() -> ScriptedSource:
    return ScriptedSource()


def sequence_of(frame: Frame | None) -> int:
    assert frame is not None
    return frame.sequence


def test_the_newest_wins_and_the_others_cost_no_conversion(source: ScriptedSource) -> None:
    latest = LatestFrame(lambda: source)
    source.give(None, None, None)
    assert sequence_of(latest.get(SOON_S)) == 2
    assert latest.dropped == 2
    assert source.converted == [2]
    source.give(None)
    assert sequence_of(latest.get(SOON_S)) == 3
    assert latest.dropped == 2
    assert latest.close(SOON_S)


def test_without_a_new_picture_there_is_none(source: ScriptedSource) -> None:
    latest = LatestFrame(lambda: source)
    assert latest.get(0.0) is None
    assert latest.started is None
    source.give(None)
    assert sequence_of(latest.get(SOON_S)) == 0
    assert latest.get(0.0) is None
    assert latest.started == Moment(monotonic_s=0.0, wall=WALL)
    assert latest.close(SOON_S)


@pytest.mark.parametrize("failure", [SourceLost("gone"), EndOfStream(), ZeroDivisionError()])
def test_the_last_picture_comes_before_the_failure(
    source: ScriptedSource, failure: Exception
) -> None:
    latest = LatestFrame(lambda: source)
    source.give(None, failure)
    assert sequence_of(latest.get(SOON_S)) == 0
    for _ in range(2):
        with pytest.raises(type(failure)):
            latest.get(SOON_S)
    assert source.closed.wait(SOON_S)
    assert latest.close(SOON_S)


def test_a_source_that_does_not_open_is_reported_to_the_reader() -> None:
    def refuse() -> ScriptedSource:
        raise SourceError("no camera")

    latest = LatestFrame(refuse)
    with pytest.raises(SourceError, match="no camera"):
        latest.get(SOON_S)
    assert latest.close(SOON_S)


def test_closing_ends_the_wait_and_releases_the_source(source: ScriptedSource) -> None:
    latest = LatestFrame(lambda: source)
    source.give(None)
    assert latest.close(SOON_S)
    assert source.closed.is_set()


def test_closing_while_opening_hangs_does_not_hang(source: ScriptedSource) -> None:
    answer = threading.Event()

    def hang() -> ScriptedSource:
        answer.wait(SOON_S)
        return source

    latest = LatestFrame(hang)
    assert not latest.close(0.0)
    answer.set()
    assert latest.close(SOON_S)
    assert source.closed.is_set()
