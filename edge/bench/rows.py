"""Benchmark rows of the edge; written as all rooms write them."""

from pain.rows import Row, write_rows

__all__ = ["Row", "write_rows"]
