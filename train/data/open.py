"""One door to every data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from pain.errors import DataError
from train.data import clips, delaware, folder, pain3d, residents, synpain, unbc
from train.data.files import names_in
from train.data.levels import with_levels_from_pspi
from train.data.problem import refuse
from train.data.reading import PLAIN, Reading
from train.data.sample import Dataset
from train.data.subjects import require_subjects, with_joined_subjects


class DatasetKind(StrEnum):
    """Layouts that can be read."""

    AUTO = "auto"
    RESIDENTS = "residents"
    CLIPS = "clips"
    UNBC = "unbc"
    PAIN3D = "3dpain"
    SYNPAIN = "synpain"
    DELAWARE = "delaware"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loader:
    recognises: Callable[[Path], bool]
    read: Callable[[Path, Reading], Dataset]
    looked_for: str


_LOADERS: Final[Mapping[DatasetKind, _Loader]] = {
    DatasetKind.RESIDENTS: _Loader(
        recognises=residents.recognises, read=residents.read, looked_for=residents.INDEX_NAME
    ),
    DatasetKind.CLIPS: _Loader(
        recognises=clips.recognises, read=clips.read, looked_for="*.mp4 with *.json of one name"
    ),
    DatasetKind.UNBC: _Loader(
        recognises=unbc.recognises, read=unbc.read, looked_for="Images/ and Frame_Labels/PSPI/"
    ),
    DatasetKind.PAIN3D: _Loader(
        recognises=pain3d.recognises,
        read=pain3d.read,
        looked_for="annotations/ beside images/ or meshes_inpainted/",
    ),
    DatasetKind.SYNPAIN: _Loader(
        recognises=synpain.recognises,
        read=synpain.read,
        looked_for="pictures named like 1111300012_Pain_Woman_Old.jpg",
    ),
    DatasetKind.DELAWARE: _Loader(
        recognises=delaware.recognises,
        read=delaware.read,
        looked_for="'delaware' in the name of the folder or of a table, and pictures",
    ),
    DatasetKind.CSV: _Loader(
        recognises=folder.recognises,
        read=folder.read,
        looked_for="one CSV file or spreadsheet with image, subject and level",
    ),
}
"""In the order in which they are tried: the most telling layout first."""


def open_dataset(
    path: Path,
    *,
    kind: DatasetKind = DatasetKind.AUTO,
    options: Reading = PLAIN,
    strict: bool = True,
    need_people: bool = True,
) -> Dataset:
    """Read a data set, whichever it is.

    Args:
        path: its folder, or the CSV file of a folder.
        kind: its layout; found out by itself when ``auto``.
        options: what no file can say.
        strict: refuse a set with any unusable row; without it, such rows are left out and listed
            in ``problems``, for inspection.
        need_people: refuse a set whose people cannot be told apart; whoever splits, trains or tests
            needs that.

    Raises:
        DataError: no known layout, nothing usable in it, or people that cannot be told apart.
    """
    if not path.exists():
        raise DataError(f"{path} does not exist.")
    chosen = _recognised(path) if kind is DatasetKind.AUTO else kind
    dataset = with_joined_subjects(_LOADERS[chosen].read(path, options))
    if options.level_from_pspi:
        dataset = replace(
            dataset,
            samples=with_levels_from_pspi(dataset.samples),
            notes=(*dataset.notes, "levels that were missing are min(6, PSPI / 2)"),
        )
    if strict:
        refuse(dataset.problems, name=dataset.name)
    if need_people:
        require_subjects(
            dataset.samples, name=dataset.name, one_picture_each=options.one_picture_each
        )
    return dataset


def _recognised(path: Path) -> DatasetKind:
    for kind, loader in _LOADERS.items():
        if loader.recognises(path):
            return kind
    tried = "; ".join(f"{kind}: {loader.looked_for}" for kind, loader in _LOADERS.items())
    found = names_in(path) if path.is_dir() else "a file"
    raise DataError(
        f"{path} is no data set that we know. Looked for {tried}. Found {found}. "
        "Name the layout with --kind, or write a CSV file with the columns image, subject, level."
    )
