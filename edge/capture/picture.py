"""Whether the pictures of a camera still show the room: frozen, black and plain ones do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.capture.blank import blank
from edge.capture.cells import points
from edge.capture.stillness import Stillness
from pain.values import Frame

LOOK_EVERY_S: Final = 0.25
"""A clock ticks once a second, a chest once in four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """Why pictures that arrive show nothing of the room.

    Attributes:
        detail: a sentence for people.
        since_s: monotonic time of the first such picture, seconds.
        doubtful: it may be a quiet room: nothing moves in it, and its camera has hardly any noise.
    """

    detail: str
    since_s: float
    doubtful: bool = False


class PictureWatch:
    """Looks a few times a second at the pictures of one opening of a camera.

    A burned-in clock counts for nothing: it makes neither a frozen picture live nor a black one
    a room.

    Args:
        frozen_after_s: equal pictures for this long are a fault, seconds; None: never.
        still_after_s: pictures that change by no more than an encoder changes one picture, for
            this long, are a fault, seconds; None: never.
        black_after_s: black or plain pictures for this long are a fault, seconds; None: never.
    """

    def __init__(
        self,
        *,
        frozen_after_s: float | None,
        still_after_s: float | None,
        black_after_s: float | None,
    ) -> None:
        self._stillness = Stillness(equal_after_s=frozen_after_s, still_after_s=still_after_s)
        self._still_after_s = still_after_s
        self._black_after_s = black_after_s
        self._black: Blindness | None = None
        self._due_s: float | None = None
        self._follows = False
        self._said: Blindness | None = None

    def judge(self, frame: Frame) -> Blindness | None:
        """Look at the next frame; what is wrong, if anything."""
        at_s = frame.captured_s
        due = self._due_s is None or at_s >= self._due_s
        if not due and not self._follows:
            return self._said
        seen = points(frame.image)
        if self._follows:
            self._stillness.followed_by(seen)
        self._follows = due
        if due:
            self._due_s = at_s + LOOK_EVERY_S
            self._stillness.add(seen, at_s)
            self._look_for_black(frame)
            self._said = self._blank(at_s) or self._frozen()
        return self._said

    def _look_for_black(self, frame: Frame) -> None:
        detail = blank(frame.image)
        if detail is None:
            self._black = None
        elif self._black is None or self._black.detail != detail:
            self._black = Blindness(detail=detail, since_s=frame.captured_s)

    def _blank(self, now_s: float) -> Blindness | None:
        black, limit_s = self._black, self._black_after_s
        if black is None or limit_s is None or now_s - black.since_s < limit_s:
            return None
        return black

    def _frozen(self) -> Blindness | None:
        since_s = self._stillness.repeats_since_s()
        if since_s is not None:
            detail = "the picture is frozen: the camera repeats the same one"
            return Blindness(detail=detail, since_s=since_s)
        since_s = self._stillness.stands_still_since_s()
        if since_s is None:
            return None
        return Blindness(
            detail=(
                f"the picture stands still: for {self._still_after_s:g} s nothing changed but what "
                "an encoder changes in one and the same picture; the camera hangs, or it cannot be "
                "told from one that does"
            ),
            since_s=since_s,
            doubtful=True,
        )
