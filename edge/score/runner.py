"""What every way to run a model bundle's graph has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One input or output of a graph.

    Attributes:
        name: its name.
        element: its type in ONNX Runtime's words, e.g. ``tensor(float)``.
        shape: sizes; None where the size is free.
    """

    name: str
    element: str
    shape: tuple[int | None, ...]


class Runner(Protocol):
    """A graph that is loaded and can be run."""

    @property
    def provider(self) -> str:
        """Name, as in the config, of what runs the graph."""
        ...

    @property
    def inputs(self) -> tuple[Port, ...]:
        """The graph's inputs."""
        ...

    @property
    def outputs(self) -> tuple[Port, ...]:
        """The graph's outputs."""
        ...

    def require_provider(self) -> None:
        """Compare the provider that runs with the one asked for; call it after a first run.

        Raises:
            ProviderError: another one runs.
        """
        ...

    def run(self, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        """Run the graph once.

        Args:
            feeds: arrays by input name, each with a leading batch axis of the same length.

        Returns:
            Arrays by output name.

        Raises:
            ScoringError: it failed.
        """
        ...


def first_line(error: Exception) -> str:
    """Shortest useful words of a native library's error."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
