"""Training faces varied: what tracker and camera do to the same expression."""
