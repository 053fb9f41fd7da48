"""The bundles that are shipped inside the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from edge.config.scoring import BuiltinName, ScoringConfig
from pain.errors import BundleCorrupt


def builtin_bundle_dir(name: BuiltinName | None = None) -> Path:
    """Folder of a bundle in the package.

    Args:
        name: which one; the default of ``scoring.builtin`` when None.

    Raises:
        BundleCorrupt: painwatch was installed as an archive, where ONNX Runtime cannot read.
    """
    folder = files("edge").joinpath("bundles", name or ScoringConfig().builtin)
    if not isinstance(folder, Path):
        raise BundleCorrupt(
            "the built-in model bundle lies inside an archive; install painwatch unpacked "
            "(pip does) or set scoring.bundle"
        )
    return folder
