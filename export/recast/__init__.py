"""Graphs of older bundles, written so that TensorRT can read them."""
