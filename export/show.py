"""What an export tells at its end."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from pain.bundle import Bundle, Precision


def show_bundle(
    console: Console, out: Path, bundle: Bundle, *, precision: Precision = "fp32"
) -> None:
    """Name, size, hash, and how near the graph of a precision is."""
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
