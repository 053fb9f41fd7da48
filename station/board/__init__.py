"""The board in the browser."""

from station.board.serve import serve

__all__ = ["serve"]
