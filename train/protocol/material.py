"""Faces made ready for one training: features under a frozen backbone, or what the backbone takes.

Everything that is fitted here (standardisation, mirror, SMOTE) sees the training rows alone.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from lightning_fabric import Fabric
from torch import nn

from train.backbones.base import Backbone
from train.experiment.schema import Experiment
from train.features.frozen import Features
from train.features.inputs import Inputs, LandmarkInputs
from train.heads import Standardise
from train.objectives import Task
from train.protocol.balance import balance
from train.protocol.calibrate import classes_of
from train.protocol.network import PainNet, build_network, build_objective
from train.protocol.sources import FeatureSource, InputSource, Source
from train.protocol.start import Start
from train.protocol.varied import Varied, varied_landmarks, varied_pictures

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What every training of a run has in common, n faces.

    Attributes:
        experiment: what was asked for.
        inputs: n faces.
        levels: float32 (n,).
        backbone: as it starts.
        features: of pictures under a frozen backbone, None otherwise.
        fabric: where to train.
        start: what the head goes on from; the backbone has its weights already.
    """

    experiment: Experiment
    inputs: Inputs
    levels: Floats
    backbone: Backbone
    features: Features | None
    fabric: Fabric
    start: Start | None = None

    def plain(self, rows: Rows) -> Floats:
        """Features float32 (m, W) of a frozen backbone."""
        if self.features is not None:
            return self.features.plain[rows]
        with torch.inference_mode():
            found: Floats = self.backbone(*self.inputs.batch(rows)).numpy()
        return found

    def mirrored(self, rows: Rows) -> Floats:
        """Features float32 (m, W) of the mirror images, nothing but these rows being looked at.

        Raises:
            ValueError: the mean face is not symmetric, so left and right cannot be told.
        """
        if not isinstance(self.inputs, LandmarkInputs):
            if self.features is None or self.features.mirrored is None:
                raise ValueError("features of mirror images were not asked for")
            return self.features.mirrored[rows]
        learnt = self.inputs.learn_mirror(rows)
        batch = learnt.flipped(learnt.batch(rows), torch.ones(len(rows), dtype=torch.bool))
        with torch.inference_mode():
            found: Floats = self.backbone(*batch).numpy()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One training, ready to start.

    Attributes:
        network: with fresh head.
        body: the part of it that takes what the sources give.
        training: faces to learn from.
        validation: faces to stop by and to calibrate on.
        flip: probability that a training face is mirrored.
        varied: the same network on varied faces, for training; None where none is varied.
        notes: what could not be done as asked; for people.
    """

    network: PainNet
    body: nn.Module
    training: Source
    validation: Source
    flip: float
    varied: Varied | None = None
    notes: tuple[str, ...] = ()


def prepare(material: Material, train: Rows, validation: Rows, *, seed: int) -> Prepared:
    """Make one training ready.

    Args:
        material: all faces; rows that are not named are not looked at.
        train: the weights, the standardisation, the mirror and SMOTE see these.
        validation: early stopping and calibration see these.
        seed: of the head's first weights and of SMOTE.

    Raises:
        ConfigError: an option does not fit.
    """
    if material.experiment.frozen:
        return _with_features(material, train, validation, seed=seed)
    return _with_inputs(material, train, validation, seed=seed)


def scoring_source(material: Material, network: PainNet, rows: Rows) -> tuple[nn.Module, Source]:
    """The part of a trained network that scores, and what it takes for these rows."""
    levels = torch.from_numpy(material.levels[rows])
    if not material.experiment.frozen:
        return network, InputSource(inputs=material.inputs, rows=rows, levels=levels)
    features = torch.from_numpy(material.plain(rows))
    return network.head, FeatureSource(plain=features, mirrored=None, levels=levels)


def _with_features(material: Material, train: Rows, validation: Rows, *, seed: int) -> Prepared:
    experiment = material.experiment
    levels, plain = material.levels[train], material.plain(train)
    mirrored, notes = _mirror_images(material, train)
    standardise = Standardise(plain.shape[1])
    shown = plain if mirrored is None else np.concatenate([plain, mirrored])
    standardise.fit(torch.from_numpy(shown))
    if experiment.smote.enabled:
        added = _added_faces(experiment, standardise, plain, mirrored, levels, seed=seed)
        plain, mirrored, levels = added.plain, added.mirrored, added.levels
        notes = (*notes, *added.notes)
    # A frozen backbone is shared by all folds: nothing in it changes.
    objective = build_objective(experiment, levels)
    network = build_network(experiment, material.backbone, objective, seed=seed)
    network.head.standardise.load_state_dict(standardise.state_dict())
    notes = (*notes, *_begin(material, network, levels))
    held = material.plain(validation)
    return Prepared(
        network=network,
        body=network.head,
        training=_source(material, plain, mirrored, levels),
        validation=_source(material, held, None, material.levels[validation]),
        flip=0.0 if mirrored is None else experiment.flip,
        varied=varied_landmarks(network, experiment.augment) if experiment.augment else None,
        notes=notes,
    )


def _with_inputs(material: Material, train: Rows, validation: Rows, *, seed: int) -> Prepared:
    experiment, levels = material.experiment, material.levels
    objective = build_objective(experiment, levels[train])
    network = build_network(experiment, copy.deepcopy(material.backbone), objective, seed=seed)
    notes = _begin(material, network, levels[train])
    if experiment.engine.channels_last:
        # Convolutions on a CPU are about twice as fast when the channels of a pixel lie together.
        network.backbone.to(memory_format=torch.channels_last)
    training, held = (
        InputSource(inputs=material.inputs, rows=rows, levels=torch.from_numpy(levels[rows]))
        for rows in (train, validation)
    )
    return Prepared(
        network=network,
        body=network,
        training=training,
        validation=held,
        flip=experiment.flip,
        varied=varied_pictures(network, experiment.augment) if experiment.augment else None,
        notes=notes,
    )


def _begin(material: Material, network: PainNet, levels: Floats) -> tuple[str, ...]:
    """The last layer starts at what is common, the rest of the head where the start left it."""
    network.start_at(levels)
    if material.start is None:
        return ()
    return material.start.give_head(network, material.experiment)


def _mirror_images(material: Material, train: Rows) -> tuple[Floats | None, tuple[str, ...]]:
    if material.experiment.flip == 0.0:
        return None, ()
    try:
        return material.mirrored(train), ()
    except ValueError as error:
        return None, (f"no face is mirrored: {error}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Added:
    """Training faces with those that SMOTE added at the end."""

    plain: Floats
    mirrored: Floats | None
    levels: Floats
    notes: tuple[str, ...]


def _added_faces(
    experiment: Experiment,
    standardise: Standardise,
    plain: Floats,
    mirrored: Floats | None,
    levels: Floats,
    *,
    seed: int,
) -> _Added:
    """Balance the classes; neighbours are those of standardised features."""
    mean, scale = standardise.mean.numpy(), standardise.scale.numpy()
    views = [plain] if mirrored is None else [plain, mirrored]
    # Both views side by side: an added face lies between the same two in either of them.
    balanced = balance(
        np.hstack([(view - mean) / scale for view in views]),
        levels,
        classes_of(levels, binary=experiment.task is Task.BINARY),
        neighbours=experiment.smote.neighbours,
        seed=seed,
    )
    grown = [part * scale + mean for part in np.hsplit(balanced.features, len(views))]
    return _Added(
        plain=grown[0],
        mirrored=grown[1] if len(grown) > 1 else None,
        levels=balanced.levels,
        notes=balanced.notes,
    )


def _source(
    material: Material, plain: Floats, mirrored: Floats | None, levels: Floats
) -> FeatureSource:
    device = material.fabric.device
    return FeatureSource(
        plain=torch.from_numpy(plain).to(device),
        mirrored=None if mirrored is None else torch.from_numpy(mirrored).to(device),
        levels=torch.from_numpy(levels).to(device),
    )
