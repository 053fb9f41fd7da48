"""Heads over the frames of a clip: pain lasts, a blink does not."""

from train.temporal.base import State, TemporalHead
from train.temporal.gru import GruHead
from train.temporal.resample import Ticks, resample
from train.temporal.tcn import TcnHead

__all__ = ["GruHead", "State", "TcnHead", "TemporalHead", "Ticks", "resample"]
