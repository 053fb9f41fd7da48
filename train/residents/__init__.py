"""Synthetic residents: elderly faces whose action units are known exactly."""
