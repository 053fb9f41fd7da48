"""What a killed training goes on from."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from train.loop.tree import load_tree, save_tree

STATE_FILE: Final = "state.safetensors"
EVERY_S: Final = 30.0
"""Work that a killed training may lose, beside the epoch at hand; writing takes time too."""


@dataclass(slots=True, kw_only=True)
class Resume:
    """The state of one training on disk, written between epochs.

    Attributes:
        folder: of its own; made when there is something to keep.
        mark: names everything that decides the result; a state of another is not gone on from.
        every_s: least time between two states.
        clock: seconds, monotonic.
    """

    folder: Path
    mark: str
    every_s: float = field(default_factory=lambda: EVERY_S)
    clock: Callable[[], float] = time.monotonic
    _kept_s: float | None = None

    def load(self) -> dict[str, Any] | None:
        """The state that was kept last; None when there is none, or one of another training.

        Raises:
            DataError: it is damaged.
        """
        path = self.folder / STATE_FILE
        self._kept_s = self.clock()
        if not path.exists():
            return None
        tree = load_tree(path)
        return tree["state"] if tree.get("mark") == self.mark else None

    def keep(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Write a state, unless the last one is young.

        Args:
            state: makes it; called only when it is written.
        """
        now_s = self.clock()
        if self._kept_s is not None and now_s - self._kept_s < self.every_s:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        save_tree({"mark": self.mark, "state": state()}, self.folder / STATE_FILE)
        # Not from now_s: where writing is slow, most of the time shall still go into learning.
        self._kept_s = self.clock()

    def forget(self) -> None:
        """Delete the state, once the training is over and its result is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
