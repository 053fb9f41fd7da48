"""What happens to a picture or to landmarks before a network sees them."""

from train.preprocess.flip import (
    draw_flips,
    flip_blendshapes,
    flip_inputs,
    flip_landmarks,
    flip_pictures,
)
from train.preprocess.graph import CENTRE_PX, FACENET, IMAGENET, PixelScale, Preprocess
from train.preprocess.picture import thesis_picture

__all__ = [
    "CENTRE_PX",
    "FACENET",
    "IMAGENET",
    "PixelScale",
    "Preprocess",
    "draw_flips",
    "flip_blendshapes",
    "flip_inputs",
    "flip_landmarks",
    "flip_pictures",
    "thesis_picture",
]
