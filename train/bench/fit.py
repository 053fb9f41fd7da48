"""Steps of our training beside a loop that anybody would write, on the same pictures, by turns."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from pain.align import CROP_SIZE
from train.backbones import make_backbone
from train.backbones.names import AnyBackbone
from train.backbones.weights import WeightSource
from train.experiment.schema import Experiment
from train.features.inputs import PictureInputs
from train.loop.loop import Run
from train.protocol.engine import start_engine
from train.protocol.learner import Learner, course_of, lesson_of
from train.protocol.loader import TrainingFaces
from train.protocol.material import Material, prepare
from train.track.tracked import Crops

BARE: Final = "bare loop"
PLAIN: Final = "fit"
USUAL: Final = "fit, varied"
CAMERA: Final = "fit, all varied"

VARIATIONS: Final[Mapping[str, Mapping[str, float] | None]] = {
    PLAIN: None,
    USUAL: {},
    CAMERA: {
        "colour": 0.1,
        "low_resolution": 0.5,
        "blur": 0.006,
        "jpeg": 0.3,
        "cut_out": 0.3,
        "mixup": 0.2,
    },
}
"""What is timed beside the bare loop."""

Clock = Callable[[], tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is timed.

    Attributes:
        backbone: a network of pictures, all of which learns, from random weights.
        input_px: side of what it sees; its own when None.
        batch: faces a step.
        steps: of a round.
        rounds: that count; one more comes before them.
        engine: section of an experiment.
    """

    backbone: AnyBackbone
    input_px: int | None
    batch: int
    steps: int
    rounds: int
    engine: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Rounds of one way to train, seconds a step.

    Attributes:
        wall_s: by the clock on the wall.
        cpu_s: of all threads of this process.
    """

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def time_fit(
    setting: Setting,
    scratch: Path,
    *,
    clock: Clock = lambda: (time.perf_counter(), time.process_time()),
    on_round: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Times]:
    """Time every way to train by turns, so that other load hits all of them alike.

    The bare loop has the pictures in memory; ours reads them from the tracker's kind of file. Both
    mirror half of the faces and have the same network, loss, rate and batches. Whose turn comes
    first changes from round to round.

    Args:
        setting: what.
        scratch: empty folder for the pictures.
        clock: seconds on the wall and of the processor.
        on_round: told of rounds done, and of how many.
    """
    count = setting.batch * setting.steps
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, 256, (count, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    np.save(scratch / "crops.npy", pictures)
    levels = chance.integers(0, 7, count).astype(np.float32)
    crops = Crops([(scratch / "crops.npy", at) for at in range(count)])
    fabric = start_engine(_experiment(setting, None).engine)
    backbone = make_backbone(
        setting.backbone, weights=WeightSource.RANDOM, input_px=setting.input_px
    )
    with ExitStack() as stack:
        rounds: dict[str, Callable[[], None]] = {}
        for name, augment in VARIATIONS.items():
            rows = np.arange(count, dtype=np.intp)
            material = Material(
                experiment=_experiment(setting, augment),
                inputs=PictureInputs(pictures=crops, chosen=rows),
                levels=levels,
                backbone=copy.deepcopy(backbone),
                features=None,
                fabric=fabric,
            )
            if not rounds:
                rounds[BARE] = _bare(material, pictures, setting.batch)
            rounds[name] = _ours(material, stack)
        found = {name: Times() for name in rounds}
        order = list(rounds)
        for number in range(setting.rounds + 1):
            for name in order:
                _settle(fabric)
                begun = clock()
                rounds[name]()
                _settle(fabric)
                ended = clock()
                # The first round finds its kernels and memory.
                if number:
                    found[name].wall_s.append((ended[0] - begun[0]) / setting.steps)
                    found[name].cpu_s.append((ended[1] - begun[1]) / setting.steps)
            order = [*order[1:], order[0]]
            on_round(number, setting.rounds)
    return found


def _experiment(setting: Setting, augment: Mapping[str, float] | None) -> Experiment:
    section: dict[str, Any] = {"name": setting.backbone, "train": "all", "weights": "random"}
    if setting.input_px is not None:
        section["input_px"] = setting.input_px
    return Experiment.model_validate(
        {
            "name": "bench",
            "task": "ordinal",
            "backbone": section,
            "augment": augment,
            "optimiser": {"batch_size": setting.batch},
            "engine": dict(setting.engine),
        }
    )


def _bare(material: Material, pictures: np.ndarray[Any, Any], batch: int) -> Callable[[], None]:
    """The loop that a tutorial has: pictures in memory, Adam, mirror images, nothing else."""
    device, rows = material.fabric.device, np.arange(len(pictures), dtype=np.intp)
    ready = prepare(material, rows, rows[:2], seed=0)
    network = ready.network.to(device).train()
    objective = ready.network.objective
    adam = torch.optim.Adam(network.parameters(), lr=material.experiment.optimiser.lr)
    known = torch.from_numpy(pictures)
    levels = torch.from_numpy(material.levels)

    def one_round() -> None:
        network.train()
        order = torch.randperm(len(known))
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            shown = known[chosen].to(device)
            mirrored = torch.rand(len(shown), 1, 1, 1, device=device) < 1 / 2
            shown = torch.where(mirrored, shown.flip(2), shown)
            with material.fabric.autocast():
                loss = objective(network(shown), levels[chosen].to(device)).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()

    return one_round


def _ours(material: Material, stack: ExitStack) -> Callable[[], None]:
    """Epochs of ``painwatch train fit``, validation aside."""
    experiment, rows = material.experiment, np.arange(len(material.levels), dtype=np.intp)
    ready = prepare(material, rows, rows[:2], seed=0)
    learner = Learner(
        ready.body,
        ready.network.objective,
        ready.varied,
        compiled=experiment.engine.compile,
        slow=(ready.network.backbone,),
    )
    faces = stack.enter_context(
        TrainingFaces(
            ready.training,
            size=experiment.optimiser.batch_size,
            flip=ready.flip,
            seed=0,
            fabric=material.fabric,
            workers=experiment.engine.workers,
        )
    )
    lesson = lesson_of(
        learner,
        faces,
        experiment=experiment,
        fabric=material.fabric,
        validate=_nobody,
    )
    run = Run(lesson, course_of(experiment, seed=0), material.fabric)

    def one_round() -> None:
        run.epoch(lambda: None)

    return one_round


def _nobody(_judged: nn.Module) -> float:
    """No face is validated, since the bare loop has none either."""
    return 0.0


def _settle(fabric: Fabric) -> None:
    """Wait for what the GPU still has to do."""
    if fabric.device.type == "cuda":
        torch.cuda.synchronize(fabric.device)
