"""Figures of bundles on people that they never saw."""
