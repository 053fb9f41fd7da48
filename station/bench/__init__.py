"""Measures the station under the load of a large site."""
