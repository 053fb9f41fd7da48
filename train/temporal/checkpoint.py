"""Checkpoints of networks over clips; ``train.protocol.checkpoint`` writes them like all others."""

from __future__ import annotations

from pathlib import Path

from pain.errors import AssetError
from train.experiment.schema import Experiment
from train.protocol.checkpoint import Saved, read_checkpoint
from train.protocol.network import build_objective
from train.temporal.network import ClipNet, build_clip_network


def load_clip_checkpoint(folder: Path) -> Saved[ClipNet]:
    """Read the checkpoint of a network over clips.

    Raises:
        AssetError: absent, damaged, changed, of another version of painwatch, or of single faces.
    """
    return read_checkpoint(folder, _network)


def _network(experiment: Experiment) -> ClipNet:
    """The experiment's network before its weights are loaded."""
    if experiment.temporal is None:
        raise AssetError(f"{experiment.name} is a network for single faces, not for clips")
    objective = build_objective(experiment, None)
    return build_clip_network(experiment, experiment.temporal, objective)
