"""An experiment as one YAML file: read, checked, and every mistake told with its line."""

from train.experiment.load import load_experiment
from train.experiment.schema import Experiment, SplitBy, View

__all__ = ["Experiment", "SplitBy", "View", "load_experiment"]
