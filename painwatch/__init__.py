"""The front door: one command that opens the rooms pain, train, export, edge and station."""

from importlib.metadata import version

__version__ = version("painwatch")
