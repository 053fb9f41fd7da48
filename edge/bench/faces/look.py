"""Every picture looked at once by the tracker, every face read by every bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from edge.batch.media import Media, Problem, read_picture
from edge.bench.faces.judge import Reader, Subject
from edge.bench.faces.labels import Label
from edge.score import Scorer
from edge.track.landmarker import Landmarker
from edge.track.stills import Stills
from pain.action_units import action_units_from_blendshapes
from pain.errors import ScoringError, SourceError
from pain.scales import pspi
from pain.values import Face, NoFace

TEXTBOOK: Final = "textbook PSPI of blendshapes"
"""The formula without any learning, as in docs/results/models: what a model must beat. Its numbers
are no levels, so their order alone is judged."""


def textbook(blendshapes: np.ndarray) -> float:
    """PSPI 0..16 by its formula from 52 blendshapes."""
    return pspi(action_units_from_blendshapes(blendshapes))


def look_at(
    media: Sequence[Media],
    labels: Mapping[str, Label],
    scorers: Mapping[str, Scorer],
    landmarker: Landmarker,
    *,
    crops: bool | None = None,
    on_picture: Callable[[int], None] = lambda _done: None,
) -> tuple[list[Subject], list[Reader], list[Problem]]:
    """Look at pictures.

    Args:
        media: the pictures.
        labels: by the pictures' names.
        scorers: bundles by the names that they have in tables.
        landmarker: the face model.
        crops: whether the pictures are our own aligned crops; None asks each of them.
        on_picture: told how many were looked at.

    Returns:
        The faces, what each bundle and the textbook said of them, and files that cannot be read.
    """
    stills = Stills(landmarker=landmarker)
    subjects: list[Subject] = []
    said: dict[str, list[float]] = {name: [] for name in (*scorers, TEXTBOOK)}
    problems: list[Problem] = []
    for done, one in enumerate(media, start=1):
        on_picture(done)
        try:
            seen = _face(stills, read_picture(one.path), crops=crops)
        except SourceError as error:
            problems.append(Problem(name=one.name, words=str(error)))
            continue
        label = labels.get(one.name, Label())
        refused = seen.reason.value if isinstance(seen, NoFace) else ""
        if isinstance(seen, NoFace):
            words = f"no face that may be scored ({refused})"
            problems.append(Problem(name=one.name, words=words))
        subjects.append(Subject(name=one.name, label=label, refused=refused))
        said[TEXTBOOK].append(np.nan if isinstance(seen, NoFace) else textbook(seen.blendshapes))
        for name, scorer in scorers.items():
            said[name].append(_level(scorer, seen, one.name, problems))
    readers = [
        Reader(name=name, values=np.array(said[name]), sha256=scorer.bundle.bundle_sha256)
        for name, scorer in scorers.items()
    ]
    readers.append(Reader(name=TEXTBOOK, values=np.array(said[TEXTBOOK]), is_level=False))
    return subjects, readers, problems


def _face(stills: Stills, image: np.ndarray, *, crops: bool | None) -> Face | NoFace:
    if crops is not False:
        seen = stills.crop(image)
        if seen is not None:
            return seen
        if crops:
            raise SourceError(
                "no aligned crop of ours (256 x 256 px, eyes and mouth in their places); leave "
                "--crops out"
            )
    return stills.face(image)


def _level(scorer: Scorer, seen: Face | NoFace, name: str, problems: list[Problem]) -> float:
    if isinstance(seen, NoFace):
        return float("nan")
    try:
        return scorer.score(seen).level
    except ScoringError as error:
        problems.append(Problem(name=name, words=f"{scorer.bundle.name}: {error}"))
        return float("nan")
