"""UNBC-McMaster Shoulder Pain Expression Archive (Lucey et al. 2011): 25 patients, 200 clips.

Known layout, as the archive is handed out::

    Images/042-ll042/ll042t1aaaff/ll042t1aaaff001.png
    Frame_Labels/PSPI/042-ll042/ll042t1aaaff/ll042t1aaaff001_facs.txt    one number, 0..16
    Frame_Labels/FACS/042-ll042/ll042t1aaaff/ll042t1aaaff001_facs.txt    rows: AU, intensity, ...
    Sequence_Labels/{OPR,VAS,AFF,SEN}/042-ll042/ll042t1aaaff.txt         one number

The PSPI file is needed; FACS rows and sequence labels are used where present. AU43 is coded 0 or 1
and becomes 0 or 5. Further numbers of a FACS row and AUs that we do not report are left out.

Assumed: the clips' frame rate (``FRAME_RATE_HZ``), which the archive does not state and which
decides only how long the tracker waits before it searches again; and that the second number of an
AU43 row is its code. Inspection warns where the units then do not give the PSPI of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pain.action_units import AU_MAX, ActionUnit
from pain.errors import DataError
from pain.scales import PSPI_MAX
from train.data.files import names_in, pictures_below, unpacked
from train.data.numbers import number_within
from train.data.problem import Problem
from train.data.reading import Reading
from train.data.sample import Dataset, Origin, Sample
from train.data.words import eyes_closed

NAME: Final = "unbc-mcmaster"
FRAME_RATE_HZ: Final = 25.0
SEQUENCE_RANGES: Final = {"OPR": 5.0, "VAS": 10.0, "AFF": 15.0, "SEN": 15.0}
"""Observer rating 0..5, visual analogue scale 0..10, affective and sensory scale 0..15."""

_LICENCE: Final = "research only, by signed agreement with the archive; faces must not be passed on"
_SUFFIX: Final = "_facs.txt"


def recognises(path: Path) -> bool:
    """Whether the folder has the archive's frame labels."""
    return path.is_dir() and unpacked(path, "Frame_Labels", "PSPI") is not None


def read(path: Path, options: Reading) -> Dataset:
    """Read the archive.

    Args:
        path: folder that holds ``Images`` and ``Frame_Labels``.
        options: not used here.

    Raises:
        DataError: ``Images`` or ``Frame_Labels/PSPI`` is absent.
    """
    del options
    images, labels = unpacked(path, "Images"), unpacked(path, "Frame_Labels", "PSPI")
    if images is None or labels is None:
        raise DataError(
            f"{path} is not the UNBC-McMaster archive: looked for Images/<subject>/<clip>/*.png "
            f"and Frame_Labels/PSPI/<subject>/<clip>/*{_SUFFIX}; found {names_in(path)}."
        )
    problems: list[Problem] = []
    samples: list[Sample] = []
    for folder in _clips(images):
        samples += _read_clip(path, images, folder, problems)
    return Dataset(
        name=NAME,
        root=path,
        licence=_LICENCE,
        samples=tuple(samples),
        notes=(
            f"frame rate assumed to be {FRAME_RATE_HZ:g} Hz",
            "AU43 is coded 0 or 1 and read as 0 or 5",
            "no pain level: PSPI becomes one only when asked for (--level-from-pspi)",
        ),
        problems=tuple(problems),
    )


def _clips(images: Path) -> Iterator[Path]:
    for subject in sorted(path for path in images.iterdir() if path.is_dir()):
        yield from sorted(path for path in subject.iterdir() if path.is_dir())


def _read_clip(root: Path, images: Path, clip: Path, problems: list[Problem]) -> Iterator[Sample]:
    subject = clip.parent.name
    sequence = f"{subject}/{clip.name}"
    ratings = _sequence_ratings(root, sequence, problems)
    for number, image in enumerate(pictures_below(clip)):
        name = f"{sequence}/{image.stem}{_SUFFIX}"
        before = len(problems)
        pspi = _pspi(root, name, problems)
        units = _units(root, name, problems)
        if pspi is None or len(problems) > before:
            continue
        yield Sample(
            id=image.relative_to(images).as_posix(),
            image=image,
            subject=subject,
            origin=Origin.REAL,
            source=NAME,
            pspi=pspi,
            units=units,
            sequence=sequence,
            time_s=number / FRAME_RATE_HZ,
            ratings=ratings,
        )


def _pspi(root: Path, name: str, problems: list[Problem]) -> float | None:
    folder = unpacked(root, "Frame_Labels", "PSPI")
    if folder is None:
        return None
    file = folder / name
    if not file.is_file():
        problems.append(Problem(file=file, message="the frame has no PSPI file"))
        return None
    return _one_number(file, PSPI_MAX, problems)


def _units(root: Path, name: str, problems: list[Problem]) -> dict[ActionUnit, float] | None:
    """AUs of a frame; those that were not coded are 0. None without a FACS file."""
    folder = unpacked(root, "Frame_Labels", "FACS")
    if folder is None or not (folder / name).is_file():
        return None
    file = folder / name
    units = dict.fromkeys(ActionUnit, 0.0)
    for line, text in enumerate(_lines(file), start=1):
        cells = text.split()
        if not cells:
            continue
        try:
            unit, value = int(float(cells[0])), number_within(cells[1], 0.0, AU_MAX)
        except (ValueError, IndexError):
            message = f"expected an AU and its intensity 0..{AU_MAX:g}"
            problems.append(Problem(file=file, line=line, value=text.strip(), message=message))
            continue
        known = f"AU{unit}"
        if known in {member.value for member in ActionUnit}:
            member = ActionUnit(known)
            units[member] = eyes_closed(value) if member is ActionUnit.AU43 else value
    return units


def _sequence_ratings(root: Path, sequence: str, problems: list[Problem]) -> dict[str, float]:
    ratings: dict[str, float] = {}
    for scale, highest in SEQUENCE_RANGES.items():
        folder = unpacked(root, "Sequence_Labels", scale)
        file = folder / f"{sequence}.txt" if folder else None
        if file is not None and file.is_file():
            value = _one_number(file, highest, problems)
            if value is not None:
                ratings[scale.lower()] = value
    return ratings


def _one_number(file: Path, highest: float, problems: list[Problem]) -> float | None:
    text = " ".join(_lines(file)).strip()
    try:
        return number_within(text, 0.0, highest)
    except ValueError as error:
        problems.append(Problem(file=file, line=1, value=text, message=str(error)))
        return None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.") from error
