"""Who wants to hear how a distillation gets on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from train.distil.learn import Round


def _unheard(*_told: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Callbacks; none of them has to be given.

    Attributes:
        on_answer: teachers' answers that are there, and of how many.
        on_prepared: faces made ready, and of how many.
        on_step: steps done, and of how many.
        on_round: a round over the faces.
        on_note: a sentence for people.
    """

    on_answer: Callable[[int, int], None] = _unheard
    on_prepared: Callable[[int, int], None] = _unheard
    on_step: Callable[[int, int], None] = _unheard
    on_round: Callable[[Round], None] = _unheard
    on_note: Callable[[str], None] = _unheard
