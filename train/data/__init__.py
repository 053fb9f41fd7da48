"""Real and synthetic data sets behind one type of sample."""

from pain.errors import DataError
from train.data.open import DatasetKind, open_dataset
from train.data.reading import RatingScale, Reading
from train.data.sample import Dataset, Demographics, Half, Origin, Sample

__all__ = [
    "DataError",
    "Dataset",
    "DatasetKind",
    "Demographics",
    "Half",
    "Origin",
    "RatingScale",
    "Reading",
    "Sample",
    "open_dataset",
]
