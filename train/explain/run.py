"""Explains pictures with a checkpoint and writes what it finds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.track import Landmarker
from pain.action_units import BLENDSHAPES
from pain.errors import DataError
from pain.values import Reason
from train.data.pictures import read_picture
from train.explain.contributions import integrated_gradients
from train.explain.landmark_pictures import (
    draw_contributions,
    draw_importance,
    region_contributions,
)
from train.explain.model import WINDOW, ExplainedModel
from train.explain.occlusion import SQUARE_PX, corners, occlusion_map, region_drops
from train.explain.patches import patch_colours, patches_on
from train.explain.permutation import permutation_importance
from train.explain.pictures import draw_attention, draw_occlusion, draw_patches, draw_regions
from train.explain.reference import ReferenceFaces
from train.explain.regions import face_mask
from train.explain.verdict import Case, Label
from train.explain.view import FaceView, view_face
from train.track.settings import TrackerSettings

SUMMARY_NAME: Final = "explanations.json"
PATCHES_A_PICTURE: Final = 8
REPEATS: Final = 10

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Is told how far it is.

    Attributes:
        on_start: told what is done and how many steps it has.
        on_step: told how many steps are done.
    """

    on_start: Callable[[str, int], None] = field(default=lambda _what, _steps: None)
    on_step: Callable[[int], None] = field(default=lambda _done: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Faces to explain.

    Attributes:
        views: in the order of the pictures.
        refused: pictures without a face that may be scored, and why.
    """

    views: tuple[FaceView, ...]
    refused: tuple[tuple[Path, str], ...]


def find_faces(images: Sequence[Path], model: ExplainedModel, *, landmarker: Landmarker) -> Found:
    """Show pictures to the daemon's tracker.

    Args:
        images: the files; two of the same name get numbers.
        model: says what it wants to see.
        landmarker: the tracker's model.
    """
    views: list[FaceView] = []
    refused: list[tuple[Path, str]] = []
    taken: set[str] = set()
    for image in images:
        try:
            picture = read_picture(image)
        except DataError as error:
            refused.append((image, str(error)))
            continue
        found = view_face(
            _free_name(image.stem, taken),
            picture,
            view=model.view,
            landmarker=landmarker,
            settings=TrackerSettings(),
        )
        if isinstance(found, Reason):
            refused.append((image, f"the daemon would not score it: {found.value}"))
        else:
            taken.add(found.name)
            views.append(found)
    return Found(views=tuple(views), refused=tuple(refused))


def explain_pictures(
    views: Sequence[FaceView],
    model: ExplainedModel,
    label: Label,
    out: Path,
    *,
    stride_px: int,
    watcher: Watcher,
) -> list[Path]:
    """Occlusion and regions of every face; patch colours and attention of a vision transformer.

    Returns:
        Files written.
    """
    cases = [Case(view=view, verdict=model.verdict(view)) for view in views]
    written: list[Path] = []
    record: dict[str, Any] = {}
    patches = model.patches
    squares = len(corners(model.window, square_px=SQUARE_PX, stride_px=stride_px))
    watcher.on_start("black squares", squares * len(cases))
    for number, case in enumerate(cases):
        view = case.view
        covered = occlusion_map(
            model.scorer_of(view),
            view.picture,
            window=model.window,
            stride_px=stride_px,
            on_done=partial(_step_on, watcher, number * squares),
        )
        drops = region_drops(model.scorer_of(view), view.picture, view.points)
        written += [out / f"{view.name}-occlusion.png", out / f"{view.name}-regions.png"]
        draw_occlusion(case, covered, label, written[-2])
        draw_regions(case, drops, label, written[-1])
        record[view.name] = _said(case) | {
            "drop_by_region": _rounded({str(region): drop for region, drop in drops.items()})
        }
        if patches is not None:
            written.append(out / f"{view.name}-attention.png")
            draw_attention(case, model.attention(patches, view), WINDOW, label, written[-1])
    if patches is not None:
        written += _draw_patches(cases, model.patch_features(patches, views), label, out)
    return [*written, _write(record, label, out)]


def explain_landmarks(
    views: Sequence[FaceView],
    model: ExplainedModel,
    label: Label,
    out: Path,
    *,
    reference: ReferenceFaces,
    watcher: Watcher,
) -> list[Path]:
    """Importance of regions over the reference set, and contributions for every face.

    Returns:
        Files written.
    """
    parts = reference.parts()
    watcher.on_start("permutations", REPEATS * len(parts))
    steps = count(1)
    importances = permutation_importance(
        lambda flat: model.score(*reference.unflat(flat)),
        reference.flat(),
        reference.truth(binary=model.binary),
        parts=parts,
        repeats=REPEATS,
        rng=np.random.default_rng(0),
        on_done=lambda: watcher.on_step(next(steps)),
    )
    written = [out / "importance.png"]
    draw_importance(importances, reference.words, label, written[0])
    record: dict[str, Any] = {}
    for view in views:
        case = Case(view=view, verdict=model.verdict(view))
        found = integrated_gradients(
            model.slope_level,
            model.landmark_arrays(view),
            reference.mean_painless(),
        )
        written.append(out / f"{view.name}-contributions.png")
        draw_contributions(case, found, reference.words, label, written[-1])
        record[view.name] = _said(case) | {
            "reference_level": round(found.reference_level, 4),
            "contribution_by_region": _rounded(region_contributions(found.parts[0])),
        }
        if len(found.parts) > 1:
            values = dict(zip(BLENDSHAPES, found.parts[1].tolist(), strict=True))
            record[view.name]["contribution_by_blendshape"] = _rounded(values)
    record["importance"] = _rounded({part.name: part.rise for part in importances})
    return [*written, _write(record, label, out)]


def _draw_patches(cases: Sequence[Case], features: Floats, label: Label, out: Path) -> list[Path]:
    side = math.isqrt(features.shape[1])
    left, top, right, bottom = WINDOW
    faces = [
        face_mask(case.view.points, size=case.view.picture.shape[:2])[top:bottom, left:right]
        for case in cases
    ]
    colours = patch_colours(
        features, face=np.stack([patches_on(face, grid=(side, side)) for face in faces])
    )
    written = []
    for start in range(0, len(cases), PATCHES_A_PICTURE):
        some = slice(start, start + PATCHES_A_PICTURE)
        number = "" if len(cases) <= PATCHES_A_PICTURE else f"-{start // PATCHES_A_PICTURE + 1}"
        written.append(out / f"patches{number}.png")
        draw_patches(cases[some], colours.of(some), WINDOW, label, written[-1])
    return written


def _step_on(watcher: Watcher, before: int, done: int) -> None:
    watcher.on_step(before + done)


def _said(case: Case) -> dict[str, Any]:
    verdict = case.verdict
    return {
        "level": round(verdict.level, 4),
        "probabilities": [round(p, 4) for p in verdict.probabilities],
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def _write(record: dict[str, Any], label: Label, out: Path) -> Path:
    path = out / SUMMARY_NAME
    path.write_text(json.dumps({"model": str(label), **record}, indent=2) + "\n", encoding="utf-8")
    return path


def _free_name(stem: str, taken: set[str]) -> str:
    if stem not in taken:
        return stem
    return next(name for number in count(2) if (name := f"{stem}-{number}") not in taken)
