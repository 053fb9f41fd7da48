"""Read a distillation; every mistake in it is told with file, line, key and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pain.settings.document import Document
from pain.settings.read import read_document, settings_of
from train.distil.schema import Distillation
from train.shipped import checkpoint_folder, is_shipped

_EXAMPLE: Final = "one of the files in configs/distil/"

_WEIGHTS_WORDS: Final = ("official", "random")


def load_distillation(
    path: Path, *, teachers: Sequence[Path] = (), start: Path | None = None
) -> Distillation:
    """Read and check a file; relative paths in it are taken from its own folder.

    Args:
        path: YAML, UTF-8.
        teachers: take the place of those in the file, unless there are none.
        start: takes the place of the file's, unless it is None.

    Raises:
        ConfigError: anything is wrong; ``ConfigErrors`` when several things are.
    """
    found = distillation_of(read_document(path, example=_EXAMPLE))
    folder = path.absolute().parent
    chosen = tuple(teacher.absolute() for teacher in teachers) or tuple(
        _placed(teacher, folder) for teacher in found.teachers
    )
    student = found.student
    if student.weights not in _WEIGHTS_WORDS:
        weights = str(folder / Path(student.weights).expanduser())
        student = student.model_copy(update={"weights": weights})
    first = start.absolute() if start is not None else found.start
    if first is not None:
        first = _placed(first, folder)
    return found.model_copy(update={"teachers": chosen, "student": student, "start": first})


def _placed(checkpoint: Path, folder: Path) -> Path:
    """Where a checkpoint lies that a file in ``folder`` names."""
    if is_shipped(checkpoint):
        return checkpoint_folder(checkpoint)
    return folder / checkpoint.expanduser()


def distillation_of(document: Document) -> Distillation:
    """Check the values of a document.

    Raises:
        ConfigError: anything is wrong.
    """
    return settings_of(document, Distillation, example=_EXAMPLE)


def restore_distillation(values: Mapping[str, Any], *, file: str) -> Distillation:
    """A distillation from what ``model_dump`` gave, e.g. in a checkpoint.

    Raises:
        ConfigError: it is none of this version.
    """
    return distillation_of(Document(file=file, data=dict(values)))
