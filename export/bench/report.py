"""Rows, a table and a picture of what was timed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from export.bench.candidate import Kind, Provider
from export.bench.run import Timed
from train.study.table import Row


def rows_of(found: Sequence[Timed]) -> list[Row]:
    """One row per candidate; what was not measured is an empty cell, never 0."""
    return [_row(timed, baseline_of(timed, found)) for timed in found]


def baseline_of(timed: Timed, found: Sequence[Timed]) -> Timed | None:
    """PyTorch eager fp32 of the same batch, on a GPU for what runs on one."""
    if timed.candidate.kind is Kind.PREPROCESS:
        return None
    on_gpu = timed.candidate.provider is not Provider.CPU
    return next(
        (
            other
            for other in found
            if other.candidate.kind is Kind.EAGER
            and other.candidate.batch == timed.candidate.batch
            and (other.candidate.provider is not Provider.CPU) == on_gpu
            and other.taken_ms
        ),
        None,
    )


def _row(timed: Timed, baseline: Timed | None) -> Row:
    one, ready = timed.candidate, timed.ready
    percentiles: list[float | str] = ["", "", ""]
    if timed.taken_ms:
        percentiles = np.percentile(timed.taken_ms, (50, 95, 99)).tolist()
    p50, p95, p99 = percentiles
    faces = len(timed.taken_ms) * one.batch
    spent_s = sum(timed.taken_ms) / 1e3
    ratio: float | str = ""
    if baseline and timed.taken_ms:
        ratio = float(np.median(baseline.taken_ms) / np.median(timed.taken_ms))
    passed = None if ready is None else ready.passed
    return {
        "kind": str(one.kind),
        "model": one.name,
        "sha256": one.sha256,
        "provider": str(one.provider),
        "precision": one.precision,
        "batch": one.batch,
        "threads": one.threads,
        "load_ms": _cell(ready.load_ms if ready else None),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "faces_per_s": faces / spent_s if spent_s else "",
        "runs": len(timed.taken_ms),
        "peak_memory_mb": _cell(timed.memory.peak_mb),
        "gpu_memory_mb": _cell(timed.memory.gpu_mb),
        "mj_per_face": timed.joules * 1e3 / faces if timed.joules is not None and faces else "",
        "energy_source": timed.energy_source,
        "golden_max_level_difference": _cell(ready.difference if ready else None),
        "golden": "" if passed is None else ("pass" if passed else "FAIL"),
        "times_as_fast": ratio,
        "baseline": _named(baseline),
        "note": timed.refused or (ready.note if ready else ""),
    }


def _named(baseline: Timed | None) -> str:
    if baseline is None or baseline.ready is None:
        return ""
    note = f" ({baseline.ready.note})" if baseline.ready.note else ""
    return f"{baseline.candidate.title}{note}"


def _cell(value: float | None) -> float | str:
    return "" if value is None else value


def models_table(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    table = Table(title="Models on this machine, timed by turns", title_justify="left")
    columns = {
        "model": "model",
        "kind": "kind",
        "provider": "provider",
        "precision": "precision",
        "batch": "batch",
        "p50_ms": "p50 ms",
        "p95_ms": "p95 ms",
        "faces_per_s": "faces/s",
        "peak_memory_mb": "peak MB",
        "mj_per_face": "mJ/face",
        "golden": "golden",
        "times_as_fast": "x baseline",
        "note": "note",
    }
    for name, title in columns.items():
        table.add_column(title, justify="left" if name in {"model", "kind", "note"} else "right")
    for row in rows:
        table.add_row(*(_shown(row[name]) for name in columns))
    return table


def plot_models(rows: Sequence[Row], path: Path) -> None:
    """Bars of the median time of a batch, with how many times as fast as the baseline it is."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    timed = [row for row in rows if row["p50_ms"] != ""]
    figure, axis = plt.subplots(figsize=(9, 1.5 + 0.32 * len(timed)))
    values = [float(row["p50_ms"]) for row in timed]
    bars = axis.barh(range(len(timed)), values)
    axis.bar_label(
        bars,
        labels=[
            f"{_shown(row['p50_ms'])} ms"
            + (f", x{_shown(row['times_as_fast'])}" if row["times_as_fast"] != "" else "")
            for row in timed
        ],
        fontsize="small",
        padding=3,
    )
    axis.set_yticks(
        range(len(timed)),
        [
            f"{r['model']} {r['precision']}, {r['kind']} {r['provider']}, {r['batch']}"
            for r in timed
        ],
        fontsize="small",
    )
    axis.invert_yaxis()
    axis.set(xscale="log", xlabel="median time of a batch, ms")
    axis.margins(x=0.25)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _shown(value: str | float) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
