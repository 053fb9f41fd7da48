"""What a model said of a face, and who said it of whom, in words for a caption."""

from __future__ import annotations

from dataclasses import dataclass

from train.data.sample import Origin
from train.explain.view import FaceView

_BINARY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the model said of one face.

    Attributes:
        level: 0..6, or the probability of pain 0..1 of a binary model.
        probabilities: of the 7 levels, or of no pain and pain.
    """

    level: float
    probabilities: tuple[float, ...]

    @property
    def binary(self) -> bool:
        """Whether the model knows pain and no pain only."""
        return len(self.probabilities) == _BINARY

    def __str__(self) -> str:
        if self.binary:
            return f"probability of pain {self.level:.2f}"
        return f"level {self.level:.1f} of 6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One face and what was said of it."""

    view: FaceView
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What every picture must say: who said it, of whose face.

    Attributes:
        name: of the run.
        backbone: name.
        task: name.
        loss: name.
        weights: ``official``, ``random`` or a path; None where there are none to load.
        view: what a picture backbone sees; None for a landmark backbone.
        plumbing_only: random weights that never learned.
        trained_on: name of the data set, or that it is not known.
        origin: whether the faces are real; None when nobody said.
    """

    name: str
    backbone: str
    task: str
    loss: str
    weights: str | None
    view: str | None
    plumbing_only: bool
    trained_on: str
    origin: Origin | None = None

    @property
    def quantity(self) -> str:
        """What the model's level is."""
        return "probability of pain" if self.task == "binary" else "level"

    def __str__(self) -> str:
        face = self.origin or "synthetic or real is not known"
        started = f" ({self.weights} weights)" if self.weights else ""
        seen = f", {self.view} view" if self.view else ""
        said = (
            f"Face: {face}. Model {self.name}: {self.backbone}{started}, {self.task} task, "
            f"{self.loss} loss{seen}, trained on {self.trained_on}."
        )
        if self.plumbing_only:
            said += (
                " PLUMBING ONLY: the backbone's weights are random, so this picture shows that the "
                "pieces fit together and nothing about pain."
            )
        return said
