"""The one border to ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.quiet import hush
from edge.score.ladder import Rung
from edge.score.providers import HELPERS, INSTALL, ORT_NAMES, Options, rtx_devices
from edge.score.runner import Arrays, Port, first_line
from pain.errors import BundleCorrupt, BundleError, ProviderError, ScoringError

_ERRORS_ONLY: Final = 3


class OrtSession:
    """A graph loaded into ONNX Runtime on the provider that was asked for.

    Args:
        model: path of the ONNX file.
        rung: provider and the graph's precision.
        options: what the provider is told.
        threads: of the CPU.

    Raises:
        ProviderError: the provider is not part of this ONNX Runtime, or did not start.
        BundleCorrupt: the file is not a graph that ONNX Runtime can run on the CPU.
        BundleError: it is none that the provider can run.
    """

    def __init__(self, *, model: Path, rung: Rung, options: Options, threads: int) -> None:
        hush()
        # It reads its environment at import, so it must come after hush().
        import onnxruntime as ort

        self._requested = rung.provider
        session_options = ort.SessionOptions()
        session_options.intra_op_num_threads = threads
        session_options.inter_op_num_threads = 1
        session_options.log_severity_level = _ERRORS_ONLY
        # A spinning pool would burn a core between two frames of a 25 fps camera.
        session_options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session_options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
        providers = _choose(ort, rung, options, session_options)
        try:
            self._session = ort.InferenceSession(
                str(model), sess_options=session_options, providers=providers
            )
        except Exception as error:
            # ONNX Runtime's exceptions share no base class of their own below Exception.
            if rung.provider != "cpu":
                raise BundleError(
                    f"{model}: {rung.provider} cannot load this graph ({first_line(error)})"
                ) from error
            raise BundleCorrupt(
                f"{model}: ONNX Runtime cannot load this graph ({first_line(error)}); "
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
        return next((name for name, full in ORT_NAMES.items() if full == first), first)

    def require_provider(self) -> None:
        """Compare the provider that runs with the one asked for; call it after a first run.

        ``get_available_providers`` lists what was compiled in, also when its libraries are absent,
        and a provider that has started may still leave every node to another one.

        Raises:
            ProviderError: another one runs.
        """
        if self.provider != self._requested:
            raise ProviderError(
                f"provider {self._requested!r} was asked for but the model runs on "
                f"{self.provider!r}: ONNX Runtime could not load the libraries of the GPU; check "
                "driver, CUDA and TensorRT versions, or set scoring.provider to 'cpu'"
            )
        takers = self._takers()
        if takers and ORT_NAMES[self._requested] not in takers:
            raise ProviderError(
                f"provider {self._requested!r} has started but took no part of the "
                f"graph; it runs on {', '.join(sorted(takers))}"
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
            raise ScoringError(f"ONNX Runtime failed: {first_line(error)}") from error
        return {name: np.asarray(value) for name, value in zip(names, values, strict=True)}

    def _takers(self) -> set[str]:
        """Names of the providers that nodes were assigned to; empty where it is not told."""
        if not hasattr(self._session, "get_provider_graph_assignment_info"):
            return set()  # before ONNX Runtime 1.24
        return {part.ep_name for part in self._session.get_provider_graph_assignment_info()}


def _choose(ort: Any, rung: Rung, options: Options, session_options: Any) -> list[Any] | None:
    """Check that the provider is offered.

    Returns:
        The providers for the session, best first; None for a plugin, which is named in the
        session's options and gets the CPU beside it by itself.
    """
    if rung.provider == "tensorrt-rtx":
        session_options.add_provider_for_devices(rtx_devices(ort)[:1], options)
        return None
    offered = ort.get_available_providers()
    wanted = ORT_NAMES[rung.provider]
    if wanted not in offered:
        raise ProviderError(
            f"provider {rung.provider!r}: the installed ONNX Runtime "
            f"{ort.__version__} has no {wanted} (it has {', '.join(offered)}); "
            f"{INSTALL[rung.provider]}, or set scoring.provider to 'cpu'"
        )
    helpers = [ORT_NAMES[name] for name in HELPERS[rung.provider]]
    return [(wanted, options), *(name for name in helpers if name in offered)]


def _port(node: Any) -> Port:
    shape = tuple(size if isinstance(size, int) else None for size in node.shape)
    return Port(name=node.name, element=node.type, shape=shape)
