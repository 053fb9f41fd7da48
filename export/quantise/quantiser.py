"""ONNX Runtime's own static quantisation, asked again and again for the same graph."""

from __future__ import annotations

import inspect
import io
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final

import numpy.typing as npt
import onnx

from export.quantise.layers import QUANTISABLE, Layer, find_layers, name_nodes
from export.quantise.shield import shield_float_layers
from export.quantise.target import SCHEMES, Method, Target
from pain.errors import ExportError, ProviderError

_BATCH: Final = 8
_CACHE: Final = "calibration_cache_path"


class FacesReader:
    """Hands faces to a calibration, a batch at a time; ONNX Runtime asks for this interface.

    Args:
        inputs: by name, each of length N.
        on_done: told how many faces were handed over, and of how many.
    """

    def __init__(
        self,
        inputs: Mapping[Any, npt.NDArray[Any]],
        on_done: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        self._inputs = inputs
        self._on_done = on_done
        self._total = len(next(iter(inputs.values())))
        self._next, self._end = 0, len(self)

    def __len__(self) -> int:
        """Number of batches."""
        return (self._total + _BATCH - 1) // _BATCH

    def set_range(self, start_index: int, end_index: int) -> None:
        """Go on with these batches."""
        self._next, self._end = start_index, end_index

    def get_next(self) -> dict[str, npt.NDArray[Any]] | None:
        """The next batch by input name, None at the end."""
        if self._next >= self._end:
            return None
        start, stop = self._next * _BATCH, (self._next + 1) * _BATCH
        self._next += 1
        self._on_done(min(stop, self._total), self._total)
        return {str(name): values[start:stop] for name, values in self._inputs.items()}


class Quantiser:
    """Makes INT8 graphs (QDQ form) of one fp32 graph; each range is calibrated once.

    Weights are symmetric, one scale a channel; activations have one scale a tensor.

    Args:
        graph: fp32 ONNX file.
        work: an empty folder for what is kept between calls.
        inputs: calibration faces by input name.
        target: what will run the graphs.
        on_done: told how many faces a calibration has seen.

    Attributes:
        layers: what may be quantised, from input to output.

    Raises:
        ProviderError: ONNX Runtime is too old.
        ExportError: ONNX Runtime cannot read the graph, or no layer of it may be quantised.
    """

    def __init__(
        self,
        graph: Path,
        *,
        work: Path,
        inputs: Mapping[Any, npt.NDArray[Any]],
        target: Target = Target.CPU,
        on_done: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        # Linux wheels from 1.29 send usage metrics unless this is set before the import.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime as ort
        from onnxruntime.quantization import quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process

        if _CACHE not in inspect.signature(quantize_static).parameters:
            raise ProviderError(
                f"ONNX Runtime {ort.__version__} calibrates anew for every layer that is tried; "
                "install onnxruntime 1.28"
            )
        self._work = work
        self._inputs = inputs
        self._target = target
        self._on_done = on_done
        self._prepared = work / "prepared.onnx"
        try:
            with _library_is_quiet():
                quant_pre_process(str(graph), str(self._prepared))
        except Exception as error:  # ONNX Runtime's and sympy's errors share no base class
            raise ExportError(f"{graph}: ONNX Runtime cannot prepare it: {error}") from error
        model = onnx.load(self._prepared)
        name_nodes(model)
        onnx.save(model, self._prepared)
        self.layers: tuple[Layer, ...] = find_layers(model)
        if not self.layers:
            raise ExportError(
                f"{graph}: no convolution or matrix product with constant weights, so there is "
                "nothing to quantise"
            )

    def quantise(self, layers: Collection[Layer], method: Method) -> bytes:
        """Make a graph.

        Args:
            layers: what is quantised, at least one; the others stay in float.
            method: how ranges are chosen.

        Returns:
            Content of the ONNX file.
        """
        if not layers:
            raise ValueError("a graph without a quantised layer is the fp32 graph")
        from onnxruntime.quantization import (
            CalibrationMethod,
            QuantFormat,
            QuantType,
            quantize_static,
        )

        scheme = SCHEMES[self._target]
        clipping = [layer.clipping for layer in layers if layer.clipping and scheme.drop_relu]
        out = self._work / "int8.onnx"
        with _library_is_quiet():
            quantize_static(
                str(self._prepared),
                str(out),
                FacesReader(self._inputs, self._on_done),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=scheme.reduce_range,
                activation_type=QuantType.QUInt8 if scheme.unsigned else QuantType.QInt8,
                weight_type=QuantType.QInt8,
                # The same operators every time, because the ranges are those of all of them.
                op_types_to_quantize=[*QUANTISABLE, "Relu", "Clip"],
                nodes_to_quantize=[*(layer.name for layer in layers), *clipping],
                calibrate_method=getattr(CalibrationMethod, _NAMES[method]),
                calibration_cache_path=self._work / f"{method}.json",
                # Batch by batch: what the layers of all faces give would not fit into memory.
                extra_options={**scheme.options, "CalibStridedMinMax": 1},
            )
        model = onnx.load(out)
        shield_float_layers(model)
        return bytes(model.SerializeToString())


_NAMES: Final[Mapping[Method, str]] = {
    Method.MINMAX: "MinMax",
    Method.ENTROPY: "Entropy",
    Method.PERCENTILE: "Percentile",
}


@contextmanager
def _library_is_quiet() -> Iterator[None]:
    """Keep its hints off the console; it writes them through the root logger and by ``print``."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        root.setLevel(before)
