"""What turns features into an objective's outputs."""

from train.heads.contrast import Contrast
from train.heads.head import Head, Standardise, make_head
from train.heads.thesis import THESIS_HIDDEN, hidden_after

__all__ = ["THESIS_HIDDEN", "Contrast", "Head", "Standardise", "hidden_after", "make_head"]
