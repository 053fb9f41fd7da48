"""Clips through the daemon's own tracker, smoothing and alarms: what people would be told."""
