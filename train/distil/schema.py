"""Every key of a distillation's YAML file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from pain.settings.section import Section
from train.augment.schema import Variation
from train.backbones import BackboneField, MeshTap, Trainable, check_taps, takes_any_size
from train.experiment.schema import Precision


class StudentSection(Section):
    """The network that learns."""

    backbone: BackboneField = Field(
        description="Which network, or landmarks; timm:NAME is any picture network of timm."
    )
    weights: str = Field(
        default="official",
        min_length=1,
        description="Where it starts: official, random, or a weights file from this file's folder.",
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
    train: Trainable | None = Field(
        default=None,
        description=(
            "What of the backbone learns: frozen, last_block or all. When left out frozen for "
            "face_mesh, whose worth is what it learnt from real faces, else all."
        ),
    )
    hidden: tuple[int, ...] = Field(
        default=(256,), description="Widths of the dense layers after the backbone."
    )
    dropout: float = Field(
        default=0.1, ge=0.0, lt=1.0, description="Share of hidden units that rest in each step."
    )

    @model_validator(mode="after")
    def _coherent(self) -> StudentSection:
        if any(width < 1 for width in self.hidden):
            raise ValueError("hidden: every width must be at least 1; [] means no hidden layer")
        if self.input_px is not None and not takes_any_size(self.backbone):
            raise ValueError(f"input_px: {self.backbone} has one input size; leave it out")
        check_taps(self.backbone, self.taps)
        return self

    @property
    def trainable(self) -> Trainable:
        """What of the backbone learns."""
        if self.train is not None:
            return self.train
        return Trainable.FROZEN if self.backbone.is_face_mesh else Trainable.ALL


class TruthSection(Section):
    """Weights of what a face's own labels cost; a face without a label costs nothing there."""

    level: float = Field(
        default=1.0,
        ge=0.0,
        description="Cross-entropy with the level shared by its two neighbours, and |error|.",
    )
    pspi: float = Field(default=1.0, ge=0.0, description="Smooth L1 of PSPI / 4.")
    units: float = Field(default=1.0, ge=0.0, description="Smooth L1 of AU intensities, mean.")


class TeachingSection(Section):
    """Weights of what disagreement with the teachers costs; nothing without a teacher."""

    temperature: float = Field(
        default=2.0, gt=0.0, le=20.0, description="Softens both distributions (Hinton et al. 2015)."
    )
    soft: float = Field(
        default=1.0, ge=0.0, description="Kullback-Leibler divergence from teacher to student."
    )
    ordinal: float = Field(
        default=1.0,
        ge=0.0,
        description="Squared distance of the cumulated distributions: far levels cost more.",
    )
    level: float = Field(
        default=1.0,
        ge=0.0,
        description="Smooth L1 to the teachers' calibrated level, which need not be their mean.",
    )
    units: float = Field(
        default=1.0,
        ge=0.0,
        description="Smooth L1 to the teachers' PSPI and AUs, if they have any.",
    )
    features: float = Field(
        default=0.0,
        ge=0.0,
        description="1 - cosine between the student's features, projected, and the teacher's.",
    )


class AugmentSection(Variation):
    """How training faces are varied; the tracker's jitter, the camera's moods."""

    flip: float = Field(default=0.5, ge=0.0, le=1.0, description="Probability of a mirror image.")


class ContrastSection(Section):
    """Pain told from each other expression by itself: multinomial logistic regressions.

    Synthetic faces alone name their expressions. One direction cannot tell pain from rest, smile
    and shout alike: on real faces these regressions tell them apart better than any of level or
    PSPI does (docs/faces.md).
    """

    shares: dict[str, float] = Field(
        min_length=1,
        description=(
            "Share of each part in the mixture that the level is read off: stages by name, "
            "landmarks, blendshapes. Each is fitted by itself."
        ),
    )
    patterns: tuple[str, ...] = Field(
        default=(), description="Parts that tell the patterns of pain apart."
    )
    pain_from: float = Field(
        default=2.5,
        gt=0.0,
        lt=6.0,
        description="Level from which on pain is to be told; milder pain is on neither side.",
    )
    penalty: float = Field(
        default=100.0, gt=0.0, description="L2 penalty on standardised features."
    )

    @model_validator(mode="after")
    def _coherent(self) -> ContrastSection:
        if any(share < 0.0 for share in self.shares.values()) or not any(self.shares.values()):
            raise ValueError("shares: none below 0, and one above it")
        strange = sorted(set(self.patterns) - set(self.shares))
        if strange:
            raise ValueError(f"patterns: {', '.join(strange)} has no share")
        return self


