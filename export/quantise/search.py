"""Looks for the most that can be computed in 8 bits while the bar holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from export.clips.judge import ClipJudge
from export.clips.read import Clip
from export.faces import Faces
from export.quantise.layers import Layer
from export.quantise.quantiser import Quantiser
from export.quantise.target import Method
from export.session import run_graph
from export.verify.bars import Bar
from export.verify.compare import Comparison, compare
from pain.bundle import Bundle, OutputName

OnStep = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a layer costs when it is the only one in 8 bits.

    Attributes:
        layer: which one.
        levels: mean change of the level, absolute, on the calibration faces.
        burden: mean change of the reading that suffers most, in shares of what it may move.
    """

    layer: Layer
    levels: float
    burden: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One graph and how it was judged.

    Attributes:
        method: how its ranges were chosen.
        kept_float: layers that could be quantised but are not.
        comparison: fp32 graph against it on the judging faces.
    """

    method: Method
    kept_float: tuple[Layer, ...]
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came out of a search.

    Attributes:
        graph: content of the ONNX file; None when the bar cannot be held.
        trials: every graph that was judged, in order; the last one of them is ``graph``'s.
        costs: the costliest layer first; empty where nobody asked.
    """

    graph: bytes | None
    trials: tuple[Trial, ...]
    costs: tuple[Cost, ...]

    @property
    def chosen(self) -> Trial:
        """The last trial."""
        return self.trials[-1]

    def kept_float(self) -> tuple[str, ...]:
        """Layers in float with their cost, as the manifest has them."""
        levels = {cost.layer: cost.levels for cost in self.costs}
        return tuple(
            f"{layer.name} ({levels[layer]:.3f} level)" for layer in self.chosen.kept_float
        )


class Judge:
    """Compares graphs with the fp32 graph on faces.

    Args:
        graph: the fp32 ONNX file.
        faces: who judges.
        bundle: whose graph it is.
        clips: whose alarms must stay.
    """

    def __init__(
        self,
        graph: Path,
        faces: Faces,
        *,
        bundle: Bundle,
        clips: Sequence[Clip] = (),
    ) -> None:
        self._inputs = faces.of(bundle.inputs)
        self._levels = faces.levels
        self._bundle = bundle
        self._before = self._run(graph)
        self._clips = ClipJudge(clips, bundle, lambda inputs: run_graph(graph, inputs))

    def __call__(self, graph: bytes) -> Comparison:
        """What changes from the fp32 graph to this one."""
        return compare(
            self._before,
            self._run(graph),
            self._levels,
            units=self._bundle.action_units,
            clips=self._clips(lambda inputs: run_graph(graph, inputs)),
        )

    def _run(self, graph: Path | bytes) -> Mapping[OutputName, Any]:
        said = run_graph(graph, self._inputs)
        return {name: said[name] for name in self._bundle.outputs}


def find_assignment(
    quantiser: Quantiser,
    *,
    judging: Judge,
    calibrating: Judge,
    bar: Bar,
    methods: Sequence[Method] = tuple(Method),
    need_costs: bool = False,
    on_step: OnStep = lambda _what, _done, _total: None,
) -> Found:
    """Quantise everything; where that costs too much, give layers back to float.

    The method whose graph has the smallest error on the judging people is taken. Layers go back in
    the order of their own cost, one at a time, until the bar holds: what costs the reading that
    suffers most comes first, be it the level, PSPI or an action unit. That order is told by the
    calibration people, so that those who judge have no say in what they judge.

    Args:
        quantiser: of the fp32 graph.
        judging: people whose verdict counts.
        calibrating: people who tell what each layer costs.
        bar: what must hold.
        methods: to choose from.
        need_costs: measure each layer's cost even when the bar holds at once.
        on_step: told of progress.
    """
    layers = quantiser.layers
    trials: list[Trial] = []
    graphs: dict[Method, bytes] = {}
    for done, method in enumerate(methods):
        on_step("calibrating", done, len(methods))
        graphs[method] = quantiser.quantise(layers, method)
        trials.append(_judged(judging, graphs[method], method, ()))
    on_step("calibrating", len(methods), len(methods))
    best = min(trials, key=lambda trial: _badness(trial.comparison, bar))
    trials = [*(trial for trial in trials if trial is not best), best]
    holds = not bar.missed(best.comparison)
    if holds and not need_costs:
        return Found(graph=graphs[best.method], trials=tuple(trials), costs=())
    costs = _costs(quantiser, calibrating, best.method, bar, on_step)
    if holds:
        return Found(graph=graphs[best.method], trials=tuple(trials), costs=costs)
    for count in range(1, len(costs)):
        on_step("layers back to float", count - 1, len(costs) - 1)
        kept = tuple(cost.layer for cost in costs[:count])
        graph = quantiser.quantise([layer for layer in layers if layer not in kept], best.method)
        trials.append(_judged(judging, graph, best.method, kept))
        if not bar.missed(trials[-1].comparison):
            return Found(graph=graph, trials=tuple(trials), costs=costs)
    return Found(graph=None, trials=tuple(trials), costs=costs)


def _judged(judge: Judge, graph: bytes, method: Method, kept: tuple[Layer, ...]) -> Trial:
    return Trial(method=method, kept_float=kept, comparison=judge(graph))


def _badness(comparison: Comparison, bar: Bar) -> tuple[int, float, float]:
    """Smaller is better: bars missed, then the level's error, then how many classes changed."""
    error = np.inf if comparison.mae_after is None else comparison.mae_after
    return len(bar.missed(comparison)), error, -comparison.class_agreement


def _costs(
    quantiser: Quantiser, judge: Judge, method: Method, bar: Bar, on_step: OnStep
) -> tuple[Cost, ...]:
    costs = []
    for done, layer in enumerate(quantiser.layers):
        on_step("what each layer costs", done, len(quantiser.layers))
        alone = judge(quantiser.quantise([layer], method))
        costs.append(Cost(layer=layer, levels=alone.mean_level, burden=bar.burden(alone)))
    on_step("what each layer costs", len(costs), len(costs))
    return tuple(sorted(costs, key=lambda cost: -cost.burden))
