"""Engines are compiled by exactly the calls that TensorRT's API has, and kept only when proved.

The real thing was not run here: TensorRT and a GPU were not at hand. TensorRT is the stand-in made
from the signatures of tensorrt-stubs, so this proves names, arguments and order of the calls, no
more. The daemon's probe is the real process; it says rightly that there is no driver.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from export.cli import app
from export.tensorrt import api, daemon
from export.tensorrt.build import WORKSPACE_BYTES, compile_graph
from export.tensorrt.engine import make_engine
from pain.bundle import Bundle, load_bundle
from pain.engine import load_engine, record_file
from pain.errors import BundleError, ExportError, ProviderError
from tests.edge.score.conftest import Recipe, make_bundle
from tests.edge.score.stand_in import VERSION, StandIn
from tests.edge.score.test_stand_in import assert_declared, protocols

REAL_PROVE = daemon.prove
PLAN, TIMINGS, GPU = b"a compiled engine", b"what was measured", "Tesla T4"


def stand_in(**answers: Any) -> StandIn:
    trt = StandIn(
        {
            "INetworkDefinition.num_inputs": 2,
            "INetworkDefinition.get_input": lambda index: trt.thing("ITensor", index),
            "ITensor.name": "landmarks",
            "ITensor.shape": StandIn().thing("Dims", [-1, 478, 3]),
            "IBuilderConfig.add_optimization_profile": 0,
            "Builder.build_serialized_network": lambda *_: trt.thing("IHostMemory", PLAN),
            "ITimingCache.serialize": lambda: trt.thing("IHostMemory", TIMINGS),
            "OnnxParser.num_errors": 2,
            "OnnxParser.get_error": lambda index: f"node {index} is not supported",
            **{key.replace("__", "."): value for key, value in answers.items()},
        }
    )
    return trt


def compile_with(trt: StandIn, *, timings: bytes = b"") -> Any:
    return compile_graph(Path("model.onnx"), max_batch=8, timings=timings, trt=trt)


@pytest.mark.parametrize("protocol", protocols(api), ids=lambda one: one.__name__)
def test_every_type_that_is_written_down_is_as_the_stubs_declare_it(protocol: type) -> None:
    assert_declared(protocol)


def test_an_engine_is_compiled_by_exactly_these_calls() -> None:
    trt = stand_in()
    compiled = compile_with(trt, timings=b"earlier")
    assert (compiled.plan, compiled.timings) == (PLAN, TIMINGS)
    assert trt.names() == [
        "Logger",
        "Builder",
        "Builder.create_network",
        "OnnxParser",
        "OnnxParser.parse_from_file",
        "Builder.create_builder_config",
        "IBuilderConfig.set_memory_pool_limit",
        "Builder.create_optimization_profile",
        *["INetworkDefinition.get_input", "Dims", "Dims", "IOptimizationProfile.set_shape"] * 2,
        "IBuilderConfig.add_optimization_profile",
        "IBuilderConfig.create_timing_cache",
        "IBuilderConfig.set_timing_cache",
        "Builder.build_serialized_network",
        "IBuilderConfig.get_timing_cache",
        "ITimingCache.serialize",
    ]
    by_name = {call[0]: call[1:] for call in trt.calls}
    strongly_typed = 1 << 1
    assert by_name["Builder.create_network"] == (strongly_typed,)
    assert by_name["OnnxParser.parse_from_file"] == ("model.onnx",)
    pool, limit = by_name["IBuilderConfig.set_memory_pool_limit"]
    assert (pool.name, limit) == ("WORKSPACE", WORKSPACE_BYTES)
    assert by_name["IBuilderConfig.create_timing_cache"] == (b"earlier",)
    name, *shapes = by_name["IOptimizationProfile.set_shape"]
    assert name == "landmarks"
    assert [[shape[axis] for axis in range(3)] for shape in shapes] == [
        [1, 478, 3],
        [1, 478, 3],
        [8, 478, 3],
    ]


def test_a_timing_cache_of_another_gpu_is_left_aside() -> None:
    trt = stand_in(IBuilderConfig__set_timing_cache=False)
    compile_with(trt, timings=b"of another GPU")
    caches = [call[1] for call in trt.calls if call[0] == "IBuilderConfig.create_timing_cache"]
    assert caches == [b"of another GPU", b""]


@pytest.mark.parametrize(
    ("key", "answer", "message"),
    [
        ("OnnxParser__parse_from_file", False, "node 0 is not supported; node 1 is not supported"),
        ("IBuilderConfig__add_optimization_profile", -1, "takes no batch of 1 to 8"),
        ("Builder__build_serialized_network", None, "cannot compile it"),
    ],
)
def test_whatever_tensorrt_refuses_is_an_error(key: str, answer: Any, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        compile_with(stand_in(**{key: answer}))


class Target:
    """A machine with a GPU, as far as the exporter can see; its gate passes or not."""

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "bundle"
        self.engines = folder / "engines"
        self.gpu = GPU
        self.trt = stand_in(INetworkDefinition__num_inputs=1)
        self.passes = True
        self.proved: list[list[str]] = []
        make_bundle(self.directory, Recipe(other_graphs=(("int8", 3.0),), preferred="int8"))

    @property
    def bundle(self) -> Bundle:
        return load_bundle(self.directory)

    def prove(self, _bundle: Path, *, precision: str, engines: Path) -> None:
        self.proved.append(sorted(path.name for path in engines.rglob("*-*.plan")))
        if not self.passes:
            raise ExportError("fails its accuracy gate")

    def make(self, **changes: Any) -> Any:
        values: dict[str, Any] = {
            "precision": "int8",
            "max_batch": 8,
            "engines": self.engines,
            "trt": self.trt,
            **changes,
        }
        return make_engine(self.directory, self.bundle, **values)

    def kept(self) -> list[str]:
        return sorted(
            str(path.relative_to(self.engines))
            for path in self.engines.rglob("*")
            if path.is_file()
        )


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    made = Target(tmp_path)
    monkeypatch.setattr(daemon, "gpu_name", lambda: made.gpu)
    monkeypatch.setattr(daemon, "prove", made.prove)
    return made


ENGINE = f"test-bundle/tesla-t4-{VERSION}-int8"


def test_an_engine_is_kept_beside_its_record_and_the_bundle_stays_as_it_is(target: Target) -> None:
    before = {path: path.read_bytes() for path in target.directory.iterdir()}
    made = target.make()
    assert made.built
    assert target.kept() == [
        f"{ENGINE}.json",
        f"{ENGINE}.plan",
        f"timing-tesla-t4-{VERSION}.cache",
    ]
    assert made.path.read_bytes() == PLAN
    assert made.record.bundle_sha256 == target.bundle.bundle_sha256
    assert made.record.plan_sha256 == hashlib.sha256(PLAN).hexdigest()
    assert target.proved == [[f"tesla-t4-{VERSION}-int8.plan"]]
    assert {path: path.read_bytes() for path in target.directory.iterdir()} == before
    parsed = next(call[1] for call in target.trt.calls if call[0].endswith("parse_from_file"))
    assert parsed == str(target.directory / "model.int8.onnx")
    content, record = load_engine(
        made.path, bundle=target.bundle, gpu=GPU, tensorrt=VERSION, precision="int8"
    )
    assert (content, record) == (PLAN, made.record)


def test_an_engine_that_fails_its_gate_is_not_kept(target: Target) -> None:
    target.passes = False
    with pytest.raises(ExportError, match="accuracy gate"):
        target.make()
    assert target.kept() == [f"timing-tesla-t4-{VERSION}.cache"]


def test_a_right_engine_is_proved_again_and_not_built_again(target: Target) -> None:
    target.make()
    target.trt.calls.clear()
    again = target.make(max_batch=4)
    assert not again.built
    assert not target.trt.calls
    assert len(target.proved) == 2


def other_gpu(target: Target) -> None:
    target.gpu = "NVIDIA H100"


def other_version(target: Target) -> None:
    target.trt.__version__ = "10.14.1"


def other_bundle(target: Target) -> None:
    for path in target.directory.iterdir():
        path.unlink()
    target.directory.rmdir()
    recipe = Recipe(level=2.5, golden_shift=0.5, other_graphs=(("int8", 3.0),))
    make_bundle(target.directory, recipe)


def damaged(target: Target) -> None:
    (target.engines / f"{ENGINE}.plan").write_bytes(b"half of it")


def no_record(target: Target) -> None:
    record_file(target.engines / f"{ENGINE}.plan").unlink()


@pytest.mark.parametrize(
    "change",
    [other_gpu, other_version, other_bundle, damaged, no_record],
    ids=lambda one: one.__name__,
)
def test_an_engine_is_built_again_when_anything_differs(
    target: Target, change: Callable[[Target], None]
) -> None:
    target.make()
    change(target)
    assert target.make().built
    assert not target.make().built


def test_a_larger_batch_builds_again_with_the_timings_of_before(target: Target) -> None:
    target.make(max_batch=4)
    assert target.make(max_batch=8).built
    caches = [call[1] for call in target.trt.calls if call[0].endswith("create_timing_cache")]
    assert caches == [b"", TIMINGS]


def test_a_precision_that_the_bundle_lacks_is_refused(target: Target) -> None:
    with pytest.raises(BundleError, match=r"has no fp16 graph; it has model, model\.int8"):
        target.make(precision="fp16")


def test_a_folder_that_cannot_be_made_is_named(target: Target, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match="choose another --engines"):
        target.make(engines=tmp_path / "file")


def test_the_daemons_probe_says_that_there_is_no_gpu_here() -> None:
    with pytest.raises(ProviderError, match="NVIDIA"):
        daemon.gpu_name()


def test_the_daemons_probe_refuses_an_engine_that_it_cannot_run(target: Target) -> None:
    with pytest.raises(ExportError, match=r"is not kept: TensorRT's Python package"):
        REAL_PROVE(target.directory, precision="int8", engines=target.engines)


def test_the_command_builds_what_the_bundle_prefers(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", target.trt)
    arguments = ["tensorrt", str(target.directory), "--engines", str(target.engines)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert f"{ENGINE}.plan: built, and right on the golden faces (Tesla T4" in result.output


def test_the_command_says_where_tensorrt_comes_from(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    result = CliRunner().invoke(app, ["tensorrt", str(target.directory)])
    assert isinstance(result.exception, ProviderError)
    assert "JetPack brings it" in str(result.exception)
