"""Clips of synthetic residents: the video and the truth that ``train.residents.clip`` writes.

A folder holds ``<name>.mp4`` and ``<name>.json`` side by side; the JSON has a subject, the frame
rate, and expression, level and PSPI of every frame. Clips of random stories add kind, action units
and head pose of every frame, and who is shown (docs/clips.md); older files load without them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pain.action_units import AU_MAX, ActionUnit
from pain.errors import DataError
from pain.scales import LEVEL_MAX, PSPI_MAX
from pain.values import HeadPose
from train.data.numbers import number_within
from train.data.problem import Problem
from train.data.reading import Reading
from train.data.sample import Dataset, Demographics, Origin, Sample
from train.data.words import band_of
from train.residents.expression import Kind

NAME: Final = "resident-clips"
_LICENCE: Final = "made by painwatch from CC0 and Apache-2.0 parts; free to use, see docs/data.md"
_VIDEO: Final = ".mp4"
_NEEDED: Final = ("subject", "synthetic", "fps", "expression", "level", "pspi")
_COURSES: Final = ("expression", "level", "pspi", "kind")
_ANGLES: Final = ("yaw_deg", "pitch_deg", "roll_deg")
_FASTEST_HZ: Final = 240.0
_HALF_TURN_DEG: Final = 180.0


def recognises(path: Path) -> bool:
    """Whether the path is a clip with its truth, or a folder with one."""
    return bool(_clips(path))


def read(path: Path, options: Reading) -> Dataset:
    """Read clips frame by frame.

    Args:
        path: a folder, or one video.
        options: not used here.

    Raises:
        DataError: no video has its truth beside it.
    """
    del options
    clips = _clips(path)
    if not clips:
        raise DataError(f"{path} holds no clip with its truth: a video and a JSON of one name.")
    root = path.parent if path.is_file() else path
    problems: list[Problem] = []
    samples = [sample for clip in clips for sample in _read_clip(root, clip, problems)]
    return Dataset(
        name=NAME,
        root=root,
        licence=_LICENCE,
        samples=tuple(samples),
        notes=("rendered clips: synthetic faces, the truth of every frame known",),
        problems=tuple(problems),
    )


def _clips(path: Path) -> list[Path]:
    videos = [path] if path.suffix == _VIDEO else sorted(path.glob(f"*{_VIDEO}"))
    return [video for video in videos if video.with_suffix(".json").is_file()]


def _read_clip(root: Path, video: Path, problems: list[Problem]) -> Iterator[Sample]:
    file = video.with_suffix(".json")
    truth = _truth(file, problems)
    if truth is None:
        return
    name = video.relative_to(root).as_posix()
    person = _person(truth)
    for number in range(len(truth["level"])):
        expression = str(truth["expression"][number])
        try:
            level = number_within(str(truth["level"][number]), 0.0, LEVEL_MAX)
            pspi = number_within(str(truth["pspi"][number]), 0.0, PSPI_MAX)
            units = _units(truth, number)
            kind = Kind(truth["kind"][number]) if "kind" in truth else _kind(expression)
            pose = _pose(truth, number)
        except ValueError as error:
            column = f"frame {number}"
            problems.append(Problem(file=file, column=column, message=str(error)))
            continue
        yield Sample(
            id=f"{name}#{number}",
            image=video,
            subject=str(truth["subject"]),
            origin=Origin.SYNTHETIC,
            source=NAME,
            level=level,
            pspi=pspi,
            units=units,
            expression=expression,
            kind=kind,
            demographics=person,
            sequence=name,
            time_s=number / float(truth["fps"]),
            frame=number,
            pose=pose,
        )


def _units(truth: Mapping[str, Any], number: int) -> Mapping[ActionUnit, float] | None:
    if "units" not in truth:
        return None
    return {
        unit: number_within(str(course[number]), 0.0, AU_MAX)
        for unit in ActionUnit
        if (course := truth["units"].get(unit.value)) is not None
    }


def _pose(truth: Mapping[str, Any], number: int) -> HeadPose | None:
    if not all(name in truth for name in _ANGLES):
        return None
    yaw, pitch, roll = (
        number_within(str(truth[name][number]), -_HALF_TURN_DEG, _HALF_TURN_DEG) for name in _ANGLES
    )
    return HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)


def _person(truth: Mapping[str, Any]) -> Demographics:
    person = truth.get("person", {})
    age = person.get("age_years")
    return Demographics(
        age_years=None if age is None else float(age),
        age_band=None if age is None else band_of(float(age)),
        sex=person.get("sex"),
        ancestry=person.get("ancestry"),
    )


def _truth(file: Path, problems: list[Problem]) -> Mapping[str, Any] | None:
    """The record, None and a problem when it is not one of ours."""
    try:
        truth: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        fault = _fault(truth)
    except (OSError, ValueError, TypeError) as error:
        fault = str(error)
    if fault is None:
        return truth
    problems.append(Problem(file=file, message=f"not the truth of a clip: {fault}"))
    return None


def _fault(truth: Mapping[str, Any]) -> str | None:
    missing = [key for key in _NEEDED if key not in truth]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if truth["synthetic"] is not True:
        return "it does not say that the clip is synthetic"
    number_within(str(truth["fps"]), 1.0, _FASTEST_HZ)
    for key in ("units", "person"):
        if not isinstance(truth.get(key, {}), Mapping):
            return f"{key} is no table of names"
    courses = {key: truth[key] for key in (*_COURSES, *_ANGLES) if key in truth}
    courses |= truth.get("units", {})
    if len({len(course) for course in courses.values()}) != 1:
        return f"{', '.join(courses)} have different numbers of frames"
    return None


def _kind(expression: str) -> Kind:
    return Kind(expression) if expression in {Kind.NEUTRAL, Kind.PAIN} else Kind.OTHER
