"""Counts what goes by, and shows it on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

T = TypeVar("T")


class Counted(Generic[T]):
    """Passes items on and counts them.

    Args:
        items: what goes by.
        progress: shows the count.
        noun: plural of an item.
    """

    def __init__(self, items: Iterable[T], progress: Progress, noun: str) -> None:
        self._items = items
        self._progress = progress
        self._noun = noun
        self.number = 0

    def __iter__(self) -> Iterator[T]:
        task = self._progress.add_task(self._noun, total=None)
        for item in self._items:
            self.number += 1
            self._progress.update(
                task, completed=self.number, description=f"{self.number} {self._noun}"
            )
            yield item


@contextmanager
def counted(items: Iterable[T], noun: str) -> Iterator[Counted[T]]:
    """Count items; the count stands on standard error while it is a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield Counted(items, progress, noun)
