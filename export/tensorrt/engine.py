"""Makes the engine of a bundle on this machine, proves it, and puts it where the daemon looks."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from export.tensorrt import daemon
from export.tensorrt.api import TensorRT
from export.tensorrt.build import compile_graph
from export.tensorrt.importer import require_importable
from pain.bundle import ROLES, Bundle, Precision
from pain.engine import EngineRecord, engine_file, load_engine, record_file, slug
from pain.errors import BundleCorrupt, BundleError, ExportError


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An engine that the daemon may run.

    Attributes:
        path: of the plan.
        record: what it was made from and for.
        built: whether it was built now; False when the one that was there is still right.
    """

    path: Path
    record: EngineRecord
    built: bool


def make_engine(
    directory: Path,
    bundle: Bundle,
    *,
    precision: Precision,
    max_batch: int,
    engines: Path,
    trt: TensorRT,
) -> Made:
    """Build an engine unless the right one is there; prove it on the golden faces either way.

    It is built and proved in a scratch folder, so that a daemon never meets an unproved one.

    Args:
        directory: the bundle's folder.
        bundle: its manifest, verified.
        precision: of the graph.
        max_batch: faces that it takes at once.
        engines: folder of all engines.
        trt: the module ``tensorrt``.

    Raises:
        BundleError: the bundle has no graph of this precision.
        ProviderError: there is no GPU.
        ExportError: TensorRT cannot compile the graph, or the engine fails its accuracy gate.
    """
    artefact = bundle.artefacts.get(ROLES[precision])
    if artefact is None:
        raise BundleError(
            f"{directory}: the bundle has no {precision} graph; it has "
            f"{', '.join(role for role in ROLES.values() if role in bundle.artefacts)}"
        )
    gpu, version = daemon.gpu_name(), trt.__version__
    path = engine_file(engines, bundle=bundle, gpu=gpu, tensorrt=version, precision=precision)
    try:
        _, record = load_engine(path, bundle=bundle, gpu=gpu, tensorrt=version, precision=precision)
    except BundleCorrupt:
        record = None
    if record is not None and record.max_batch >= max_batch:
        daemon.prove(directory, precision=precision, engines=engines)
        return Made(path=path, record=record, built=False)
    _make_folder(path.parent)
    require_importable(directory / artefact.file)
    timing_file = engines / f"timing-{slug(gpu)}-{version}.cache"
    timings = timing_file.read_bytes() if timing_file.is_file() else b""
    compiled = compile_graph(
        directory / artefact.file, max_batch=max_batch, timings=timings, trt=trt
    )
    timing_file.write_bytes(compiled.timings)
    record = EngineRecord(
        bundle_sha256=bundle.bundle_sha256,
        precision=precision,
        gpu=gpu,
        tensorrt=version,
        max_batch=max_batch,
        plan_sha256=hashlib.sha256(compiled.plan).hexdigest(),
    )
    with tempfile.TemporaryDirectory(dir=engines, prefix=".unproved-") as scratch:
        draft = Path(scratch) / path.relative_to(engines)
        draft.parent.mkdir()
        draft.write_bytes(compiled.plan)
        record_file(draft).write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
        daemon.prove(directory, precision=precision, engines=Path(scratch))
        # A daemon that starts in between finds a plan that its record does not fit, and says so.
        draft.replace(path)
        record_file(draft).replace(record_file(path))
    return Made(path=path, record=record, built=True)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"{folder}: engines cannot be kept here ({error.strerror}); choose another --engines"
        ) from error
