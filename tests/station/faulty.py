"""A database whose disk is full."""

from __future__ import annotations

import threading

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError


class Faulty:
    """Makes every access fail as a full disk does, until it is mended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.failed = threading.Semaphore(0)
        event.listen(engine, "begin", self._fail)

    def _fail(self, _connection: object) -> None:
        self.failed.release()
        raise OperationalError("BEGIN", {}, Exception("database or disk is full"))

    def mend(self) -> None:
        event.remove(self._engine, "begin", self._fail)
