"""From scores of single frames to a level that people can act on."""

from edge.smooth.smoother import Smoother

__all__ = ["Smoother"]
