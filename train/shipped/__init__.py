"""Checkpoints of the models that ship: to go on from, to teach with, to look into."""

from train.shipped.find import checkpoint_folder, checkpoint_name, is_shipped, shipped_names

__all__ = ["checkpoint_folder", "checkpoint_name", "is_shipped", "shipped_names"]
