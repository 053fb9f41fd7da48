"""3DPain (Lin, Mehraban, Moturu & Taati 2025): 2,500 synthetic identities, 82,500 renders.

Known, from the authors' published loader and data card::

    images/ (newer) or meshes_inpainted/ (older): <base>[_textured]_view_000[_inpainted].png|jpg
    annotations/<base>_annotations.json: {"AU4": .., "AU6": .., ..., "AU43": .., "PSPI": ..}

where ``<base>`` is ``flame_sample_0123_pain_4`` or ``flame_sample_0123_neutral``; the identity is
``flame_sample_0123``. Neutral pictures have no annotation: all AUs and PSPI are 0. The set is
handed out as ``*.tar.gz`` parts that must be unpacked in place.

Assumed: AU intensities are 0..5 and AU43 is 0 or 1 (their PSPI adds it as such), here 0 or 5;
pictures may lie in subfolders; an annotation may nest its AUs under ``AUs`` or ``aus``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pain.action_units import AU_MAX, ActionUnit
from pain.errors import DataError
from pain.scales import PSPI_MAX
from train.data.files import names_in, pictures_below, unpacked
from train.data.numbers import number_within
from train.data.problem import Problem
from train.data.reading import Reading
from train.data.sample import Dataset, Origin, Sample
from train.data.words import eyes_closed, unit_of
from train.residents.expression import Kind

NAME: Final = "3dpain"
_LICENCE: Final = "MIT, as its data card says (Hugging Face: SoroushMehraban/3D-Pain)"
_IMAGE_FOLDERS: Final = ("images", "meshes_inpainted")
_BASE: Final = re.compile(r"(?P<subject>.+?)_(?P<state>pain_\d+|neutral)(?:_.*)?")
_CODED: Final = ("AU4", "AU6", "AU7", "AU9", "AU10", "AU43")

Label = tuple[dict[ActionUnit, float], float | None]


def recognises(path: Path) -> bool:
    """Whether the folder has the set's folders, unpacked or not."""
    return (
        path.is_dir()
        and (path / "annotations").is_dir()
        and any((path / name).is_dir() for name in _IMAGE_FOLDERS)
    )


def read(path: Path, options: Reading) -> Dataset:
    """Read the set.

    Args:
        path: folder that holds ``images`` (or ``meshes_inpainted``) and ``annotations``.
        options: not used here.

    Raises:
        DataError: another layout, archives that are still packed, or no picture of a known name.
    """
    del options
    images, annotations = _folders(path)
    problems: list[Problem] = []
    labels: dict[str, Label | None] = {}
    files = {file.stem.removesuffix("_annotations"): file for file in annotations.rglob("*.json")}
    samples, strangers = [], 0
    for image in pictures_below(images):
        match = _BASE.fullmatch(image.stem)
        if match is None:
            strangers += 1
            continue
        base = f"{match['subject']}_{match['state']}"
        if base not in labels:
            labels[base] = _label(annotations, files, base, problems)
        label = labels[base]
        if label is not None:
            samples.append(_sample(images, image, match["subject"], match["state"], label))
    if not samples and not problems:
        raise DataError(
            f"{images} holds no picture named like flame_sample_0000_pain_1_view_000.png or "
            f"flame_sample_0000_neutral_view_000.png; found {names_in(images)}."
        )
    notes = ["AU43 is coded 0 or 1 and read as 0 or 5", "renders: synthetic faces"]
    if strangers:
        notes.append(f"{strangers} picture(s) of another name left out")
    return Dataset(
        name=NAME,
        root=path,
        licence=_LICENCE,
        samples=tuple(samples),
        notes=tuple(notes),
        problems=tuple(problems),
    )


def _folders(path: Path) -> tuple[Path, Path]:
    annotations = unpacked(path, "annotations")
    images = next((found for name in _IMAGE_FOLDERS if (found := unpacked(path, name))), None)
    if annotations is None or images is None:
        raise DataError(
            f"{path} is not 3DPain: looked for annotations/*_annotations.json and pictures in "
            f"{' or '.join(_IMAGE_FOLDERS)}; found {names_in(path)}."
        )
    for folder in (images, annotations):
        if next(folder.rglob("*.tar.gz"), None) and not any(
            file.suffix.lower() in {".png", ".jpg", ".jpeg", ".json"} for file in folder.rglob("*")
        ):
            raise DataError(
                f"{folder} still holds packed archives. Unpack them in place: "
                f"cd {folder} && for part in *.tar.gz; do tar xzf $part; done"
            )
    return images, annotations


def _label(
    annotations: Path, files: Mapping[str, Path], base: str, problems: list[Problem]
) -> Label | None:
    if base.endswith("_neutral"):
        return {ActionUnit(name): 0.0 for name in _CODED}, 0.0
    file = files.get(base)
    if file is None:
        file = annotations / f"{base}_annotations.json"
        problems.append(Problem(file=file, message="the pictures of this name have no annotation"))
        return None
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problems.append(Problem(file=file, message=f"not a readable JSON record: {error}"))
        return None
    return _units(file, record, problems)


def _units(file: Path, record: Any, problems: list[Problem]) -> Label | None:
    if not isinstance(record, Mapping):
        problems.append(Problem(file=file, message="expected a record with AU4 ... AU43, PSPI"))
        return None
    inner = next((record[key] for key in ("AUs", "aus") if key in record), record)
    units: dict[ActionUnit, float] = {}
    before = len(problems)
    for key, value in inner.items() if isinstance(inner, Mapping) else ():
        unit = _unit_or_none(str(key))
        if unit is not None:
            number = _number(file, str(key), value, AU_MAX, problems)
            if number is not None:
                units[unit] = eyes_closed(number) if unit is ActionUnit.AU43 else number
    stated = record.get("PSPI", record.get("pspi"))
    pspi = None if stated is None else _number(file, "PSPI", stated, PSPI_MAX, problems)
    if len(problems) > before:
        return None
    if not units and pspi is None:
        keys = ", ".join(map(str, record)) or "nothing"
        problems.append(Problem(file=file, message=f"neither AUs nor PSPI; it holds {keys}"))
        return None
    return units, pspi


def _unit_or_none(name: str) -> ActionUnit | None:
    try:
        return unit_of(name)
    except KeyError:
        return None


def _number(
    file: Path, key: str, value: object, highest: float, problems: list[Problem]
) -> float | None:
    try:
        return number_within(str(value), 0.0, highest)
    except ValueError as error:
        problems.append(Problem(file=file, column=key, value=str(value), message=str(error)))
        return None


def _sample(images: Path, image: Path, subject: str, state: str, label: Label) -> Sample:
    units, pspi = label
    kind = Kind.NEUTRAL if state == "neutral" else Kind.PAIN
    return Sample(
        id=image.relative_to(images).as_posix(),
        image=image,
        subject=subject,
        origin=Origin.SYNTHETIC,
        source=NAME,
        pspi=pspi,
        units=units,
        expression=kind.value,
        kind=kind,
    )
