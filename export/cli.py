"""Commands that turn checkpoints into bundles."""

from __future__ import annotations

import typer

from export.embedding.command import embedding
from export.ensemble.command import ensemble
from export.evaluate.command import evaluate
from export.half.command import fp16
from export.onnx.command import onnx
from export.quantise.command import int8
from export.recast.command import recast
from export.tensorrt.command import tensorrt
from export.verify.command import scored, verify

app = typer.Typer(
    help="Turn a trained checkpoint into a model bundle that the daemon can verify and run.",
    no_args_is_help=True,
)
app.command("evaluate")(evaluate)
app.command("int8")(int8)
app.command("onnx")(onnx)
app.command("verify")(verify)
app.command("scored")(scored)
app.command("fp16")(fp16)
app.command("ensemble")(ensemble)
app.command("embedding")(embedding)
app.command("tensorrt")(tensorrt)
app.command("recast")(recast)


@app.callback()
def root() -> None:
    """Keep the subcommand's name although there is only one so far."""
