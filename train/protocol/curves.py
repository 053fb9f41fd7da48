"""Learning curves for TensorBoard, always, and for Weights & Biases where its variables are set."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from train.ctrl_c import ctrl_c_waits
from train.experiment.schema import Experiment
from train.loop.epoch import Epoch

_WANDB: Final = "WANDB_"
_PROJECT: Final = "painwatch"


class Curves:
    """Writes scalars while a run lasts; a context manager.

    Args:
        folder: of the TensorBoard files.
        run: the run's folder; offline files of W&B go there too.
        name: of the run.
        config: the experiment, for W&B's table.
    """

    def __init__(self, folder: Path, *, run: Path, name: str, config: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        with ctrl_c_waits():
            self._board = SummaryWriter(log_dir=str(folder))
        self._wandb = _start_wandb(run, name, config) if _wandb_is_wanted() else None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Write what is still in memory."""
        with ctrl_c_waits():
            self._board.close()
        if self._wandb is not None:
            self._wandb.finish()

    def epoch(self, group: str, epoch: Epoch) -> None:
        """Losses of one epoch.

        Args:
            group: e.g. ``fold-2``.
            epoch: of that fold.
        """
        losses = {"train_loss": epoch.train_loss, "validation_loss": epoch.validation_loss}
        for name, loss in losses.items():
            self._board.add_scalar(f"{group}/{name}", loss, epoch.number)
        if self._wandb is not None:
            tagged = {f"{group}/{name}": loss for name, loss in losses.items()}
            self._wandb.log({**tagged, f"{group}/epoch": epoch.number})


@contextmanager
def open_curves(experiment: Experiment, run: Path, *, wanted: bool) -> Iterator[Curves | None]:
    """Curves of a run, or None on the devices that write none."""
    if not wanted:
        yield None
        return
    elsewhere, name = experiment.logging.tensorboard, str(experiment.name)
    with Curves(
        elsewhere / name if elsewhere is not None else run / "tensorboard",
        run=run,
        name=name,
        config=experiment.model_dump(mode="json"),
    ) as curves:
        yield curves


def _wandb_is_wanted() -> bool:
    return any(name.startswith(_WANDB) for name in os.environ)


def _start_wandb(run: Path, name: str, config: Mapping[str, Any]) -> Any:
    """Begin a run of W&B; without a key nothing is sent, whatever else is set."""
    import wandb

    keyed = "WANDB_API_KEY" in os.environ
    return wandb.init(
        project=os.environ.get("WANDB_PROJECT", _PROJECT),
        name=name,
        config=dict(config),
        dir=str(run),
        mode=None if keyed or "WANDB_MODE" in os.environ else "offline",
    )
