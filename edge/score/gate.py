"""The start-up gate: a provider runs only after it gave the golden results; else the next one.

What is asked of every rung: its libraries load, the graph has the inputs and outputs of its
manifest, the golden faces give what they gave at export within the tolerance of the precision, and
the provider that answered is the one that was asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from edge.config import ScoringConfig
from edge.config.scoring import COMPILING
from edge.score.contract import check_contract
from edge.score.golden import check_golden, load_golden
from edge.score.ladder import Rung, rungs
from edge.score.providers import provider_options
from edge.score.runner import Runner, first_line
from edge.score.session import OrtSession
from pain.bundle import ROLES, Bundle
from pain.errors import BundleCorrupt, BundleError, ProviderError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What runs from now on.

    Attributes:
        runner: the loaded graph.
        rung: its provider and precision.
        degraded: why it is not what was asked for, for people; None when it is.
    """

    runner: Runner
    rung: Rung
    degraded: str | None


def open_model(directory: Path, bundle: Bundle, scoring: ScoringConfig) -> Passed:
    """Load the best that proves itself.

    Args:
        directory: the bundle's folder, its hashes verified.
        bundle: its manifest.
        scoring: what is asked for, and whether something else may run.

    Returns:
        The first rung of the ladder that passes.

    Raises:
        ProviderError: what was asked for does not run here, and nothing else may or does.
        BundleCorrupt: the golden input is absent, or graph and manifest differ.
        BundleError: the golden input gives other results.
    """
    if "golden" not in bundle.artefacts:
        raise BundleCorrupt(
            f"{directory}: no artefact of role 'golden', so nothing proves that the model runs "
            "here as it was exported; export the bundle again"
        )
    ladder = rungs(scoring, bundle)
    failed: list[tuple[Rung, str]] = []
    absent: set[str] = set()
    for rung in ladder:
        if rung.provider in absent:
            continue
        try:
            runner = _try(rung, directory, bundle, scoring)
        except (ProviderError, BundleError) as error:
            if not scoring.fallback:
                raise
            failed.append((rung, str(error)))
            if isinstance(error, ProviderError):
                # A graph of another precision would miss the same library.
                absent.add(rung.provider)
            if rung == ladder[-1]:
                raise _exhausted(error, failed) from error
            _log.warning("%s does not pass: %s", rung, error)
        else:
            return Passed(runner=runner, rung=rung, degraded=_explain(rung, failed))
    raise AssertionError(ladder)


def engines_dir(scoring: ScoringConfig) -> Path:
    """Folder of compiled engines."""
    return scoring.engines or Path(platformdirs.user_cache_dir("painwatch")) / "engines"


def _try(rung: Rung, directory: Path, bundle: Bundle, scoring: ScoringConfig) -> Runner:
    graph = bundle.artefacts.get(ROLES[rung.precision])
    if graph is None:
        raise BundleError(
            f"{directory}: the bundle has no {rung.precision} graph; export one "
            f"('painwatch export {rung.precision}'), or set scoring.precision to auto"
        )
    model = directory / graph.file
    golden_file = directory / bundle.artefacts["golden"].file
    golden = load_golden(golden_file, bundle, precision=rung.precision)
    try:
        runner = _load(rung, model, bundle, scoring)
        check_contract(runner, bundle, model=model)
        check_golden(runner, golden, model=model)
        runner.require_provider()
    except (ProviderError, BundleError):
        raise
    except Exception as error:
        # The libraries of a GPU raise anything; the resident must stay watched all the same.
        if rung.provider == "cpu":
            raise
        _log.exception("%s failed in an unexpected way", rung)
        raise BundleError(f"{model}: {rung.provider} failed: {first_line(error)}") from error
    return runner


def _load(rung: Rung, model: Path, bundle: Bundle, scoring: ScoringConfig) -> Runner:
    if rung.provider == "tensorrt-native":
        from edge.score.engine import EngineRunner

        return EngineRunner.open(bundle, precision=rung.precision, engines=engines_dir(scoring))
    cache = (
        engines_dir(scoring)
        / bundle.name
        / f"{rung.provider}-{rung.precision}-{bundle.bundle_sha256[:16]}"
    )
    if rung.provider in COMPILING:
        _make_folder(cache)
    return OrtSession(
        model=model,
        rung=rung,
        options=provider_options(
            rung.provider, precision=rung.precision, inputs=bundle.inputs, cache=cache
        ),
        threads=scoring.threads,
    )


def _make_folder(cache: Path) -> None:
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProviderError(
            f"{cache}: engines cannot be kept here ({error.strerror}); set scoring.engines to a "
            "folder that the daemon may write"
        ) from error


def _explain(rung: Rung, failed: Sequence[tuple[Rung, str]]) -> str | None:
    if not failed:
        return None
    asked = failed[0][0]
    reasons = "; ".join(f"{tried}: {why}" for tried, why in failed)
    return f"{asked} was asked for, {rung} runs. {reasons}"


def _exhausted(
    error: ProviderError | BundleError, failed: Sequence[tuple[Rung, str]]
) -> ProviderError | BundleError:
    """Make one error of all failures; of a single one, that one."""
    if len(failed) == 1:
        return error
    reasons = "\n".join(f"- {tried}: {why}" for tried, why in failed)
    return type(error)(f"nothing that may run this bundle passes its golden input:\n{reasons}")
