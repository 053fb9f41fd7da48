"""Graphs of a few nodes read sequences of numbers: what moves, and what people would be told."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from export.clips.judge import ClipJudge
from export.clips.read import Clip
from export.session import run_graph
from export.verify.bars import BARS
from export.verify.compare import Comparison, compare
from pain.bundle import Bundle, Calibration, write_manifest
from tests.export.conftest import TRAINING

OUTPUTS = ("probabilities", "level", "pspi", "action_units")


def graph(*, level: float = 0.0, above: float = 9.0, pspi: float = 0.0) -> bytes:
    """Level and PSPI are the first two blendshapes, AU4 the third.

    Args:
        level: taken off the level where that is above ``above``.
        above: see ``level``.
        pspi: added to PSPI.
    """
    numbers = {f"column_{column}": np.array([column], np.int64) for column in range(4)}
    numbers |= {
        "off": np.array(level, np.float32),
        "above": np.array(above, np.float32),
        "more": np.array(pspi, np.float32),
        "even": np.full((1, 7), 1 / 7, np.float32),
        "columns": np.array([1], np.int64),
        "flat": np.array([-1], np.int64),
    }
    nodes = [
        helper.make_node(
            "Slice", ["blendshapes", f"column_{at}", f"column_{at + 1}", "columns"], [f"raw_{at}"]
        )
        for at in range(3)
    ]
    nodes += [
        helper.make_node("Greater", ["raw_0", "above"], ["is_above"]),
        helper.make_node("Cast", ["is_above"], ["share"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["share", "off"], ["taken"]),
        helper.make_node("Sub", ["raw_0", "taken"], ["level_2d"]),
        helper.make_node("Reshape", ["level_2d", "flat"], ["level"]),
        helper.make_node("Add", ["raw_1", "more"], ["pspi_2d"]),
        helper.make_node("Reshape", ["pspi_2d", "flat"], ["pspi"]),
        helper.make_node("Identity", ["raw_2"], ["action_units"]),
        helper.make_node("Mul", ["raw_0", "even"], ["nothing"]),
        helper.make_node("Sub", ["nothing", "nothing"], ["zeros"]),
        helper.make_node("Add", ["zeros", "even"], ["probabilities"]),
    ]

    def port(name: str, *shape: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    made = helper.make_graph(
        nodes,
        "numbers",
        [port("blendshapes", "N", 52)],
        [
            port("probabilities", "N", 7),
            port("level", "N"),
            port("pspi", "N"),
            port("action_units", "N", 1),
        ],
        [numpy_helper.from_array(values, name) for name, values in numbers.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(made, opset_imports=opsets, ir_version=8).SerializeToString())


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "model.onnx").write_bytes(graph())
    return write_manifest(
        folder,
        files={"model": ("model.onnx", "fp32")},
        name="numbers",
        version="0",
        created="2026-12-01T00:00:00+00:00",
        inputs=("blendshapes",),
        outputs=OUTPUTS,
        action_units=("AU4",),
        calibration=Calibration(level="own"),
        training=TRAINING,
        metrics=(),
        parity={"inputs": 1, "max_level_difference": 0.0, "mean_level_difference": 0.0},
        intended_use="none",
        limits="none",
        library_versions={},
    )


def shown(levels: np.ndarray) -> np.ndarray:
    inputs = np.zeros((len(levels), 52), np.float32)
    inputs[:, 0], inputs[:, 1], inputs[:, 2] = levels, 2 * levels, levels / 2
    return inputs


AT_S = np.round(np.arange(0.0, 120.0, 0.1), 3)
GRIMACE = np.where((AT_S >= 30.0) & (AT_S < 36.0), 5.4, 0.4)
"""Six seconds of severe pain in two minutes: a twentieth of the readings."""


@pytest.fixture(scope="module")
def clip() -> Clip:
    return Clip(
        name="grimace.mp4",
        at_s=tuple(AT_S.tolist()),
        reasons=(None,) * len(AT_S),
        inputs={"blendshapes": shown(GRIMACE)},
    )


def compared(after: bytes, clip: Clip, bundle: Bundle) -> Comparison:
    """On faces of every level, and on the clip."""
    judge = ClipJudge((clip,), bundle, lambda inputs: run_graph(graph(), inputs))
    levels = np.repeat(np.arange(7, dtype=np.float32), 20)
    faces = {"blendshapes": shown(levels)}
    before, said = (
        {name: run_graph(one, faces)[name] for name in bundle.outputs} for one in (graph(), after)
    )
    return compare(
        before,
        said,
        levels,
        units=bundle.action_units,
        clips=judge(lambda inputs: run_graph(after, inputs)),
    )


def test_the_same_graph_passes_with_its_alarms(clip: Clip, bundle: Bundle) -> None:
    found = compared(graph(), clip, bundle)
    assert BARS["int8"].missed(found) == ()
    parity = found.as_parity().alarms
    assert parity is not None
    assert (parity.same, parity.differ, parity.largest_shift_s) == (2, 0, 0.0)


def test_pspi_that_moves_by_two_points_is_refused_though_the_level_holds(
    clip: Clip, bundle: Bundle
) -> None:
    found = compared(graph(pspi=2.0), clip, bundle)
    assert found.max_level == 0.0
    assert BARS["int8"].missed(found) == (
        "PSPI moves by 2 on average, allowed is 0.1",
        "grimace.mp4: PSPI moves by 2 on average, allowed is 0.1",
    )


def test_an_alarm_that_is_lost_is_refused_though_every_reading_holds(
    clip: Clip, bundle: Bundle
) -> None:
    found = compared(graph(level=0.45, above=5.1), clip, bundle)
    (watched,) = found.clips
    allowed = BARS["int8"].level
    assert not list(allowed.exceeded(watched.moved["level"]))
    assert watched.moved["level"].mean < 0.03
    told = [words for words in BARS["int8"].missed(found) if words.startswith("grimace.mp4")]
    assert len(told) == 1
    assert told[0].startswith("grimace.mp4: pain_severe at 3")
    assert told[0].endswith("is lost")
