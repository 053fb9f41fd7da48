"""Who wants to hear how a run gets on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from train.loop.epoch import Epoch


def _unheard(*_told: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Callbacks of a run; none of them has to be given.

    Attributes:
        on_picture: pictures done, and of how many, where they must be cut first.
        on_feature: features that are there, and of how many.
        on_epoch: fold and epoch.
        on_fold: folds done, and of how many.
        on_trial: trials of a search done, and of how many.
        on_note: a sentence for people.
    """

    on_picture: Callable[[int, int], None] = _unheard
    on_feature: Callable[[int, int], None] = _unheard
    on_epoch: Callable[[int, Epoch], None] = _unheard
    on_fold: Callable[[int, int], None] = _unheard
    on_trial: Callable[[int, int], None] = _unheard
    on_note: Callable[[str], None] = _unheard
