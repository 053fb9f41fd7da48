"""``painwatch export landmarks``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def landmarks(
    checkpoint: Annotated[
        Path, typer.Argument(help="Folder written by 'painwatch train landmarks'.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older bundle is replaced.")],
) -> None:
    """Turn a landmark checkpoint into a verified bundle.

    ONNX Runtime must give the checkpoint's level on every tracked face within 0.001, else nothing
    is written.
    """
    from rich.console import Console

    from export.landmarks.bundle import export_bundle
    from train.landmarks.checkpoint import load_checkpoint

    console = Console()
    with console.status("Building the graph and comparing it with the checkpoint"):
        bundle = export_bundle(load_checkpoint(checkpoint), out)
    size = sum(artefact.size_bytes for artefact in bundle.artefacts.values())
    console.print(
        f"{out}: {bundle.name} {bundle.version}, {size / 1024:.0f} KiB, "
        f"SHA-256 {bundle.bundle_sha256[:16]}…",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"Parity on {bundle.parity.inputs} tracked faces: level differs by at most "
        f"{bundle.parity.max_level_difference:.1e}, {bundle.parity.mean_level_difference:.1e} "
        "on average.",
        highlight=False,
        soft_wrap=True,
    )
