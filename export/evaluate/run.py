"""Judges bundles and baselines on sets that they never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from export.evaluate.figures import figures_of
from export.evaluate.held_out import HeldOut, open_held_out
from export.evaluate.people import refuse_known_people, refuse_named_set
from export.evaluate.readers import Reading, read_constant, read_target, read_textbook
from export.evaluate.table import Judged
from export.evaluate.target import Target
from pain.errors import DataError
from train.data.choices import AS_IT_SAYS, Choices

OnDone = Callable[[str, int, int], None]


def evaluate_bundles(
    targets: Sequence[Target],
    sets: Sequence[tuple[Path, Path]],
    *,
    trained_on: Sequence[Path] = (),
    choices: Choices = AS_IT_SAYS,
    on_done: OnDone = lambda _what, _done, _total: None,
) -> list[Judged]:
    """Judge every target, the textbook formula and the mean of other people on every set.

    Args:
        targets: at least one.
        sets: folder of the set and folder of the tracker's answers.
        trained_on: sets whose people must not be in any of ``sets``.
        choices: what ``sets`` do not say themselves.
        on_done: told what is read or judged, how many steps are done, and of how many.

    Raises:
        DataError: a set cannot be used, or somebody in it was trained on.
        ExportError: a graph does not run.
    """
    opened = [open_held_out(data, cache, choices) for data, cache in sets]
    for faces in opened:
        refuse_named_set(faces.cohort.tracked.dataset, targets)
        refuse_known_people(
            faces.cohort.tracked.dataset,
            trained_on,
            one_picture_each=choices.reading.one_picture_each,
        )
    twice = [faces.name for faces in opened]
    if len(set(twice)) < len(twice):
        raise DataError(
            f"two sets have the same name ({', '.join(twice)}); judge them in two calls"
        )
    return [judged for faces in opened for judged in _on(faces, targets, on_done)]


def _on(faces: HeldOut, targets: Sequence[Target], on_done: OnDone) -> list[Judged]:
    readings: list[Reading] = []
    for target in targets:
        told = partial(_tell, on_done, f"{faces.name}: {target.name}", len(faces))
        readings.append(read_target(target, faces, on_done=told))
    constant = read_constant(faces)
    readings += [read_textbook(faces), *([constant] if constant else [])]
    judged = []
    for at, reading in enumerate(readings, start=1):
        judged.append(
            Judged(reading=reading, faces=faces, figures=tuple(figures_of(reading, faces)))
        )
        on_done(f"{faces.name}: figures", at, len(readings))
    return judged


def _tell(on_done: OnDone, what: str, total: int, done: int) -> None:
    on_done(what, done, total)
