"""Runs as tables and pictures that people can read and compare."""
