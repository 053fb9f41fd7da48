"""``painwatch export tensorrt``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class PrecisionChoice(StrEnum):
    """Precision of the graph that is compiled."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


def tensorrt(
    bundle: Annotated[Path, typer.Argument(help="Folder of the model bundle.")],
    *,
    precision: Annotated[
        PrecisionChoice | None,
        typer.Option(help="Which of its graphs; the one that the bundle prefers when absent."),
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, max=64, help="Most faces at once; the daemon scores one.")
    ] = 8,
    engines: Annotated[
        Path | None,
        typer.Option(
            help="Where engines are kept, the daemon's scoring.engines; painwatch/engines in the "
            "user's cache folder when absent."
        ),
    ] = None,
) -> None:
    """Compile a bundle for this machine's GPU with TensorRT.

    Run it on the box that will run the engine, as the user that the daemon runs as or with
    --engines. Nothing of the bundle changes. The engine must give the golden results on this GPU,
    else it is not kept; then set scoring.provider to tensorrt-native. It is built again when the
    bundle, the GPU or TensorRT's version is another one.

    Not run here: this was written where there was no GPU.
    """
    import platformdirs
    from rich.console import Console

    from export.tensorrt.api import import_tensorrt
    from export.tensorrt.engine import make_engine
    from pain.bundle import load_bundle

    console = Console()
    manifest = load_bundle(bundle)
    folder = engines or Path(platformdirs.user_cache_dir("painwatch")) / "engines"
    chosen = manifest.preferred if precision is None else precision.value
    with console.status("TensorRT tries kernels on this GPU, then the golden faces are scored"):
        made = make_engine(
            bundle,
            manifest,
            precision=chosen,
            max_batch=batch,
            engines=folder,
            trt=import_tensorrt(),
        )
    done = "built, and right" if made.built else "still right"
    console.print(
        f"{made.path}: {done} on the golden faces ({made.record.gpu}, TensorRT "
        f"{made.record.tensorrt}, {made.record.precision}, up to {made.record.max_batch} faces)",
        highlight=False,
        soft_wrap=True,
    )
