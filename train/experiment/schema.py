"""Every key of an experiment's YAML file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field, model_validator

from pain.settings.section import Section
from train.augment.schema import Variation
from train.backbones import (
    BackboneField,
    BackboneName,
    MeshTap,
    Trainable,
    check_taps,
    takes_any_size,
)
from train.data.open import DatasetKind
from train.data.reading import RatingScale, Reading
from train.data.sample import Origin
from train.experiment.temporal import TemporalKind, TemporalSection
from train.loop.kinds import Schedule
from train.objectives.task import Task

MAX_EPOCHS = 100
"""The thesis trains for at most so many; early stopping ends most runs sooner."""


class View(StrEnum):
    """What a picture backbone looks at."""

    ALIGNED = "aligned"
    THESIS = "thesis"


class SplitBy(StrEnum):
    """What never crosses a split."""

    SUBJECT = "subject"
    IMAGE = "image"


class Precision(StrEnum):
    """Number formats that Lightning Fabric knows and that make sense here."""

    FULL = "32-true"
    BF16_MIXED = "bf16-mixed"
    FP16_MIXED = "16-mixed"
    MIXED = "mixed"
    """Half precision of the kind that a GPU computes with: bfloat16, else float16."""


class DataSection(Section):
    """Which faces to learn from."""

    folder: Path | None = Field(
        default=None,
        description="Folder of the data set, from this file's folder; --data on the command line.",
    )
    cache: Path | None = Field(
        default=None,
        description="Folder that 'painwatch train track' filled; --cache on the command line.",
    )
    kind: DatasetKind = Field(
        default=DatasetKind.AUTO, description="Layout of the set; auto finds it by itself."
    )
    origin: Origin | None = Field(
        default=None, description="Whether the faces are real, when the set does not say it."
    )
    rating_scale: RatingScale | None = Field(
        default=None, description="Scale of the ratings (Delaware, csv), when they fit both."
    )
    level_from_pspi: bool = Field(
        default=False,
        description="Where a level is missing, take min(6, PSPI / 2). A convention, not a finding.",
    )
    one_picture_each: bool = Field(
        default=False, description="You vouch that no two pictures show one person."
    )

    @property
    def reading(self) -> Reading:
        """The choices that no file of a data set can make."""
        return Reading(
            origin=self.origin,
            rating_scale=self.rating_scale,
            level_from_pspi=self.level_from_pspi,
            one_picture_each=self.one_picture_each,
        )


class BackboneSection(Section):
    """What turns a face into features."""

    name: BackboneField = Field(
        description="Which network or set of features; timm:NAME is any picture network of timm."
    )
    weights: str = Field(
        default="official",
        min_length=1,
        description=(
            "official (fetched once), random (only to train from scratch, or to try the plumbing), "
            "or the path of a weights file, from this file's folder."
        ),
    )
    train: Trainable = Field(
        default=Trainable.FROZEN,
        description="What of it learns: frozen (features are computed once), last_block, or all.",
    )
    input_px: int | None = Field(
        default=None,
        ge=64,
        le=448,
        multiple_of=16,
        description=(
            "Side of what a MobileNetV3 sees, or a network of timm that takes any size; its own "
            "when left out."
        ),
    )
    taps: tuple[MeshTap, ...] | None = Field(
        default=None,
        min_length=1,
        description=(
            "Stages of a face_mesh network that are read, of s89, s121, s152, s183 and s214; s121 "
            "and s152 when left out."
        ),
    )

    @model_validator(mode="after")
    def _has_stages(self) -> BackboneSection:
        if self.input_px is not None and not takes_any_size(self.name):
            raise ValueError(f"input_px: {self.name} has one input size; leave it out")
        check_taps(self.name, self.taps)
        return self


class HeadSection(Section):
    """Dense layers from features to outputs."""

    hidden: tuple[int, ...] | None = Field(
        default=None, description="Widths of the hidden layers; the thesis's own when left out."
    )
    dropout: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="Share of hidden units that rest in each step."
    )

    @model_validator(mode="after")
    def _widths(self) -> HeadSection:
        if any(width < 1 for width in self.hidden or ()):
            raise ValueError("every width must be at least 1; [] means no hidden layer")
        return self


class LossSection(Section):
    """What is minimised."""

    name: str | None = Field(
        default=None,
        description="Loss of the task; when left out the thesis's choice for the task.",
    )
    options: dict[str, bool | int | float | str | tuple[float, ...]] = Field(
        default_factory=dict, description="The loss's own settings; docs/training.md lists them."
    )


class OptimiserSection(Section):
    """Adam (Kingma & Ba 2015) and when to stop."""

    lr: float = Field(default=1e-3, gt=0.0, le=1.0, description="Highest learning rate.")
    backbone_lr: float = Field(
        default=1.0,
        gt=0.0,
        le=1.0,
        description="Learning rate of a backbone that learns, as a share of lr.",
    )
    schedule: Schedule = Field(
        default=Schedule.CONSTANT,
        description="constant, or cosine: it falls to 0 over all epochs, so choose epochs for it.",
    )
    warm_up: int = Field(
        default=0,
        ge=0,
        le=MAX_EPOCHS,
        description="Epochs in which the learning rate rises; patience does not count them.",
    )
    clip: float | None = Field(
        default=None,
        gt=0.0,
        description="Largest norm of all gradients together; any when left out.",
    )
    average: float = Field(
        default=0.0,
        ge=0.0,
        lt=1.0,
        description="Decay of a moving average of the weights, which is then kept; 0 for none.",
    )
    weight_decay: float = Field(default=1e-4, ge=0.0, le=1.0, description="L2 penalty in Adam.")
    batch_size: int = Field(
        default=64, ge=1, le=65536, description="Faces a step (temporal: windows), all devices."
    )
    epochs: int = Field(
        default=MAX_EPOCHS, ge=1, le=MAX_EPOCHS, description="At most so many rounds over the data."
    )
    patience: int = Field(
        default=10, ge=1, description="Stop after so many epochs without a better validation loss."
    )
    min_epochs: int = Field(
        default=1, ge=1, le=MAX_EPOCHS, description="Rounds that are done in any case."
    )

    @model_validator(mode="after")
    def _coherent(self) -> OptimiserSection:
        for key in ("warm_up", "min_epochs"):
            if getattr(self, key) > self.epochs:
                raise ValueError(f"{key} is more than epochs, {self.epochs}; take fewer")
        return self


class SmoteSection(Section):
    """SMOTE (Chawla et al. 2002) in feature space, on the training part of a fold alone."""

    enabled: bool = Field(
        default=False, description="Fill up rare levels with faces between neighbours; frozen only."
    )
    neighbours: int = Field(
        default=5, ge=1, description="Neighbours to draw between; fewer where a level has too few."
    )


class SplitSection(Section):
    """Who is tested by whom."""

    folds: int = Field(default=5, ge=2, le=100, description="Parts of the cross-validation.")
    leave_one_out: bool = Field(
        default=False,
        description="Every person is a part by themselves, instead of folds; for small sets.",
    )
    by: SplitBy = Field(
        default=SplitBy.SUBJECT,
        description="subject; image lets one person be in training and test, and flatters.",
    )
    validation: float = Field(
        default=0.2,
        gt=0.0,
        lt=1.0,
        description="Share of each training part that stops training and fits the calibration.",
    )
    seed: int = Field(default=0, ge=0, description="Of the drawing of folds.")

    @model_validator(mode="after")
    def _leaves_people_out(self) -> SplitSection:
        if self.leave_one_out and self.by is not SplitBy.SUBJECT:
            raise ValueError(
                "leave_one_out leaves a person out and by: image shares people; leave by at subject"
            )
        return self


class CalibrationSection(Section):
    """What is fitted on the validation share, after the network."""

    temperature: bool = Field(
        default=True,
        description="Make probabilities honest: by a temperature of the logits; of a regression by "
        "the spread about its level, which stays.",
    )
    thresholds: bool = Field(
        default=True,
        description="Move the borders between levels (binary: the operating point) to fit best; a "
        "regression keeps the level that it learnt.",
    )


class EngineSection(Section):
    """Where it runs; handed to Lightning Fabric as it stands."""

    accelerator: str = Field(
        default="auto", min_length=1, description="auto, cpu, gpu, cuda, mps or tpu."
    )
    devices: int | str = Field(
        default=1, description="How many devices on each machine, or auto for all of them."
    )
    nodes: int = Field(default=1, ge=1, description="How many machines.")
    precision: Precision = Field(
        default=Precision.FULL,
        description="32-true, bf16-mixed, 16-mixed, or mixed: whichever of the two a GPU has.",
    )
    workers: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Processes that read pictures ahead while a GPU computes; 0 for none.",
    )
    channels_last: bool = Field(
        default=True,
        description="Keep the channels of a pixel together; faster for convolutions.",
    )
    compile: bool = Field(
        default=False,
        description="torch.compile; worth its minute where epochs are long.",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        description=(
            "CPU threads; when left out one for heads on frozen features, else PyTorch's choice."
        ),
    )


class LoggingSection(Section):
    """Where curves go, beside the run's own files."""

    tensorboard: Path | None = Field(
        default=None,
        description="Folder of the TensorBoard files; tensorboard/ in the run when left out.",
    )


