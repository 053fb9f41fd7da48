"""Faces as numbers: an ``.npz`` of blendshapes, stages of the face mesh network, and labels.

The pictures stay where they are. What can be read from it: levels that are stored in it, every
bundle that wants blendshapes alone, and every bundle that carries its head by itself (artefact
``head``: a graph whose inputs are named as the arrays of such a file).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.batch.media import Problem
from edge.bench.faces.judge import Reader, Subject
from edge.bench.faces.labels import label_of
from edge.bench.faces.look import TEXTBOOK, textbook
from edge.score.ladder import Rung
from edge.score.session import OrtSession
from pain.bundle import load_bundle
from pain.errors import BundleError, DataError, ScoringError

HEAD: Final = "head"
"""Role of the artefact that reads stages instead of pixels."""

STORED: Final = "level_"
"""Arrays whose names begin so are levels that a model gave when the file was made."""

_LABELS: Final = ("pain_like", "pain", "expression", "age", "sex", "person", "set")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureFile:
    """Contents of the file.

    Attributes:
        path: of it.
        arrays: everything, by name.
        subjects: one a row.
    """

    path: Path
    arrays: Mapping[str, npt.NDArray[Any]]
    subjects: Sequence[Subject]


def read_features(path: Path) -> FeatureFile:
    """Read the file.

    Raises:
        DataError: no ``.npz``, arrays of different lengths, or no array that could be read.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: no readable .npz of features ({error})") from error
    lengths = {name: len(values) if values.ndim else 0 for name, values in arrays.items()}
    if not arrays or len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise DataError(f"{path}: every array must have a row for each face; lengths: {lengths}")
    texts = {name: values.tolist() for name, values in arrays.items() if values.dtype.kind in "US"}
    subjects = []
    for row in range(next(iter(lengths.values()))):
        words = {name: str(texts[name][row]) for name in _LABELS if name in texts}
        if "age" not in words and "old" in texts:
            words["age"] = "old" if texts["old"][row] == "yes" else "not old"
        label = label_of(words, where=f"{path}: row {row}")
        subjects.append(Subject(name=f"row {row}", label=label))
    return FeatureFile(path=path, arrays=arrays, subjects=subjects)


def stored_readers(file: FeatureFile) -> list[Reader]:
    """Levels that the file holds, and the textbook on its blendshapes."""
    readers = [
        Reader(name=f"{name.removeprefix(STORED)} (stored)", values=values.astype(np.float64))
        for name, values in file.arrays.items()
        if name.startswith(STORED)
    ]
    if "blendshapes" in file.arrays:
        shapes = file.arrays["blendshapes"].astype(np.float32)
        values = np.array([textbook(row) for row in shapes])
        readers.append(Reader(name=TEXTBOOK, values=values, is_level=False))
    return readers


def read_with(file: FeatureFile, name: str, directory: Path) -> Reader | Problem:
    """Let a bundle read the rows, where it can.

    Args:
        file: the features.
        name: of the bundle, for tables.
        directory: of the bundle.

    Returns:
        What it says; or why it cannot.
    """
    try:
        bundle = load_bundle(directory)
    except BundleError as error:
        return Problem(name=name, words=str(error))
    graph = bundle.artefacts.get(HEAD)
    if graph is None:
        if set(bundle.inputs) != {"blendshapes"}:
            return Problem(
                name=name,
                words=f"wants {' and '.join(bundle.inputs)}, and the file holds numbers alone; a "
                f"bundle with an artefact {HEAD!r}, or one of blendshapes, can be read from it",
            )
        graph = bundle.artefacts["model"]
    try:
        levels = head_from_features(directory / graph.file, file.arrays)
    except (BundleError, DataError, ScoringError) as error:
        return Problem(name=name, words=str(error))
    return Reader(name=name, values=levels, sha256=bundle.bundle_sha256)


def head_from_features(
    graph: Path, arrays: Mapping[str, npt.NDArray[Any]]
) -> npt.NDArray[np.float64]:
    """Run a graph whose inputs are named as the arrays.

    Args:
        graph: ONNX file with the output ``level``.
        arrays: (n, ...) each; given to the graph as float32.

    Returns:
        (n,) levels.

    Raises:
        DataError: an input has no array.
        BundleError: ONNX Runtime cannot load the graph.
        ScoringError: it cannot run it.
    """
    session = OrtSession(
        model=graph, rung=Rung(provider="cpu", precision="fp32"), options={}, threads=1
    )
    names = [port.name for port in session.inputs]
    absent = [name for name in names if name not in arrays]
    if absent:
        raise DataError(
            f"{graph}: wants {', '.join(absent)}; the file has {', '.join(sorted(arrays))}"
        )
    feeds = {name: arrays[name].astype(np.float32) for name in names}
    levels: npt.NDArray[np.float64] = session.run(feeds)["level"].astype(np.float64)
    return levels.reshape(-1)
