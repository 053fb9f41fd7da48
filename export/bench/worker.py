"""One candidate in a process of its own, so that rows share no memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from export.bench.candidate import Candidate, Provider
from export.bench.energy import NOT_REPORTED, open_meter, open_nvml
from export.bench.load import load
from pain.errors import PainwatchError

WARM_UP: Final = 3

_STATUS: Final = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Loaded and warm.

    Attributes:
        load_ms: until the first batch could be given.
        difference: of level on the golden faces; None without.
        passed: whether the golden faces came out right; None without.
        note: for the row.
    """

    load_ms: float
    difference: float | None
    passed: bool | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Some batches.

    Attributes:
        taken_ms: one per batch.
        joules: None where the device reports none.
        energy_source: what reported it.
    """

    taken_ms: list[float]
    joules: float | None
    energy_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """At the end.

    Attributes:
        peak_mb: growth of the process since before it loaded, at its peak.
        gpu_mb: growth of what is used on the whole GPU; None without one.
    """

    peak_mb: float | None
    gpu_mb: float | None


def serve(candidate: Candidate, pipe: Connection) -> None:
    """Load, then answer: a number asks for a turn of so many seconds, None for the end.

    Sends ``Ready``, or the reason as text when it cannot run here; then ``Turn``s and ``Memory``.
    """
    nvml = open_nvml()
    on_gpu = candidate.provider is not Provider.CPU
    before_kb, gpu_before = _status_kb("VmRSS"), nvml.used_bytes() if nvml else None
    started_s = time.perf_counter()
    try:
        loaded = load(candidate)
    except PainwatchError as error:
        pipe.send(str(error))
        return
    load_ms = (time.perf_counter() - started_s) * 1e3
    for _ in range(WARM_UP):
        loaded.run()
    pipe.send(
        Ready(
            load_ms=load_ms,
            difference=loaded.difference,
            passed=loaded.passed,
            note=loaded.note,
        )
    )
    gpu_after = nvml.used_bytes() if nvml else None
    while (span_s := pipe.recv()) is not None:
        meter = open_meter(nvml if on_gpu else None)
        taken_ms: list[float] = []
        end_s = time.perf_counter() + span_s
        while not taken_ms or time.perf_counter() < end_s:
            begun_s = time.perf_counter()
            loaded.run()
            taken_ms.append((time.perf_counter() - begun_s) * 1e3)
            if meter is not None:
                meter.sample()
        pipe.send(
            Turn(
                taken_ms=taken_ms,
                joules=meter.joules() if meter else None,
                energy_source=meter.source if meter else NOT_REPORTED,
            )
        )
    peak_kb = _status_kb("VmHWM")
    pipe.send(
        Memory(
            peak_mb=None
            if before_kb is None or peak_kb is None
            else max(peak_kb - before_kb, 0) / 1024,
            gpu_mb=None
            if not on_gpu or gpu_before is None or gpu_after is None
            else max(gpu_after - gpu_before, 0) / 2**20,
        )
    )


def _status_kb(key: str) -> int | None:
    """A line of the kernel's account of this process; None on another system."""
    if not _STATUS.is_file():
        return None
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0])
    return None
