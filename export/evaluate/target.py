"""Which graph of which bundle is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from pain.bundle import ROLES, Bundle, Precision, load_bundle
from pain.errors import BundleCorrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One graph of a bundle.

    Attributes:
        directory: folder of the bundle.
        bundle: its manifest, verified.
        precision: which of its graphs.
    """

    directory: Path
    bundle: Bundle
    precision: Precision

    @property
    def name(self) -> str:
        """For tables, e.g. ``mobilenetv3s v1 int8``."""
        return f"{self.bundle.name} {self.bundle.version} {self.precision}"

    @property
    def graph(self) -> Path:
        """The ONNX file."""
        return self.directory / self.bundle.artefacts[ROLES[self.precision]].file


def open_target(text: str) -> Target:
    """Open ``BUNDLE`` or ``BUNDLE:PRECISION``.

    Args:
        text: a folder, with ``:fp16`` or ``:int8`` behind it for another graph than fp32's.

    Raises:
        BundleError: there is no sound bundle, or it has no graph of that precision.
    """
    folder, colon, ending = text.rpartition(":")
    known = colon and ending in get_args(Precision)
    directory = Path(folder if known else text)
    precision = cast("Precision", ending) if known else "fp32"
    bundle = load_bundle(directory)
    if ROLES[precision] not in bundle.artefacts:
        found = [name for name, role in ROLES.items() if role in bundle.artefacts]
        raise BundleCorrupt(
            f"{directory}: has no graph of precision {precision}; it has {', '.join(found)}"
        )
    return Target(directory=directory, bundle=bundle, precision=precision)
