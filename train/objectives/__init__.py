"""Losses by name, and what a network's outputs mean under each."""

from train.objectives.make import make_objective, objective_names
from train.objectives.objective import Decoded, Objective, has_pain, nearest_level
from train.objectives.task import Task

__all__ = [
    "Decoded",
    "Objective",
    "Task",
    "has_pain",
    "make_objective",
    "nearest_level",
    "objective_names",
]
