"""Benchmarks of the edge: rows with commit and device, ratios within one run."""
