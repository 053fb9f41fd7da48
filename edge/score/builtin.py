"""The bundle that is shipped inside the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from pain.errors import BundleCorrupt

BUILTIN_BUNDLE: Final = "landmarks-v0"


def builtin_bundle_dir() -> Path:
    """Folder of the bundle that runs when the config names none.

    Raises:
        BundleCorrupt: painwatch was installed as an archive, where ONNX Runtime cannot read.
    """
    folder = files("edge").joinpath("bundles", BUILTIN_BUNDLE)
    if not isinstance(folder, Path):
        raise BundleCorrupt(
            "the built-in model bundle lies inside an archive; install painwatch unpacked "
            "(pip does) or set scoring.bundle"
        )
    return folder
