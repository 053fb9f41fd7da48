"""The engine runner makes exactly the calls that TensorRT's API has, and loses no face on the way.

The real thing was not run here: TensorRT and a GPU were not at hand. TensorRT is the stand-in made
from the stubs' signatures; the device's memory is the host's, so addresses and copies are real.
What this proves is the names, arguments and order of the calls and the way of the data; that an
engine computes the right thing is proved on the target by the golden faces.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edge.score.engine as engine_module
from edge.config import ScoringConfig
from edge.score import Scorer
from edge.score.engine import EngineRunner
from edge.score.runner import Port
from pain.bundle import load_bundle
from pain.engine import EngineRecord, engine_file, record_file
from pain.errors import BundleError, ProviderError, ScoringError
from tests.edge.score.conftest import PROBABILITIES
from tests.edge.score.stand_in import VERSION, StandIn
from tests.edge.score.test_scorer import a_face

MakeBundle = Callable[..., Path]

PLAN = b"a serialised engine"
GPU = "NVIDIA Orin (nvgpu)"
MAX_BATCH = 4
SHAPES = {
    "landmarks": (478, 3),
    "probabilities": (7,),
    "level": (),
    "pspi": (),
    "action_units": (2,),
}


class HostMemory:
    """A GPU whose memory is the host's."""

    stream = 77

    def __init__(self) -> None:
        self.name = GPU
        self.buffers: dict[int, Any] = {}
        self.done: list[str] = []

    def use(self) -> None:
        self.done.append("use")

    def allocate(self, size_bytes: int) -> int:
        buffer = ctypes.create_string_buffer(size_bytes)
        self.buffers[ctypes.addressof(buffer)] = buffer
        return ctypes.addressof(buffer)

    def upload(self, address: int, array: np.ndarray) -> None:
        assert array.nbytes <= len(self.buffers[address])
        ctypes.memmove(address, array.ctypes.data, array.nbytes)
        self.done.append("upload")

    def download(self, array: np.ndarray, address: int) -> None:
        assert array.nbytes <= len(self.buffers[address])
        ctypes.memmove(array.ctypes.data, address, array.nbytes)
        self.done.append("download")

    def wait(self) -> None:
        self.done.append("wait")

    def free(self) -> None:
        self.buffers.clear()


class FakeEngine:
    """Answers for the stand-in: level = first number of each face's landmarks."""

    def __init__(self, gpu: HostMemory, *, level_shift: float = 0.0) -> None:
        self.gpu = gpu
        self.shift = level_shift
        self.batch = 0
        self.batches: list[int] = []
        self.addresses: dict[str, int] = {}
        self.trt = StandIn(
            {
                "ICudaEngine.num_io_tensors": len(SHAPES),
                "ICudaEngine.get_tensor_name": lambda index: list(SHAPES)[index],
                "ICudaEngine.get_tensor_mode": self.mode,
                "ICudaEngine.get_tensor_dtype": lambda _: self.trt.DataType.FLOAT,
                "ICudaEngine.get_tensor_shape": lambda name: self.dims(-1, name),
                "IExecutionContext.get_tensor_shape": lambda name: self.dims(self.batch, name),
                "IExecutionContext.set_input_shape": self.set_input_shape,
                "IExecutionContext.set_tensor_address": self.set_tensor_address,
                "IExecutionContext.execute_async_v3": self.execute,
            }
        )

    def mode(self, name: str) -> Any:
        modes = self.trt.TensorIOMode
        return modes.INPUT if name == "landmarks" else modes.OUTPUT

    def dims(self, batch: int, name: str) -> Any:
        return self.trt.thing("Dims", [batch, *SHAPES[name]])

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.batch = shape[0]
        return self.batch <= MAX_BATCH

    def set_tensor_address(self, name: str, memory: int) -> bool:
        self.addresses[name] = memory
        return True

    def execute(self, stream: int) -> bool:
        assert stream == self.gpu.stream
        self.batches.append(self.batch)
        faces = self.view("landmarks")
        self.view("level")[:] = faces[:, 0, 0] + self.shift
        self.view("probabilities")[:] = PROBABILITIES
        self.view("pspi")[:] = 7.0
        self.view("action_units")[:] = (2.0, 5.0)
        return True

    def view(self, name: str) -> Any:
        shape = (self.batch, *SHAPES[name])
        count = int(np.prod(shape))
        kind = ctypes.c_float * count
        return np.frombuffer(kind.from_address(self.addresses[name]), np.float32).reshape(shape)

    def runner(self) -> EngineRunner:
        return EngineRunner(PLAN, max_batch=MAX_BATCH, trt=self.trt, gpu=self.gpu)


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine(HostMemory())


def faces(count: int) -> np.ndarray:
    """Landmarks whose first number is the face's number."""
    landmarks = np.zeros((count, 478, 3), np.float32)
    landmarks[:, 0, 0] = np.arange(count)
    return landmarks


