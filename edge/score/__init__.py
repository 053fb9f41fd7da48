"""From a tracked face to a pain score, through a verified model bundle and ONNX Runtime."""

from edge.score.builtin import builtin_bundle_dir
from edge.score.scorer import Scorer

__all__ = ["Scorer", "builtin_bundle_dir"]