class RidgeSection(Section):
    """A linear head in closed form (Hoerl & Kennard 1970) on features at rest, instead of learning.

    The level is read off a mixture of what is regressed, each brought to the same spread.
    """

    penalties: tuple[float, ...] = Field(
        default=(1e2, 1e3, 1e4, 1e5),
        min_length=1,
        description=(
            "L2 penalties on standardised features; where there are several, each target takes the "
            "one with the least squared error on people that it has not seen."
        ),
    )
    folds: int = Field(default=5, ge=2, le=20, description="Folds by person for that choice.")
    level: float = Field(default=0.5, ge=0.0, description="Share of the level in the mixture.")
    pspi: float = Field(default=0.5, ge=0.0, description="Share of PSPI in the mixture.")
    pain: float = Field(
        default=0.0,
        ge=0.0,
        description="Share of pain or something else: 1 from level 1 on, 0 for every other face.",
    )

    textbook: float = Field(
        default=0.0,
        ge=0.0,
        description=(
            "Share of a plain sum of blendshapes (browDown, eyeSquint, mouthUpperUp, eyeBlink), "
            "which owes nothing to these faces."
        ),
    )
    apart: bool = Field(
        default=False,
        description=(
            "Fit each stage and what was tracked by itself and take the mean of what they say; in "
            "one fit the thousands of numbers of a stage drown 52 blendshapes."
        ),
    )

    contrast: ContrastSection | None = Field(
        default=None,
        description="Pain against each other expression, as a further share of the mixture.",
    )

    @model_validator(mode="after")
    def _coherent(self) -> RidgeSection:
        if any(penalty <= 0.0 for penalty in self.penalties):
            raise ValueError("penalties: every one must be above 0")
        if self.level + self.pspi + self.pain == 0.0 and self.contrast is None:
            raise ValueError("level, pspi, pain and contrast: one of them must have a share")
        return self


class LearningSection(Section):
    """AdamW (Loshchilov & Hutter 2019) on one cycle (Smith & Topin 2018)."""

    lr: float = Field(default=3e-3, gt=0.0, le=1.0, description="Peak of the learning rate.")
    weight_decay: float = Field(default=0.02, ge=0.0, le=1.0, description="Of AdamW.")
    batch_size: int = Field(default=64, ge=2, le=65536, description="Faces a step.")
    epochs: int = Field(default=20, ge=1, le=1000, description="Rounds over the faces.")
    average: float = Field(
        default=0.998,
        ge=0.0,
        lt=1.0,
        description="Decay of the moving average of the weights, which is what is kept.",
    )


class Distillation(Section):
    """A student, its teachers, and how it learns."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="Name of the student and of its bundle."
    )
    student: StudentSection = Field(description="The network that learns.")
    teachers: tuple[Path, ...] = Field(
        default=(),
        description=(
            "Checkpoint folders of 'train fit' or 'train distil', or shipped:NAME; the mean of "
            "several. None: it learns from labels alone, which is how a first teacher is made."
        ),
    )
    start: Path | None = Field(
        default=None,
        description=(
            "Checkpoint folder of 'train distil', or shipped:NAME, whose weights it starts from, "
            "of the same layers; student.weights when left out."
        ),
    )
    truth: TruthSection = Field(default=TruthSection(), description="What labels cost.")
    teaching: TeachingSection = Field(
        default=TeachingSection(), description="What disagreeing with the teachers costs."
    )
    augment: AugmentSection = Field(default=AugmentSection(), description="Variation.")
    learning: LearningSection = Field(default=LearningSection(), description="The optimiser.")
    ridge: RidgeSection | None = Field(
        default=None,
        description="A linear head in closed form instead of augment and learning.",
    )
    validation: float = Field(
        default=0.1,
        gt=0.0,
        lt=1.0,
        description="Share of the people kept from the weights, to fit the temperature.",
    )
    precision: Precision = Field(
        default=Precision.FULL,
        description="32-true, bf16-mixed, 16-mixed, or mixed: whichever of the two a GPU has.",
    )
    threads: int | None = Field(
        default=None, ge=1, description="CPU threads; PyTorch's choice when left out."
    )
    seed: int = Field(default=0, ge=0, description="Of first weights, batches and variation.")

    @property
    def parts(self) -> int:
        """Parts of a contrast in the head; 0 for a head without."""
        contrast = self.ridge.contrast if self.ridge is not None else None
        return 0 if contrast is None else sum(share > 0.0 for share in contrast.shares.values())

    @model_validator(mode="after")
    def _ridge_fits(self) -> Distillation:
        if self.ridge is None:
            return self
        student = self.student
        at_rest = student.backbone.sees_landmarks or student.trainable is Trainable.FROZEN
        if student.hidden or not at_rest:
            raise ValueError(
                "ridge fits a linear head on features at rest: it needs student.hidden: [] and a "
                "backbone that does not learn, e.g. student.train: frozen"
            )
        if self.teachers or self.start is not None:
            raise ValueError("ridge learns from labels alone; leave teachers and start out")
        return self
