"""A student beside its teachers: figures, agreement, size, speed."""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from train.distil.faces import Faces
from train.distil.judge import Agreement, Judgement, agreement, judge
from train.distil.teacher import Teacher, read_plain

STAMP: Final = ("date", "commit", "device")
COLUMNS: Final = (
    "reader",
    "metric",
    "value",
    "low_95",
    "high_95",
    "on",
    "parameters",
    "eager_ms",
    *STAMP,
)

_TURNS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One reader on one set of faces.

    Attributes:
        judgement: its figures.
        agreement: with the first teacher; None where there is none, and for itself.
        parameters: number of its weights.
        eager_ms: median time for one face in PyTorch, ms.
    """

    judgement: Judgement
    agreement: Agreement | None
    parameters: int
    eager_ms: float


def compare(
    student: Teacher, teachers: Sequence[Teacher], tests: Sequence[Faces]
) -> list[Compared]:
    """Let a student and its teachers read the same faces.

    Args:
        student: as one who could teach in turn.
        teachers: those that taught it.
        tests: faces that none of the student's weights has seen.
    """
    found = []
    for faces in tests:
        readers = [student, *teachers]
        said = [read_plain(reader, faces) for reader in readers]
        times = _eager_ms(readers, faces)
        for number, (reader, reading) in enumerate(zip(readers, said, strict=True)):
            told = agreement(reading, said[1]) if len(said) > 1 and number != 1 else None
            found.append(
                Compared(
                    judgement=judge(reader.name, faces, reading),
                    agreement=told,
                    parameters=reader.parameters,
                    eager_ms=times[number],
                )
            )
    return found


def write_compared(compared: Sequence[Compared], path: Path, *, stamp: Mapping[str, str]) -> None:
    """Write one CSV row per reader, set and figure; agreement is a figure too."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in compared:
            tail = (one.parameters, f"{one.eager_ms:.2f}", *(stamp[name] for name in STAMP))
            judged = one.judgement
            for metric in judged.metrics:
                ends = ("" if end is None else end for end in (metric.low, metric.high))
                writer.writerow((judged.reader, metric.name, metric.value, *ends, judged.on, *tail))
            if one.agreement is not None:
                for name in ("same_level", "mean_difference", "correlation"):
                    value = round(getattr(one.agreement, name), 4)
                    writer.writerow(
                        (judged.reader, f"teacher_{name}", value, "", "", judged.on, *tail)
                    )


@torch.inference_mode()
def _eager_ms(readers: Sequence[Teacher], faces: Faces) -> list[float]:
    """Median time of one face; readers take turns, so that other load hits all of them alike."""
    first = np.zeros(1, np.intp)
    batches = [faces.batch(reader.inputs, first) for reader in readers]
    for reader, batch in zip(readers, batches, strict=True):
        reader.module(*batch)
    taken: list[list[float]] = [[] for _ in readers]
    for _ in range(_TURNS):
        for number, (reader, batch) in enumerate(zip(readers, batches, strict=True)):
            started_s = time.perf_counter()
            reader.module(*batch)
            taken[number].append(1000.0 * (time.perf_counter() - started_s))
    return [statistics.median(each) for each in taken]
