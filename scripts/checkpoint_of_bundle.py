"""Gives a shipped student its checkpoint back from the graph of its bundle.

mobilenetv3s-v1 and landmarks-v1 were shipped without their checkpoints. PyTorch's exporter folds
every BatchNorm into the convolution before it: the graph holds W' = W g/s, b' = b - m g/s, and g,
s, m and b are lost one by one. Any mean and deviation give the same function in evaluation mode
if weight and bias are chosen to fit; in training mode they must be those of the pictures, or the
first step of a fine-tuning starts from another network. So they are measured anew, on crops of
synthetic residents of the seed that taught these models.

    python scripts/checkpoint_of_bundle.py BUNDLE CONFIG OUT [CROPS.npy]

CROPS: uint8 (N, 256, 256, 3), for networks with BatchNorm.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from export.bundle import read_arrays
from pain.bundle import Calibration, Metric, Training, load_bundle
from train.backbones.weights import WeightSource
from train.distil.checkpoint import Student, save_student
from train.distil.load import load_distillation
from train.distil.network import Readable, StudentNet, build_student

BATCH = 64
NETWORK = "network."


def main(bundle: Path, config: Path, out: Path, crops: Path | None) -> None:
    """Recover, compare on the golden faces, write."""
    manifest = load_bundle(bundle)
    plan = load_distillation(config)
    graph = onnx.load(bundle / manifest.artefacts["model"].file)
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.graph.initializer}
    network = build_student(plan.student, weights=WeightSource.RANDOM).eval()
    golden = read_arrays(bundle / manifest.artefacts["golden"].file)
    inputs = [torch.from_numpy(golden[f"input.{name}"]) for name in manifest.inputs]
    restore(network, graph, tensors, inputs)
    module = Readable(network, temperature=manifest.calibration.temperature).eval()
    show("weights", module, inputs, golden)
    if crops is not None:
        shown = torch.from_numpy(np.load(crops))
        measure(network, shown)
        show(f"statistics of {len(shown)} crops", module, inputs, golden)
    student = Student(
        name=manifest.name,
        module=module,
        plan=plan.model_copy(update={"name": manifest.name, "teachers": (), "start": None}),
        training=Training.model_validate(manifest.training.model_dump()),
        calibration=Calibration.model_validate(manifest.calibration.model_dump()),
        metrics=tuple(Metric.model_validate(m.model_dump()) for m in manifest.metrics),
        libraries=dict(manifest.library_versions),
        finished=True,
    )
    save_student(student, out)


@torch.inference_mode()
def restore(
    network: StudentNet, graph: onnx.ModelProto, tensors: dict[str, Any], inputs: list[Tensor]
) -> None:
    """Fill the network with what the graph holds."""
    state = network.state_dict()
    found = {
        name.removeprefix(NETWORK): torch.from_numpy(value.copy())
        for name, value in tensors.items()
        if name.startswith(NETWORK)
    }
    folded = [
        node
        for node in graph.graph.node
        if node.op_type == "Conv" and not node.input[1].startswith(NETWORK)
    ]
    modules = dict(network.named_modules())
    for node, (conv, norm) in zip(folded, normalised(network, inputs), strict=True):
        bias = torch.from_numpy(tensors[node.input[2]].copy())
        found |= {
            f"{conv}.weight": torch.from_numpy(tensors[node.input[1]].copy()),
            f"{norm}.weight": torch.ones_like(bias),
            f"{norm}.bias": bias,
            f"{norm}.running_mean": torch.zeros_like(bias),
            f"{norm}.running_var": torch.ones_like(bias) - modules[norm].eps,
            f"{norm}.num_batches_tracked": torch.tensor(0),
        }
    network.load_state_dict({key: value.reshape(state[key].shape) for key, value in found.items()})


def normalised(network: StudentNet, inputs: list[Tensor]) -> Iterator[tuple[str, str]]:
    """Names of every convolution and the BatchNorm behind it, in the order of the computation."""
    ran: list[tuple[str, nn.Module]] = []
    hooks = [
        module.register_forward_hook(lambda m, _in, _out, name=name: ran.append((name, m)))
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d)
    ]
    network(*(values[:1] for values in inputs))
    for hook in hooks:
        hook.remove()
    for (first, conv), (second, norm) in pairwise(ran):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            yield first, second


@torch.inference_mode()
def measure(network: StudentNet, crops: Tensor) -> None:
    """Give every BatchNorm the mean and variance of what arrives at it; the function stays."""
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    sums: dict[nn.Module, list[Tensor]] = {norm: [] for norm in norms}

    def keep(norm: nn.Module, arrived: tuple[Tensor, ...]) -> None:
        values = arrived[0].double()
        sums[norm].append(torch.stack([values.mean((0, 2, 3)), values.square().mean((0, 2, 3))]))

    hooks = [norm.register_forward_pre_hook(keep) for norm in norms]
    for some in crops[: len(crops) // BATCH * BATCH].split(BATCH):
        network(some)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        mean, square = torch.stack(sums[norm]).mean(0)
        variance = square - mean.square()
        norm.bias.copy_(norm.bias.double() + mean)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)


@torch.inference_mode()
def show(what: str, module: Readable, inputs: list[Tensor], golden: dict[str, Any]) -> None:
    """Print how far the module is from the golden outputs, at rest and as a training sees it."""
    said = module(*inputs)
    for name, values in said._asdict().items():
        far = np.abs(values.numpy() - golden[f"output.{name}"]).max()
        print(f"{what}: {name} differs by at most {far:.1e}")  # noqa: T201


if __name__ == "__main__":
    bundle, config, out, *crops = map(Path, sys.argv[1:])
    main(bundle, config, out, crops[0] if crops else None)
