"""Keep the newest picture only, so that a slow model looks at the present, never at a queue."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edge.capture.source import Grab, Source
from pain.clock import Moment
from pain.values import Frame


class LatestFrame:
    """A thread that opens a source, reads it, and keeps its newest picture.

    Pictures that are overwritten before anybody asks are counted and never converted to RGB.

    Args:
        open_source: opens the source; called in the thread, since opening may take long.
    """

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self._open_source = open_source
        self._changed = threading.Condition()
        self._newest: Grab | None = None
        self._failure: Exception | None = None
        self._dropped = 0
        self._source: Source | None = None
        self._closing = False
        # A camera driver may hang inside a system call: such a thread must not hold up the exit.
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Pictures that were overwritten by newer ones before anybody asked."""
        return self._dropped

    @property
    def started(self) -> Moment | None:
        """Moment of the stream's first picture, None before it."""
        with self._changed:
            return self._source.started if self._source is not None else None

    def get(self, timeout_s: float) -> Frame | None:
        """Wait for a picture newer than the last one given out.

        Args:
            timeout_s: longest wait, seconds.

        Returns:
            The newest picture, or None when none came in time.

        Raises:
            EndOfStream, SourceLost, SourceError: whatever ended the capture, after its last
                picture was given out.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._failure, timeout_s)
            grab, self._newest = self._newest, None
            failure = self._failure
        if grab is not None:
            return grab.to_frame()
        if failure is not None:
            raise failure
        return None

    def close(self, timeout_s: float) -> bool:
        """Ask the thread to release the source and end.

        Args:
            timeout_s: longest wait for it, seconds.

        Returns:
            Whether it has ended; a thread that hangs in a driver is left behind.
        """
        with self._changed:
            self._closing = True
            if self._source is not None:
                self._source.interrupt()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _capture(self) -> None:
        source: Source | None = None
        try:
            source = self._open_source()
            with self._changed:
                self._source = source
                if self._closing:
                    source.interrupt()
            while True:
                self._publish(source.grab())
        except Exception as error:  # noqa: BLE001  (handed to the consumer, who decides)
            with self._changed:
                self._failure = error
                self._changed.notify_all()
        finally:
            if source is not None:
                source.close()

    def _publish(self, grab: Grab) -> None:
        with self._changed:
            if self._newest is not None:
                self._dropped += 1
            self._newest = grab
            self._changed.notify_all()
