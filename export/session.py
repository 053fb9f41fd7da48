"""Runs an exported graph; the export room's own small door to ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pain.errors import ExportError

Arrays = dict[str, npt.NDArray[Any]]


def open_session(
    graph: Path | bytes,
    *,
    providers: Sequence[str] = ("CPUExecutionProvider",),
    threads: int | None = None,
) -> Any:
    """Load a graph.

    Args:
        graph: the file, or its content.
        providers: as ONNX Runtime names them, best first.
        threads: of the processor; one per core when None.

    Raises:
        ExportError: ONNX Runtime does not take it.
    """
    # Linux wheels from 1.29 send usage metrics unless this is set before the import.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    source = graph if isinstance(graph, bytes) else str(graph)
    try:
        return ort.InferenceSession(source, options, providers=list(providers))
    except Exception as error:  # its exceptions share no base class of their own
        raise _refused(graph, error) from error


def run_graph(
    graph: Path | bytes,
    inputs: Mapping[Any, npt.NDArray[Any]],
    *,
    batch: int = 64,
    providers: Sequence[str] = ("CPUExecutionProvider",),
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Arrays:
    """Run an ONNX graph over faces.

    Args:
        graph: the file, or its content.
        inputs: by name, each with a leading axis of the same length N >= 1; those that the graph
            does not take are left aside.
        batch: faces at once.
        providers: as ONNX Runtime names them, best first.
        on_done: told how many faces are done, and of how many.

    Returns:
        Outputs by name, each of length N.

    Raises:
        ExportError: ONNX Runtime does not take the graph, or fails on these inputs.
    """
    session = open_session(graph, providers=providers)
    feeds = {port.name: inputs[port.name] for port in session.get_inputs()}
    names = [port.name for port in session.get_outputs()]
    total = len(next(iter(feeds.values())))
    parts: list[list[npt.NDArray[Any]]] = []
    for start in range(0, total, batch):
        shown = {name: values[start : start + batch] for name, values in feeds.items()}
        try:
            parts.append(session.run(names, shown))
        except Exception as error:
            raise _refused(graph, error) from error
        on_done(min(start + batch, total), total)
    return {
        name: np.concatenate([part[column] for part in parts]) for column, name in enumerate(names)
    }


def _refused(graph: Path | bytes, error: Exception) -> ExportError:
    name = "the graph" if isinstance(graph, bytes) else graph.name
    return ExportError(f"{name}: ONNX Runtime does not run it: {str(error).splitlines()[0]}")
