"""Holds exported graphs against their checkpoint on real tracked faces."""
