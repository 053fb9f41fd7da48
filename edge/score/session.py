"""The one border to ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.config import ScoringConfig
from edge.quiet import hush
from pain.errors import BundleCorrupt, ProviderError, ScoringError

Arrays = Mapping[str, npt.NDArray[Any]]

PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "cpu": ("CPUExecutionProvider",),
    "cuda": ("CUDAExecutionProvider", "CPUExecutionProvider"),
    "tensorrt": (
        "TensorrtExecutionProvider",
        "CUDAExecutionProvider",
        "CPUExecutionProvider",
    ),
}
"""ONNX Runtime's names, best first; the later ones may take single nodes, never the whole graph."""

_ERRORS_ONLY: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One input or output of a graph.

    Attributes:
        name: its name.
        element: ONNX Runtime's type, e.g. ``tensor(float)``.
        shape: sizes; None where the size is free.
    """

    name: str
    element: str
    shape: tuple[int | None, ...]


class ModelSession:
    """A graph loaded into ONNX Runtime on the provider that was asked for.

    Args:
        model: path of the ONNX file.
        scoring: provider and threads.

    Raises:
        ProviderError: the provider is not part of this ONNX Runtime, or did not start.
        BundleCorrupt: the file is not a graph that ONNX Runtime can run.
    """

    def __init__(self, *, model: Path, scoring: ScoringConfig) -> None:
        hush()
        # It reads its environment at import, so it must come after hush().
        import onnxruntime as ort

        self._requested = scoring.provider
        wanted = PROVIDERS[scoring.provider]
        offered = ort.get_available_providers()
        if wanted[0] not in offered:
            raise ProviderError(
                f"scoring.provider = {scoring.provider!r}: the installed ONNX Runtime "
                f"{ort.__version__} has no {wanted[0]} (it has {', '.join(offered)}); put "
                "onnxruntime-gpu below 1.29 in its place, or set scoring.provider to 'cpu'"
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = scoring.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        # A spinning pool would burn a core between two frames of a 25 fps camera.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(
                str(model),
                sess_options=options,
                providers=[name for name in wanted if name in offered],
            )
        except Exception as error:
            # ONNX Runtime's exceptions share no base class of their own below Exception.
            raise BundleCorrupt(
                f"{model}: ONNX Runtime cannot load this graph ({_first_line(error)}); "
                "export the bundle again"
            ) from error
        # Otherwise a failing GPU run is silently repeated on the CPU by a new session.
        self._session.disable_fallback()
        self.inputs = tuple(map(_port, self._session.get_inputs()))
        self.outputs = tuple(map(_port, self._session.get_outputs()))

    @property
    def provider(self) -> str:
        """Name, as in the config, of the provider that runs the graph."""
        first = self._session.get_providers()[0]
        return next((name for name, full in PROVIDERS.items() if full[0] == first), first)

    def require_provider(self) -> None:
        """Compare the provider that runs with the one asked for; call it after a first run.

        ``get_available_providers`` lists what was compiled in, also when its libraries are absent.

        Raises:
            ProviderError: another one runs.
        """
        if self.provider != self._requested:
            raise ProviderError(
                f"scoring.provider = {self._requested!r} was asked for but the model runs on "
                f"{self.provider!r}: ONNX Runtime could not load the libraries of the GPU; check "
                "driver, CUDA and TensorRT versions, or set scoring.provider to 'cpu'"
            )

    def run(self, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        """Run the graph once.

        Args:
            feeds: arrays by input name.

        Returns:
            Arrays by output name.

        Raises:
            ScoringError: ONNX Runtime failed.
        """
        names = [port.name for port in self.outputs]
        try:
            values = self._session.run(names, dict(feeds))
        except Exception as error:
            raise ScoringError(f"ONNX Runtime failed: {_first_line(error)}") from error
        return {name: np.asarray(value) for name, value in zip(names, values, strict=True)}


def _port(node: Any) -> Port:
    shape = tuple(size if isinstance(size, int) else None for size in node.shape)
    return Port(name=node.name, element=node.type, shape=shape)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
