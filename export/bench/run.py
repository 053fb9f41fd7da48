"""Times candidates by turns: one runs while the others wait, so that other load hits all alike."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

from export.bench.candidate import Candidate
from export.bench.energy import NOT_REPORTED
from export.bench.worker import Memory, Ready, Turn, serve

TURNS: Final = 10

_DIED: Final = "the process died while it loaded or ran"
_NO_MEMORY: Final = Memory(peak_mb=None, gpu_mb=None)


@dataclass(slots=True, kw_only=True)
class Timed:
    """What was measured of one candidate.

    Attributes:
        candidate: what was timed.
        ready: how it loaded; None when it could not run here.
        refused: why not.
        taken_ms: of every batch.
        joules: None where the device reports none.
        energy_source: what reported them.
        memory: at the end.
    """

    candidate: Candidate
    ready: Ready | None = None
    refused: str = ""
    taken_ms: list[float] = field(default_factory=list)
    joules: float | None = None
    energy_source: str = NOT_REPORTED
    memory: Memory = _NO_MEMORY


OnDone = Callable[[str, int, int], None]


def time_all(
    candidates: Sequence[Candidate],
    *,
    seconds: float,
    turns: int = TURNS,
    on_done: OnDone = lambda _what, _done, _total: None,
) -> list[Timed]:
    """Load every candidate in a process of its own, then let them run by turns.

    Args:
        candidates: what to time.
        seconds: for each, over all turns.
        turns: how often each runs.
        on_done: told what happens, how many steps are done, and of how many.

    Returns:
        In the order of ``candidates``; those that cannot run here say why.
    """
    context = multiprocessing.get_context("spawn")
    found = [Timed(candidate=candidate) for candidate in candidates]
    running: list[tuple[Timed, BaseProcess, Connection]] = []
    try:
        for at, timed in enumerate(found):
            on_done(f"load {timed.candidate.title}", at, len(found))
            pipe, theirs = context.Pipe()
            process: BaseProcess = context.Process(
                target=serve, args=(timed.candidate, theirs), daemon=True
            )
            process.start()
            theirs.close()  # so that the death of the process ends our wait
            running.append((timed, process, pipe))
            said = _received(pipe)
            if isinstance(said, Ready):
                timed.ready = said
            else:
                timed.refused = said if isinstance(said, str) else _DIED
        for turn in range(turns):
            for timed, _, pipe in running:
                on_done(f"turn {turn + 1}: {timed.candidate.title}", turn, turns)
                if not timed.refused:
                    _take_turn(timed, pipe, seconds / turns)
        for timed, _, pipe in running:
            if not timed.refused:
                pipe.send(None)
                said = _received(pipe)
                timed.memory = said if isinstance(said, Memory) else _NO_MEMORY
        on_done("done", turns, turns)
    finally:
        for _, process, pipe in running:
            pipe.close()  # who still waits for a turn ends
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
    return found


def _take_turn(timed: Timed, pipe: Connection, span_s: float) -> None:
    pipe.send(span_s)
    said = _received(pipe)
    if not isinstance(said, Turn):
        timed.refused = _DIED
        return
    timed.taken_ms += said.taken_ms
    timed.energy_source = said.energy_source
    if said.joules is not None:
        timed.joules = (timed.joules or 0.0) + said.joules


def _received(pipe: Connection) -> object:
    """What the process says; None when it died."""
    try:
        return pipe.recv()
    except (EOFError, ConnectionResetError):
        return None
