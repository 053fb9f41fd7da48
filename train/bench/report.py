"""Times as rows and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from rich import box
from rich.table import Table

from train.bench.fit import BARE, PLAIN, Setting, Times
from train.study.table import Row

_MS: Final = 1e3


def rows_of(setting: Setting, found: Mapping[str, Times], *, load_average: float) -> list[Row]:
    """One row per way to train; ratios are medians of rounds that stood beside each other.

    Args:
        setting: what was timed.
        found: by name, the bare loop and plain fit among them.
        load_average: of the machine, before.
    """
    bare, plain = found[BARE], found[PLAIN]
    rows: list[Row] = []
    for name, times in found.items():
        ratio = np.divide(bare.wall_s, times.wall_s)
        varies = name not in (BARE, PLAIN)
        rows.append(
            {
                "what": name,
                "backbone": setting.backbone.value,
                "input_px": setting.input_px or "",
                "precision": str(setting.engine.get("precision", "32-true")),
                "batch": setting.batch,
                "threads": str(setting.engine.get("threads") or ""),
                "workers": int(setting.engine.get("workers", 0)),
                "rounds": len(times.wall_s),
                "steps_per_round": setting.steps,
                "load_average_before": load_average,
                "step_ms_p50": _MS * float(np.percentile(times.wall_s, 50)),
                "step_ms_p95": _MS * float(np.percentile(times.wall_s, 95)),
                "faces_per_s": setting.batch / float(np.median(times.wall_s)),
                "steps_per_s_of_bare": float(np.median(ratio)),
                "least": float(ratio.min()),
                "most": float(ratio.max()),
                "of_bare_by_cpu_time": float(np.median(np.divide(bare.cpu_s, times.cpu_s))),
                "augment_share": _share(plain.wall_s, times.wall_s) if varies else "",
                "augment_share_by_cpu_time": _share(plain.cpu_s, times.cpu_s) if varies else "",
            }
        )
    return rows


def _share(plain_s: Sequence[float], varied_s: Sequence[float]) -> float:
    """Share of a step that goes into variation."""
    return float(np.median(1.0 - np.divide(plain_s, varied_s)))


def fit_table(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    table = Table(
        title="Training beside a bare PyTorch loop on the same pictures, by turns",
        title_justify="left",
        caption="of bare: steps a second as a share of the bare loop's, median of rounds, and by "
        "processor time, which other programs disturb less. augment: its share of a step.",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("", no_wrap=True)
    for title in ("ms p50", "p95", "of bare", "by CPU", "augment", "by CPU"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            str(row["what"]),
            f"{row['step_ms_p50']:.1f}",
            f"{row['step_ms_p95']:.1f}",
            f"{row['steps_per_s_of_bare']:.2f} ({row['least']:.2f}-{row['most']:.2f})",
            f"{row['of_bare_by_cpu_time']:.2f}",
            _percent(row["augment_share"]),
            _percent(row["augment_share_by_cpu_time"]),
        )
    return table


def _percent(share: str | float) -> str:
    return f"{share:.0%}" if isinstance(share, float) else ""
