"""A disk that may hang: what is asked of it is done in a thread, and waited for only so long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TypeVar

from pain.errors import StorageError

T = TypeVar("T")

HANGS_AFTER_S: Final = 3.0
"""A worn SD card takes a second or two now and then; pain is told without the disk after that."""


class Disk:
    """Does one thing after another in a thread of its own. Not thread-safe itself.

    Nothing ends a system call that hangs. It is left alone, and until it comes back nothing else
    is asked of the disk.

    Args:
        file: what is kept there, for messages.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._hanging: Future[None] | None = None
        # A thread that hangs for good must not hold up the exit, as an executor's would.
        threading.Thread(target=self._work, name="disk", daemon=True).start()

    @property
    def hangs(self) -> bool:
        """Whether it has not come back from what was asked of it last."""
        return self._hanging is not None and not self._hanging.done()

    def do(
        self,
        work: Callable[[], T],
        *,
        within_s: float | None = None,
        late: Callable[[T], object] | None = None,
    ) -> T:
        """Do something and wait for it.

        Args:
            work: what to do, on the disk's thread.
            within_s: longest wait, seconds; ``HANGS_AFTER_S`` when absent.
            late: takes a result that came too late to be waited for.

        Returns:
            What ``work`` returned.

        Raises:
            StorageError: the disk hangs; else whatever ``work`` raised.
        """
        if self.hangs:
            raise self._no_answer()
        within_s = HANGS_AFTER_S if within_s is None else within_s
        result: Future[T] = Future()
        back: Future[None] = Future()
        self._jobs.put(lambda: _run(work, result, back))
        try:
            return result.result(within_s)
        except TimeoutError:
            self._hanging = back
            if late is not None:
                result.add_done_callback(lambda done: done.exception() or late(done.result()))
            raise self._no_answer() from None

    def close(self) -> None:
        """Let the thread end once it has nothing to do."""
        self._jobs.put(None)

    def _no_answer(self) -> StorageError:
        return StorageError(
            f"{self._file} cannot be used (the disk has not answered for seconds): check the "
            "disk's health"
        )

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _run(work: Callable[[], T], result: Future[T], back: Future[None]) -> None:
    try:
        result.set_result(work())
    except Exception as error:  # noqa: BLE001  (raised again where it is waited for)
        result.set_exception(error)
    # Only now, when what was to be done with a late result has been done as well.
    back.set_result(None)
