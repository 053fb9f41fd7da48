"""Lightning Fabric from an experiment: one CPU, one GPU, many of them, many machines."""

from __future__ import annotations

import torch
from lightning_fabric import Fabric, seed_everything

from pain.errors import ConfigError
from train.experiment.schema import EngineSection


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
            precision=engine.precision.value,
        )
    except (ValueError, TypeError, RuntimeError, ModuleNotFoundError) as error:
        raise ConfigError(
            f"accelerator {engine.accelerator} with devices {engine.devices} cannot run here: "
            f"{error}",
            key="engine",
        ) from error
    fabric.launch()
    return fabric


def seed_all(seed: int) -> None:
    """Seed Python, numpy and PyTorch, and ask PyTorch for repeatable algorithms."""
    seed_everything(seed, verbose=False)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
