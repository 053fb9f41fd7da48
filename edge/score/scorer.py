"""Scores one face with a model bundle."""

from __future__ import annotations

from pathlib import Path

from edge.config import ScoringConfig
from edge.score.builtin import builtin_bundle_dir
from edge.score.contract import action_units
from edge.score.feeds import feeds
from edge.score.gate import open_model
from edge.score.outputs import to_score
from pain.bundle import Bundle, Precision, load_bundle
from pain.values import Face, Score


class Scorer:
    """A model bundle, verified and ready to score.

    At start every hash is checked, the graph is compared with its manifest, and the golden input
    must give the outputs recorded at export on the provider asked for. Where it does not, the next
    provider of the ladder is tried and ``degraded`` says why, unless ``scoring.fallback`` is off.

    Args:
        bundle_dir: folder of the bundle; None for the one inside the package.
        scoring: provider, precision and threads.

    Raises:
        BundleCorrupt: the bundle is incomplete, or graph and manifest differ.
        BundleTampered: a hash does not match.
        BundleError: the golden input gives other results.
        ProviderError: the provider asked for does not run here, and no other may or does.

    Attributes:
        bundle: its manifest.
        degraded: why something else runs than was asked for, for people; None when it does not.
    """

    def __init__(self, *, bundle_dir: Path | None, scoring: ScoringConfig) -> None:
        directory = builtin_bundle_dir(scoring.builtin) if bundle_dir is None else bundle_dir
        self.bundle: Bundle = load_bundle(directory)
        model = directory / self.bundle.artefacts["model"].file
        self._units = action_units(self.bundle, model=model)
        passed = open_model(directory, self.bundle, scoring)
        self._runner, self._rung = passed.runner, passed.rung
        self.degraded: str | None = passed.degraded

    @property
    def provider_actual(self) -> str:
        """Provider that answered the golden input, as the config names it."""
        return self._runner.provider

    @property
    def precision_actual(self) -> Precision:
        """Precision of the graph that runs."""
        return self._rung.precision

    @property
    def wants_crop(self) -> bool:
        """Whether the tracker must cut the aligned face crop."""
        return "face" in self.bundle.inputs

    def score(self, face: Face) -> Score:
        """Score one face.

        Args:
            face: as tracked; with a crop if ``wants_crop``.

        Returns:
            Level, probabilities, PSPI and AUs.

        Raises:
            ScoringError: the face lacks an input, ONNX Runtime failed, or an output is implausible.
        """
        shown = feeds(face, self.bundle.inputs)
        return to_score(self._runner.run(shown), self._units, self.bundle.calibration)
