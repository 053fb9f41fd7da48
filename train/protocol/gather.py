"""From an experiment to what its trainings have in common: faces, backbone, features, engine."""

from __future__ import annotations

from lightning_fabric import Fabric

from pain.errors import DataError
from train.backbones.base import set_trainable
from train.experiment.schema import Experiment
from train.features.examples import Examples, load_examples
from train.features.frozen import frozen_features
from train.protocol.material import Material
from train.protocol.network import build_backbone
from train.protocol.start import open_start
from train.protocol.watcher import Watcher


def gather(experiment: Experiment, fabric: Fabric, watcher: Watcher) -> tuple[Examples, Material]:
    """Load faces and backbone, and compute frozen features that are not in the cache yet.

    Raises:
        DataError: the data set or the tracker's answers cannot be used.
        AssetError: the backbone's weights, or the start, cannot be had.
        ConfigError: the start is of other layers.
    """
    examples = load_examples(experiment, on_picture=watcher.on_picture)
    for note in examples.notes:
        watcher.on_note(note)
    backbone = build_backbone(experiment)
    start = None
    if experiment.start is not None:
        start = open_start(experiment.start)
        start.give_backbone(backbone, experiment)
    set_trainable(backbone, experiment.backbone.train)
    features = None
    if experiment.frozen and not experiment.backbone.name.sees_landmarks:
        cache = experiment.data.cache
        if cache is None:
            raise DataError("frozen features need a cache: give --cache")
        # One device computes, the others read what it wrote.
        with fabric.rank_zero_first():
            features = frozen_features(
                examples.inputs,
                examples.keys,
                backbone,
                cache_folder=cache,
                device=fabric.device,
                mirrored=experiment.flip > 0.0,
                on_done=watcher.on_feature,
            )
        backbone.cpu()
    return examples, Material(
        experiment=experiment,
        inputs=examples.inputs,
        levels=examples.levels,
        backbone=backbone,
        features=features,
        fabric=fabric,
        start=start,
    )
