"""Trainings whose network is fed clips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from train.loop.epoch import Epoch
from train.loop.resume import Resume
from train.protocol.fold import Scores, Trained
from train.protocol.material import Rows
from train.protocol.training import Bench
from train.temporal.clips import Clip
from train.temporal.fold import score_clips, train_clip_network
from train.temporal.network import ClipNet


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipBench(Bench[ClipNet]):
    """Trains on pieces of clips and scores whole ones, frame after frame.

    Attributes:
        clips: all faces, clip by clip.
    """

    clips: tuple[Clip, ...]

    def learn(
        self,
        train: Rows,
        validation: Rows,
        *,
        seed: int,
        resume: Resume,
        on_epoch: Callable[[Epoch], None],
    ) -> Trained[ClipNet]:
        """See ``train_clip_network``."""
        return train_clip_network(
            self.material,
            self.clips,
            train,
            validation,
            seed=seed,
            resume=resume,
            on_epoch=on_epoch,
        )

    def score(self, outcome: Trained[ClipNet], rows: Rows) -> Scores:
        """See ``score_clips``."""
        return score_clips(self.material, self.clips, outcome.network, outcome.calibration, rows)
