"""Makes a candidate ready to run once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.bench.candidate import ORT_NAMES, Candidate, Kind, Provider
from export.bundle import read_arrays
from export.session import open_session
from pain.align import ALIGNMENT_TEMPLATE, CROP_SIZE, EYES_AND_MOUTH, LANDMARK_COUNT
from pain.bundle import GOLDEN_TOLERANCE, ROLES, load_bundle
from pain.crop import aligned_crop
from pain.errors import AssetError, BundleCorrupt, ExportError

_PICTURE_PX = (1080, 1920)
_FACE_PX = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Ready to run.

    Attributes:
        run: one batch; returns when it is computed.
        difference: largest difference of level from what was recorded at export; None without.
        passed: whether every output of the golden faces is as recorded; None without.
        note: what a reader of the row must know.
    """

    run: Callable[[], object]
    difference: float | None = None
    passed: bool | None = None
    note: str = ""


def load(candidate: Candidate) -> Loaded:
    """Load what is to be timed.

    Raises:
        PainwatchError: it cannot run here; the message says why.
    """
    match candidate.kind:
        case Kind.GRAPH:
            return _graph(candidate)
        case Kind.PREPROCESS:
            return _preprocess()
        case _:
            return _torch(candidate)


def _graph(candidate: Candidate) -> Loaded:
    folder = Path(candidate.source)
    bundle = load_bundle(folder)
    if "golden" not in bundle.artefacts:
        raise BundleCorrupt(f"{folder}: has no golden faces; export the bundle again")
    golden = read_arrays(folder / bundle.artefacts["golden"].file)
    asked = ORT_NAMES[candidate.provider]
    chain = [asked]
    if candidate.provider is Provider.TENSORRT:
        chain.append(ORT_NAMES[Provider.CUDA])
    if candidate.provider is not Provider.CPU:
        chain.append(ORT_NAMES[Provider.CPU])
    graph = folder / bundle.artefacts[ROLES[candidate.precision]].file
    session = open_session(graph, providers=chain, threads=candidate.threads)
    names = [port.name for port in session.get_outputs()]
    shown = {port.name: golden[f"input.{port.name}"] for port in session.get_inputs()}
    said = dict(zip(names, session.run(names, shown), strict=True))
    # ONNX Runtime lists providers whose libraries are absent; only the session tells.
    if session.get_providers()[0] != asked:
        raise ExportError(f"{asked} does not run here; ONNX Runtime fell back to another")
    difference, passed = _against_golden(said, golden, candidate)
    feeds = {name: _tiled(values, candidate.batch) for name, values in shown.items()}
    return Loaded(run=lambda: session.run(names, feeds), difference=difference, passed=passed)


def _against_golden(
    said: Mapping[str, npt.NDArray[Any]],
    golden: Mapping[str, npt.NDArray[Any]],
    candidate: Candidate,
) -> tuple[float, bool]:
    def own(what: str, name: str = "") -> Any:
        precise = f"{what}.{candidate.precision}{name}"
        return golden.get(precise, golden.get(f"{what}{name}"))

    tolerance = own("tolerance")
    allowed = GOLDEN_TOLERANCE[candidate.precision] if tolerance is None else float(tolerance)
    off = {
        name: float(np.abs(values.astype(np.float64) - own("output", f".{name}")).max())
        for name, values in said.items()
    }
    return off["level"], all(value <= allowed for value in off.values())


def _torch(candidate: Candidate) -> Loaded:
    import torch

    torch.set_num_threads(candidate.threads)
    device = "cuda" if candidate.provider is Provider.CUDA else "cpu"
    network, names, note = _network(candidate.source)
    network = network.eval().to(device)
    run = torch.compile(network) if candidate.kind is Kind.COMPILED else network
    rng = np.random.default_rng(0)
    made: dict[str, npt.NDArray[Any]] = {
        "face": rng.integers(0, 256, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8),
        "landmarks": rng.normal(size=(1, LANDMARK_COUNT, 3)).astype(np.float32),
        "blendshapes": rng.random((1, 52), np.float32),
    }
    feeds = [torch.from_numpy(_tiled(made[name], candidate.batch)) for name in names]

    def once() -> None:
        with torch.inference_mode():
            said = run(*(feed.to(device) for feed in feeds))
            # The daemon's provider hands numbers to the processor as well.
            for output in said if isinstance(said, tuple) else (said,):
                output.cpu()

    return Loaded(run=once, note=note)


def _network(source: str) -> tuple[Any, tuple[str, ...], str]:
    from train.backbones import WeightSource, backbone_of, make_backbone

    if Path(source).is_dir():
        from export.model import open_model

        model = open_model(Path(source))
        return model.module, model.inputs, ""
    try:
        name = backbone_of(source)
    except ValueError as error:
        raise AssetError(
            f"--baseline {source}: neither a checkpoint's folder nor a backbone, which {error}"
        ) from error
    backbone = make_backbone(name, weights=WeightSource.RANDOM)
    return backbone, name.sees.inputs, "random weights, backbone without a head"


def _preprocess() -> Loaded:
    """The crop that a bundle of pictures needs of every face."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (*_PICTURE_PX, 3), np.uint8)
    landmarks = np.zeros((LANDMARK_COUNT, 3), np.float32)
    middle = np.array(_PICTURE_PX[::-1]) / 2
    for pair, place in zip(EYES_AND_MOUTH, ALIGNMENT_TEMPLATE, strict=True):
        landmarks[list(pair), :2] = middle + (place - CROP_SIZE / 2) * (_FACE_PX / CROP_SIZE)
    return Loaded(
        run=lambda: aligned_crop(picture, landmarks),
        note=f"one face, crop of {_FACE_PX:.0f} px in 1920 x 1080",
    )


def _tiled(values: npt.NDArray[Any], batch: int) -> npt.NDArray[Any]:
    return np.ascontiguousarray(np.resize(values, (batch, *values.shape[1:])))
