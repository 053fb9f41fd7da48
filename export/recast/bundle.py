"""Rewrites the graphs of a bundle and seals it anew, unless anything in what they say changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx

from export.bundle import library_versions, linked, read_arrays, staged
from export.faces import Faces
from export.recast.graph import recast
from export.session import run_graph
from pain.bundle import ROLES, Bundle, Precision, load_bundle, write_manifest
from pain.errors import BundleCorrupt, ExportError

_NOISE: Final = 16
"""Pictures of random pixels beside the faces, so that every value 0..255 passes."""


def recast_bundle(
    directory: Path,
    *,
    version: str,
    faces: Faces | None = None,
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Bundle:
    """Write every graph of a bundle as ``export.recast.graph`` does, and seal it as a new version.

    What was trained and measured stays true, since no output changes by a single bit: on the
    golden faces, on random pixels, and on ``faces``.

    Args:
        directory: the bundle; it is replaced.
        version: of the bundle that it becomes.
        faces: further faces on which the graphs must agree.
        on_done: told what runs, how many graphs are done, and of how many.

    Returns:
        The new manifest.

    Raises:
        BundleError: the bundle is damaged.
        ExportError: version is that of before, no graph changes, or one would say something else;
            the bundle is as it was.
    """
    bundle = load_bundle(directory)
    if version == bundle.version:
        raise ExportError(f"{directory}: is version {version} already; choose another --version")
    inputs = _inputs(directory, bundle, faces)
    graphs = {p: role for p, role in ROLES.items() if role in bundle.artefacts}
    with staged(directory) as draft:
        linked(directory, bundle, draft)
        changed = False
        for number, (precision, role) in enumerate(graphs.items(), start=1):
            file = draft / bundle.artefacts[role].file
            before = onnx.load(file)
            after = recast(before)
            changed |= after != before
            _say_version(after, version)
            # Links lead to the old bundle's files, which must not be written through.
            file.unlink()
            file.write_bytes(after.SerializeToString())
            _require_equal(directory / bundle.artefacts[role].file, file, inputs, precision)
            on_done("equal bit for bit", number, len(graphs))
        if not changed:
            raise ExportError(f"{directory}: nothing in its graphs is to be rewritten")
        fields = bundle.model_dump(exclude={"artefacts", "bundle_sha256", "version"})
        fields["library_versions"] |= library_versions()
        files: dict[str, tuple[str, Precision | None]] = {
            role: (artefact.file, artefact.precision) for role, artefact in bundle.artefacts.items()
        }
        return write_manifest(draft, files=files, version=version, **fields)


def _inputs(directory: Path, bundle: Bundle, faces: Faces | None) -> Mapping[str, npt.NDArray[Any]]:
    artefact = bundle.artefacts.get("golden")
    if artefact is None:
        raise BundleCorrupt(f"{directory}: has no golden faces; export the bundle again")
    golden = read_arrays(directory / artefact.file)
    found = {name: golden[f"input.{name}"] for name in bundle.inputs}
    more = {} if faces is None else faces.of(bundle.inputs)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(found[bundle.inputs[0]]), _NOISE)
    return {
        name: np.concatenate([values, _noise(values[rows], rng), *([more[name]] if more else [])])
        for name, values in found.items()
    }


def _noise(values: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    if values.dtype == np.uint8:
        return rng.integers(0, 256, values.shape, np.uint8)
    return np.asarray(values + rng.normal(scale=0.05, size=values.shape).astype(values.dtype))


def _require_equal(
    old: Path, new: Path, inputs: Mapping[str, npt.NDArray[Any]], precision: Precision
) -> None:
    before, after = run_graph(old, inputs), run_graph(new, inputs)
    differ = [name for name in before if not np.array_equal(before[name], after[name])]
    if differ:
        raise ExportError(
            f"{old}: {', '.join(differ)} of the {precision} graph would change; nothing was written"
        )


def _say_version(proto: onnx.ModelProto, version: str) -> None:
    for entry in proto.metadata_props:
        if entry.key == "version":
            entry.value = version
