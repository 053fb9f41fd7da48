"""A distillation's progress, for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import TaskID

from train.data.options import progress_bar
from train.distil.learn import Round
from train.distil.watcher import Watcher


@contextmanager
def progress_of(name: str) -> Iterator[Watcher]:
    """Bars on standard error, and a line per round, while a distillation lasts."""
    with progress_bar() as progress:
        bars: dict[str, TaskID] = {}

        def update(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done, total=total)

        def on_round(each: Round) -> None:
            progress.console.print(
                f"{name}: round {each.number}, loss {each.loss:.4f}, level MAE on people kept "
                f"aside {each.validation_mae:.3f}",
                highlight=False,
            )

        yield Watcher(
            on_answer=lambda done, total: update(f"{name}: teachers' answers", done, total),
            on_prepared=lambda done, total: update(f"{name}: pictures", done, total),
            on_step=lambda done, total: update(f"{name}: steps", done, total),
            on_round=on_round,
            on_note=lambda note: progress.console.print(f"{name}: {note}", highlight=False),
        )
