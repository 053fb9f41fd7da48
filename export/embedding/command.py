"""``painwatch export embedding``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from export.options import CacheOption, DataOption, FacesOption
from train.data.options import ReadOption


def embedding(
    *,
    weights: Annotated[
        str,
        typer.Option(
            help=(
                "official (FaceNet's VGGFace2 weights, for research alone), random (recognises "
                "nobody), or a file in the official layout."
            )
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older bundle is replaced.")],
    data: DataOption,
    cache: CacheOption,
    network: Annotated[str, typer.Option(help="facenet or facenet_128.")] = "facenet",
    version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1.0.0",
    faces: FacesOption = 64,
    read: ReadOption = None,
) -> None:
    """Turn a face embedding into a verified bundle, for rooms[].identity.bundle.

    Pictures go in as they are: the preprocessing is part of the graph. ONNX Runtime must give the
    network's vector on every tracked face within 0.0001, else nothing is written. Read the licence
    of the weights first: see docs/identity.md.
    """
    from rich.console import Console

    from export.embedding.bundle import export_embedding
    from export.embedding.network import facenet
    from export.faces import load_faces
    from pain.errors import AssetError
    from train.backbones.names import BackboneName
    from train.backbones.weights import weights_of
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    known = {name.value: name for name in (BackboneName.FACENET, BackboneName.FACENET_128)}
    if network not in known:
        raise AssetError(f"--network {network!r} is unknown; choose one of: {', '.join(known)}")
    found = facenet(known[network], weights_of(weights))
    shown = load_faces(data, cache, limit=faces, needs=("face",), choices=choices_of(read)).of(
        ("face",)
    )["face"]
    with progress_bar() as progress:
        task = progress.add_task("graph", total=None)
        bundle = export_embedding(
            found,
            out,
            shown,
            version=version,
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{out}: {bundle.name} {bundle.version}, {bundle.dimensions} numbers a face, "
        f"SHA-256 {bundle.bundle_sha256[:16]}…"
    )
    console.print(
        f"Parity on {bundle.parity.inputs} tracked faces: numbers differ by at most "
        f"{bundle.parity.max_difference:.1e}. Data: {bundle.training.data}; licence: "
        f"{bundle.training.data_licence}."
    )
