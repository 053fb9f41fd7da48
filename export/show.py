"""What an export tells at its end."""

from __future__ import annotations

from pathlib import Path

import onnx
from rich.console import Console

from export.tensorrt.importer import refusals
from pain.bundle import ROLES, Bundle, Precision


def show_bundle(
    console: Console, out: Path, bundle: Bundle, *, precision: Precision = "fp32"
) -> None:
    """Name, size, hash, how near the graph of a precision is, and whether TensorRT may read it."""
    size = sum(artefact.size_bytes for artefact in bundle.artefacts.values())
    console.print(
        f"{out}: {bundle.name} {bundle.version}, {size / 1024:.0f} KiB, "
        f"SHA-256 {bundle.bundle_sha256[:16]}…"
    )
    parity = bundle.parity if precision == "fp32" else bundle.parity_by_precision[precision]
    console.print(
        f"Parity of {precision} on {parity.inputs} tracked faces: level differs by at most "
        f"{parity.max_level_difference:.1e}, {parity.mean_level_difference:.1e} on average."
    )
    found = refusals(onnx.load(out / bundle.artefacts[ROLES[precision]].file))
    console.print(
        f"TensorRT 10 would refuse the {precision} graph in {len(found)} places, first {found[0]}."
        if found
        else f"Nothing in the {precision} graph is known to be refused by TensorRT 10's importer."
    )