def test_an_engine_is_loaded_by_exactly_these_calls(fake: FakeEngine) -> None:
    runner = fake.runner()
    calls = fake.trt.calls
    assert [call[0] for call in calls[:4]] == [
        "Logger",
        "Runtime",
        "Runtime.deserialize_cuda_engine",
        "ICudaEngine.create_execution_context",
    ]
    assert calls[2][1] == PLAN
    assert set(fake.trt.names()[4:]) == {
        "ICudaEngine.get_tensor_name",
        "ICudaEngine.get_tensor_mode",
        "ICudaEngine.get_tensor_dtype",
        "ICudaEngine.get_tensor_shape",
        "IExecutionContext.set_tensor_address",
    }
    assert set(fake.addresses) == set(SHAPES)
    assert runner.inputs == (Port(name="landmarks", element="tensor(float)", shape=(None, 478, 3)),)
    assert [port.name for port in runner.outputs] == list(SHAPES)[1:]


def test_one_face_is_scored_by_exactly_these_calls(fake: FakeEngine) -> None:
    runner = fake.runner()
    fake.trt.calls.clear()
    results = runner.run({"landmarks": faces(1)})
    assert fake.trt.calls == [
        ("IExecutionContext.set_input_shape", "landmarks", (1, 478, 3)),
        ("IExecutionContext.execute_async_v3", fake.gpu.stream),
        *(("IExecutionContext.get_tensor_shape", name) for name in list(SHAPES)[1:]),
    ]
    assert fake.gpu.done == ["use", "upload", *["download"] * 4, "wait"]
    assert {name: value.shape for name, value in results.items()} == {
        name: (1, *SHAPES[name]) for name in list(SHAPES)[1:]
    }


@pytest.mark.parametrize(
    ("count", "batches"), [(1, [1]), (4, [4]), (5, [4, 1]), (8, [4, 4]), (11, [4, 4, 3])]
)
def test_every_face_gets_its_own_result_however_many_there_are(
    fake: FakeEngine, count: int, batches: list[int]
) -> None:
    results = fake.runner().run({"landmarks": faces(count)})
    assert fake.batches == batches
    assert results["level"].tolist() == list(range(count))


@pytest.mark.parametrize(
    ("feeds", "message"),
    [
        ({}, "'landmarks' must be float32 .*, not nothing"),
        ({"landmarks": faces(1).astype(np.float64)}, "not float64"),
        ({"landmarks": np.zeros((1, 468, 3), np.float32)}, r"not float32 \(1, 468, 3\)"),
    ],
)
def test_an_input_that_does_not_fit_never_reaches_the_device(
    fake: FakeEngine, feeds: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScoringError, match=message):
        fake.runner().run(feeds)
    assert "upload" not in fake.gpu.done


@pytest.mark.parametrize(
    ("key", "answer", "error", "message"),
    [
        ("Runtime.deserialize_cuda_engine", None, BundleError, "cannot read this engine"),
        ("ICudaEngine.create_execution_context", None, BundleError, "too little memory"),
        ("IExecutionContext.set_tensor_address", False, BundleError, "takes no memory"),
        ("IExecutionContext.set_input_shape", False, ScoringError, "refuses input"),
        ("IExecutionContext.execute_async_v3", False, ScoringError, "failed to run"),
    ],
)
def test_whatever_tensorrt_refuses_is_an_error(
    fake: FakeEngine, key: str, answer: Any, error: type[Exception], message: str
) -> None:
    fake.trt._answers[key] = answer
    with pytest.raises(error, match=message):
        fake.runner().run({"landmarks": faces(1)})


def test_an_engine_with_a_type_that_no_bundle_has_is_refused(fake: FakeEngine) -> None:
    fake.trt._answers["ICudaEngine.get_tensor_dtype"] = lambda _: fake.trt.DataType.BF16
    with pytest.raises(BundleError, match="a tensor of type"):
        fake.runner()


def test_memory_is_given_back_with_the_runner(fake: FakeEngine) -> None:
    runner = fake.runner()
    assert fake.gpu.buffers
    del runner
    assert not fake.gpu.buffers


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """A machine with TensorRT and a GPU, as far as the daemon can see."""
    fake = FakeEngine(HostMemory(), level_shift=3.0)
    monkeypatch.setitem(sys.modules, "tensorrt", fake.trt)
    monkeypatch.setattr(engine_module, "Gpu", lambda: fake.gpu)
    return fake


