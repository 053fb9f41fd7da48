"""Commands that turn checkpoints into bundles."""

from __future__ import annotations

import typer

from export.landmarks.command import landmarks
from export.quantise.command import int8
from export.onnx.command import onnx
from export.tensorrt.command import tensorrt
from export.verify.command import verify

app = typer.Typer(
    help="Turn a trained checkpoint into a model bundle that the daemon can verify and run.",
    no_args_is_help=True,
)
app.command("landmarks")(landmarks)
app.command("int8")(int8)
app.command("onnx")(onnx)
app.command("verify")(verify)
app.command("tensorrt")(tensorrt)


@app.callback()
def root() -> None:
    """Keep the subcommand's name although there is only one so far."""
