"""Lightning Fabric from an experiment: one CPU, one GPU, many of them, many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from lightning_fabric import Fabric

from pain.errors import ConfigError
from train.experiment.schema import EngineSection, Experiment


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
