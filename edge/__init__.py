"""The camera daemon: capture, track, score, smooth, alarm, publish."""
