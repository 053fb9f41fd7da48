"""From a tracked face to the numbers that tell whose it is, through a verified bundle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from edge.score.golden import Golden, check_golden
from edge.score.ladder import Rung
from edge.score.runner import Port, Runner
from edge.score.session import OrtSession
from pain.align import CROP_SIZE
from pain.embedding import (
    GOLDEN_TOLERANCE,
    INPUT,
    LENGTH_TOLERANCE,
    OUTPUT,
    EmbeddingBundle,
    load_embedding,
)
from pain.errors import BundleCorrupt, ScoringError
from pain.values import Face

_RUNG: Final = Rung(provider="cpu", precision="fp32")


class Embedder:
    """A face embedding, verified and ready.

    It runs on the CPU whatever runs the pain model: one face every few seconds needs no GPU, and
    a template must be compared with vectors that were computed alike.

    Args:
        bundle_dir: folder of the bundle.
        threads: of the CPU.

    Raises:
        BundleError: it is a bundle for something else, or the golden input gives other results.
        BundleCorrupt: the bundle is incomplete, or graph and manifest differ.
        BundleTampered: a hash does not match.

    Attributes:
        bundle: its manifest.
    """

    def __init__(self, *, bundle_dir: Path, threads: int) -> None:
        self.bundle: EmbeddingBundle = load_embedding(bundle_dir)
        model = bundle_dir / self.bundle.artefacts["model"].file
        golden = _golden(bundle_dir, self.bundle)
        runner = OrtSession(model=model, rung=_RUNG, options={}, threads=threads)
        _check_ports(runner, self.bundle, model=model)
        check_golden(runner, golden, model=model)
        self._runner: Runner = runner

    def embed(self, face: Face) -> tuple[float, ...]:
        """The vector of one face.

        Args:
            face: as tracked, with its crop.

        Returns:
            As many numbers as the bundle says, of length 1.

        Raises:
            ScoringError: the face has no crop, ONNX Runtime failed, or the vector is none.
        """
        if face.crop is None:
            raise ScoringError("the embedding needs the aligned crop, but the tracker cut none")
        vector = self._runner.run({INPUT: face.crop[None]})[OUTPUT].astype(np.float64).reshape(-1)
        length = float(np.linalg.norm(vector))
        if vector.size != self.bundle.dimensions or not abs(length - 1.0) <= LENGTH_TOLERANCE:
            raise ScoringError(
                f"the embedding gave {vector.size} numbers of length {length:.3g}, not "
                f"{self.bundle.dimensions} of length 1"
            )
        return tuple((vector / length).tolist())


def _golden(directory: Path, bundle: EmbeddingBundle) -> Golden:
    artefact = bundle.artefacts.get("golden")
    if artefact is None:
        raise BundleCorrupt(
            f"{directory}: no artefact of role 'golden', so nothing proves that the embedding runs "
            "here as it was exported; export the bundle again"
        )
    path = directory / artefact.file
    try:
        with np.load(path, allow_pickle=False) as archive:
            inputs = {INPUT: archive[f"input.{INPUT}"]}
            outputs = {OUTPUT: archive[f"output.{OUTPUT}"]}
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise BundleCorrupt(
            f"{path}: not a usable golden input ({error}); export the bundle again"
        ) from error
    return Golden(inputs=inputs, outputs=outputs, tolerance=GOLDEN_TOLERANCE)


def _check_ports(runner: Runner, bundle: EmbeddingBundle, *, model: Path) -> None:
    inputs = (Port(name=INPUT, element="tensor(uint8)", shape=(None, CROP_SIZE, CROP_SIZE, 3)),)
    outputs = (Port(name=OUTPUT, element="tensor(float)", shape=(None, bundle.dimensions)),)
    if (tuple(runner.inputs), tuple(runner.outputs)) != (inputs, outputs):
        raise BundleCorrupt(
            f"{model}: an embedding takes {INPUT!r} uint8 (N, {CROP_SIZE}, {CROP_SIZE}, 3) and "
            f"gives {OUTPUT!r} float32 (N, {bundle.dimensions}); the graph has "
            f"{tuple(runner.inputs)} and {tuple(runner.outputs)}; export the bundle again"
        )
