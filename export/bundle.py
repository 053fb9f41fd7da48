"""Writes bundles: complete or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.bundle import (
    GOLDEN_TOLERANCE,
    MANIFEST_NAME,
    ROLES,
    Bundle,
    Parity,
    Precision,
    load_bundle,
    write_manifest,
)
from pain.errors import AssetError, BundleCorrupt

GOLDEN_NAME: Final = "golden.npz"
GRAPH_NAMES: Final[Mapping[Precision, str]] = {
    precision: f"{role}.onnx" for precision, role in ROLES.items()
}
"""File of the graph of each precision."""

_LIBRARIES: Final = ("onnx", "onnxruntime")


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Make a bundle beside its place; only when the block ends well it takes that place.

    Args:
        out: folder of the bundle; an older bundle there is replaced.

    Yields:
        An empty folder to write to.

    Raises:
        AssetError: ``out`` is something else than a bundle.
    """
    if (
        out.exists()
        and not (out / MANIFEST_NAME).is_file()
        and (out.is_file() or any(out.iterdir()))
    ):
        raise AssetError(f"{out}: not empty and not a bundle; choose another folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        draft = Path(scratch) / "new"
        draft.mkdir()
        yield draft
        if out.exists():
            out.rename(Path(scratch) / "old")
        draft.rename(out)


def linked(directory: Path, bundle: Bundle, draft: Path) -> None:
    """Put the artefacts of a bundle into a draft, as links where the file system has them.

    They lead to the old bundle's files: unlink one before it is written anew.
    """
    for artefact in bundle.artefacts.values():
        target = draft / artefact.file
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(directory / artefact.file, target)


def add_graph(
    directory: Path,
    graph: bytes,
    *,
    precision: Precision,
    parity: Parity,
    outputs: Mapping[str, npt.NDArray[np.float32]] | None = None,
    tolerance: float | None = None,
    preferred: bool = False,
) -> Bundle:
    """Add the graph of another precision to a bundle, or replace it; the rest stays as it is.

    Args:
        directory: folder of the bundle.
        graph: the ONNX file's content.
        precision: of the graph, not fp32.
        parity: how far it is from the fp32 graph; in its bars already.
        outputs: by name, what it says of the golden faces where those of fp32 shall not count.
        tolerance: of the golden faces; that of ``GOLDEN_TOLERANCE`` when None.
        preferred: whether it is what the daemon runs when the configuration leaves the choice.

    Returns:
        The new manifest.

    Raises:
        BundleError: the bundle is damaged or has no golden faces.
    """
    bundle = load_bundle(directory)
    with staged(directory) as draft:
        linked(directory, bundle, draft)
        golden = bundle.artefacts.get("golden")
        if golden is None:
            raise BundleCorrupt(f"{directory}: has no golden faces; export the bundle again")
        arrays = {
            name: values
            for name, values in read_arrays(directory / golden.file).items()
            if not name.startswith((f"output.{precision}.", f"tolerance.{precision}"))
        }
        arrays |= {f"output.{precision}.{name}": values for name, values in (outputs or {}).items()}
        chosen = GOLDEN_TOLERANCE[precision] if tolerance is None else tolerance
        arrays[f"tolerance.{precision}"] = np.float32(chosen)
        # Links lead to the old bundle's files, which must not be written through.
        (draft / golden.file).unlink()
        np.savez_compressed(draft / golden.file, **arrays)
        name = GRAPH_NAMES[precision]
        (draft / name).unlink(missing_ok=True)
        (draft / name).write_bytes(graph)
        files: dict[str, tuple[str, Precision | None]] = {
            role: (artefact.file, artefact.precision) for role, artefact in bundle.artefacts.items()
        }
        files[ROLES[precision]] = (name, precision)
        fields = bundle.model_dump(exclude={"artefacts", "bundle_sha256"})
        fields["parity_by_precision"] = {
            **bundle.parity_by_precision,
            precision: parity,
        }
        fields["library_versions"] |= library_versions()
        if preferred:
            fields["preferred"] = precision
        return write_manifest(draft, files=files, **fields)


def read_arrays(path: Path) -> dict[str, Any]:
    """Arrays of an ``.npz``, e.g. golden faces.

    Raises:
        BundleCorrupt: it is none.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise BundleCorrupt(f"{path}: not readable ({error}); export the bundle again") from error


def library_versions() -> dict[str, str]:
    """Versions of what makes and runs graphs."""
    return {name: version(name) for name in _LIBRARIES}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