class Experiment(Section):
    """One row of results: data, network, loss, protocol."""

    name: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$",
        description="Name of the run and of its folder; the file's name when left out.",
    )
    task: Task = Field(description="ordinal (7 levels), regression, or binary (pain or none).")
    backbone: BackboneSection = Field(description="What turns a face into features.")
    start: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Checkpoint folder of 'train fit' or 'train distil', from this file's folder, or "
            "shipped:NAME, to go on from; backbone.weights when left out."
        ),
    )
    view: View = Field(
        default=View.ALIGNED,
        description=(
            "What a picture backbone sees: aligned, the tracker's crop as the daemon makes it, or "
            "thesis, the whole picture resized and cut to its centre."
        ),
    )
    head: HeadSection = Field(default=HeadSection(), description="Dense layers after it.")
    temporal: TemporalSection | None = Field(
        default=None, description="A head over the frames of clips; absent for single faces."
    )
    loss: LossSection = Field(default=LossSection(), description="What is minimised.")
    data: DataSection = Field(default=DataSection(), description="Which faces to learn from.")
    flip: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="Probability that a training face is shown mirrored.",
    )
    augment: Variation | None = Field(
        default=None,
        description="How training faces are varied; absent, they are mirrored and no more.",
    )
    smote: SmoteSection = Field(default=SmoteSection(), description="Balancing of the levels.")
    optimiser: OptimiserSection = Field(
        default=OptimiserSection(), description="Adam and when to stop."
    )
    split: SplitSection = Field(default=SplitSection(), description="Who is tested by whom.")
    calibration: CalibrationSection = Field(
        default=CalibrationSection(), description="What is fitted after the network."
    )
    engine: EngineSection = Field(default=EngineSection(), description="Where it runs.")
    logging: LoggingSection = Field(default=LoggingSection(), description="Where curves go.")
    seed: int = Field(default=0, ge=0, description="Of initial weights, batches and flips.")

    @model_validator(mode="after")
    def _coherent(self) -> Experiment:
        landmarks = self.backbone.name.sees_landmarks
        if self.backbone.name.is_face_mesh and self.view is View.THESIS:
            raise ValueError(
                "view: thesis shows the whole picture, and a face_mesh network sees aligned faces "
                "alone; leave view out"
            )
        if landmarks and self.view is View.THESIS:
            raise ValueError(
                "view: thesis is for pictures; landmarks come from the tracker, leave view out"
            )
        if landmarks and self.backbone.train is not Trainable.FROZEN:
            raise ValueError(
                f"backbone.train: {self.backbone.train} has nothing to train in landmarks; "
                "leave it out"
            )
        if self.smote.enabled and self.backbone.train is not Trainable.FROZEN:
            raise ValueError(
                "smote works between features that do not move; switch it off or leave "
                "backbone.train at frozen"
            )
        if self.augment is not None:
            self._check_augment()
        if self.start is not None and self.temporal is not None:
            raise ValueError("start goes on with single faces and temporal learns clips")
        if self.temporal is not None:
            self._check_temporal(self.temporal)
        return self

    def _check_augment(self) -> None:
        if self.temporal is not None:
            raise ValueError("augment varies single faces and temporal learns clips; leave one out")
        if self.frozen and not self.backbone.name.sees_landmarks:
            raise ValueError(
                "augment has nothing to vary: a frozen backbone sees each picture once. Set "
                "backbone.train to last_block or all, or leave augment out"
            )

    def _check_temporal(self, temporal: TemporalSection) -> None:
        if not self.backbone.name.sees_landmarks:
            raise ValueError(
                "temporal works on backbone.name landmarks or landmarks_blendshapes; leave it out "
                "for pictures"
            )
        if temporal.components == 0 and self.backbone.name is BackboneName.LANDMARKS:
            raise ValueError("temporal.components: 0 leaves nothing of backbone.name: landmarks")
        if self.smote.enabled:
            raise ValueError("smote draws single faces and temporal learns clips; switch one off")
        if self.split.by is not SplitBy.SUBJECT:
            raise ValueError("temporal needs split.by: subject; frames of a clip are one person's")

    @property
    def with_comparison(self) -> tuple[Experiment, ...]:
        """Itself and, for a head over time, the same features and clips without memory."""
        if self.temporal is None or self.temporal.head is TemporalKind.PER_FRAME:
            return (self,)
        without = self.temporal.model_copy(update={"head": TemporalKind.PER_FRAME})
        name = f"{self.name}-per-frame"
        return (self, self.model_copy(update={"name": name, "temporal": without}))

    @property
    def frozen(self) -> bool:
        """Whether features are computed once and only the head learns."""
        return self.backbone.train is Trainable.FROZEN

    @property
    def plumbing_only(self) -> bool:
        """Random weights that do not learn: it shows that the pieces fit, and nothing else."""
        landmarks = self.backbone.name.sees_landmarks
        random = self.backbone.weights == "random" and self.start is None
        return random and not landmarks and self.frozen
