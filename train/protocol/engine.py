"""Lightning Fabric from an experiment: one CPU, one GPU, many of them, many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from lightning_fabric import Fabric

from pain.errors import ConfigError
from train.experiment.schema import EngineSection, Experiment, Precision


def start_engine(engine: EngineSection) -> Fabric:
    """A launched Fabric; with several devices, every one runs this program from here on.

    Raises:
        ConfigError: this machine has no such device.
    """
    if engine.threads is not None:
        torch.set_num_threads(engine.threads)
    try:
        fabric = Fabric(
            accelerator=engine.accelerator,
            devices=engine.devices,
            num_nodes=engine.nodes,
            precision=cast("Any", precision_of(engine).value),
        )
    except (ValueError, TypeError, RuntimeError, ModuleNotFoundError) as error:
        raise ConfigError(
            f"accelerator {engine.accelerator} with devices {engine.devices} cannot run here: "
            f"{error}",
            key="engine",
        ) from error
    fabric.launch()
    return fabric


def precision_of(engine: EngineSection) -> Precision:
    """The precision that is computed with; ``mixed`` is what the device has units for.

    NVIDIA's GPUs from Ampere on take bfloat16, which needs no scaling of gradients; older ones and
    Apple's take float16. A processor stays at full precision: MobileNetV3 took it twice as long in
    bfloat16, AVX-512 for it included.
    """
    if engine.precision is not Precision.MIXED:
        return engine.precision
    wanted = engine.accelerator
    cuda = wanted in {"auto", "gpu", "cuda"} and torch.cuda.is_available()
    if cuda:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return Precision.BF16_MIXED if native else Precision.FP16_MIXED
    apple = wanted in {"auto", "gpu", "mps"} and torch.backends.mps.is_available()
    return Precision.FP16_MIXED if apple else Precision.FULL


@contextmanager
def threads_for(experiment: Experiment) -> Iterator[None]:
    """One CPU thread for heads on frozen features, unless the experiment says otherwise.

    A step is a few million multiplications: threads wait for each other longer than they work, and
    where other programs hold the cores that becomes minutes.
    """
    before = torch.get_num_threads()
    if experiment.frozen and experiment.engine.threads is None:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