def keep_engine(directory: Path, engines: Path, **changes: Any) -> Path:
    """Write a plan and its record as the exporter does."""
    bundle = load_bundle(directory)
    path = engine_file(engines, bundle=bundle, gpu=GPU, tensorrt=VERSION, precision="fp32")
    path.parent.mkdir(parents=True)
    path.write_bytes(PLAN)
    values = {
        "bundle_sha256": bundle.bundle_sha256,
        "precision": "fp32",
        "gpu": GPU,
        "tensorrt": VERSION,
        "max_batch": MAX_BATCH,
        "plan_sha256": hashlib.sha256(PLAN).hexdigest(),
        **changes,
    }
    record_file(path).write_text(EngineRecord.model_validate(values).model_dump_json())
    return path


def test_the_daemon_scores_on_an_engine_that_passes_its_gate(
    bundle_dir: MakeBundle, target: FakeEngine, tmp_path: Path
) -> None:
    directory = bundle_dir()
    path = keep_engine(directory, tmp_path / "engines")
    assert path.name == f"nvidia-orin-nvgpu-{VERSION}-fp32.plan"
    config = ScoringConfig(provider="tensorrt-native", engines=tmp_path / "engines")
    scorer = Scorer(bundle_dir=directory, scoring=config)
    assert (scorer.provider_actual, scorer.degraded) == ("tensorrt-native", None)
    target.shift = 3.0 - float(a_normalised_face()[0, 0])
    assert scorer.score(a_face()).level == pytest.approx(3.0, abs=1e-5)


def a_normalised_face() -> np.ndarray:
    from pain.align import pose_normalise

    face = a_face()
    return pose_normalise(face.landmarks, face.pose)


class OutOfMemory(HostMemory):
    def allocate(self, size_bytes: int) -> int:
        raise ScoringError("cuMemAlloc_v2: out of memory")


def broken(*_: Any) -> Any:
    raise RuntimeError("an exception of pybind11\nwith a second line")


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda fake: setattr(fake, "gpu", OutOfMemory()), "cuMemAlloc_v2: out of memory"),
        (
            lambda fake: fake.trt._answers.update({"Runtime.deserialize_cuda_engine": broken}),
            "tensorrt-native failed: an exception of pybind11",
        ),
    ],
)
def test_whatever_the_libraries_of_a_gpu_raise_the_resident_stays_watched(
    bundle_dir: MakeBundle,
    target: FakeEngine,
    tmp_path: Path,
    damage: Callable[[FakeEngine], None],
    why: str,
) -> None:
    directory = bundle_dir()
    keep_engine(directory, tmp_path / "engines")
    damage(target)
    config = ScoringConfig(provider="tensorrt-native", engines=tmp_path / "engines")
    scorer = Scorer(bundle_dir=directory, scoring=config)
    assert scorer.provider_actual == "cpu"
    assert why in str(scorer.degraded)


def test_a_wrong_engine_gives_way_to_the_cpu(
    bundle_dir: MakeBundle, target: FakeEngine, tmp_path: Path
) -> None:
    directory = bundle_dir()
    keep_engine(directory, tmp_path / "engines")
    target.shift = 2.5
    config = ScoringConfig(provider="tensorrt-native", engines=tmp_path / "engines")
    scorer = Scorer(bundle_dir=directory, scoring=config)
    assert scorer.provider_actual == "cpu"
    assert "on 'tensorrt-native' what it computed at export: output 'level'" in str(scorer.degraded)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bundle_sha256": "0" * 64}, "another bundle than recorded"),
        ({"gpu": "Tesla T4"}, r"another GPU than recorded \(Tesla T4, not NVIDIA Orin"),
        ({"tensorrt": "10.3.0"}, "another TensorRT than recorded"),
        ({"precision": "int8"}, "another precision than recorded"),
        ({"plan_sha256": "0" * 64}, "another content than recorded"),
    ],
)
def test_an_engine_of_something_else_is_never_run(
    bundle_dir: MakeBundle,
    target: FakeEngine,
    tmp_path: Path,
    changes: dict[str, Any],
    message: str,
) -> None:
    directory = bundle_dir()
    keep_engine(directory, tmp_path / "engines", **changes)
    config = ScoringConfig(provider="tensorrt-native", engines=tmp_path / "engines", fallback=False)
    with pytest.raises(BundleError, match=message):
        Scorer(bundle_dir=directory, scoring=config)
    assert not target.trt.calls


def test_an_absent_engine_is_said_with_the_command_that_builds_it(
    bundle_dir: MakeBundle, target: FakeEngine, tmp_path: Path
) -> None:
    config = ScoringConfig(provider="tensorrt-native", engines=tmp_path, fallback=False)
    with pytest.raises(BundleError, match=r"no engine here .*painwatch export tensorrt"):
        Scorer(bundle_dir=bundle_dir(), scoring=config)


def test_without_tensorrt_it_is_said_where_to_get_it(
    bundle_dir: MakeBundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    config = ScoringConfig(provider="tensorrt-native", engines=tmp_path, fallback=False)
    with pytest.raises(ProviderError, match="package is not installed or not whole"):
        Scorer(bundle_dir=bundle_dir(), scoring=config)
